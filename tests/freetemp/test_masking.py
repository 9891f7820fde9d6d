"""A station's key travels in a URL, and URLs reach every log."""

import io
import logging
import logging.config
import sys
from random import Random
from urllib.parse import unquote

import pytest
from django.conf import settings as configured
from hypothesis import given
from hypothesis import strategies as st

from freetemp.masking import MaskKeys, mask_keys
from tests.freetemp.conf.test_environment import STRONG, manage
from tests.fuzz.examples import examples

KEY = "0123456789abcdef0123456789abcdef"
URL = f"/update/API_key={KEY}/mac=6c:ef:7f:3b:9d:e8/field=1/data=21.4"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"GET {URL} 200", "GET /update/API_key=***/mac=6c:ef:7f:3b:9d:e8/field=1/data=21.4 200"),
        (f"/update/api_KEY={KEY}/mac", "/update/api_KEY=***/mac"),
        (f"/update/API_key%3D{KEY}/mac", "/update/API_key%3D***/mac"),
        (f"%2Fupdate%2FAPI_key%3d{KEY}%2fmac%3D6c", "%2Fupdate%2FAPI_key%3d***%2fmac%3D6c"),
        (f"'/update/API_key={KEY}'", "'/update/API_key=***'"),
        (f'"/update/API_key={KEY}" 404', '"/update/API_key=***" 404'),
        (f"b'API_key={KEY}'", "b'API_key=***'"),
        (f"API_key={KEY}", "API_key=***"),
        (f"API_key=a%20{KEY}/mac", "API_key=***/mac"),
        (f"API_key={KEY}/x API_key={KEY[::-1]}/y", "API_key=***/x API_key=***/y"),
        ("API_key=/mac=6c", "API_key=/mac=6c"),
        (f"/update/API_key='{KEY}'/mac=6c", "/update/API_key='***'/mac=6c"),
        (f'API_key="{KEY}"', 'API_key="***"'),
        ("'Authorization Basic NmNlZjdmM2I5ZGU4OmFkMjI0YmFh'", "'Authorization Basic ***'"),
        ("Authorization Bearer 1234567890abcdef1234567890abcdef", "Authorization Bearer ***"),
        (f"/update/API%5Fkey={KEY}/mac=6c", "/update/API%5Fkey=***/mac=6c"),
        ("/update/%41PI_ke%79=hunter22/mac=6c", "/update/%41PI_ke%79=***/mac=6c"),
        ("/update/key=hunter22/mac=6c/data=1", "/update/key=***/mac=6c/data=1"),
        ("/update/API-key=hunter22/mac=6c", "/update/API-key=***/mac=6c"),
        ("/update/API_key:hunter22/mac=6c", "/update/API_key:***/mac=6c"),
        ("/update/API_key=/hunter22/mac=6c", "/update/API_key=/***/mac=6c"),
        ("/update/API_key/hunter22/field/1", "/update/API_key/***/field/***"),
        ("/update/hunter22/6c:ef:7f:3b:9d:e8/1/2", "/update/***/***/***/***"),
        ("//Update?mac=6c&api_key=hunter22 HTTP/1.1", "//Update?mac=6c&api_key=*** HTTP/1.1"),
        ("API_key=hunter 22/mac=6c", "API_key=***/mac=6c"),
        (f"GET /{KEY}/1/2", "GET /***/1/2"),
        (f"GET /stations/?q={KEY[:24]}", "GET /stations/?q=***"),
        ("X-API-Key: hunter22", "X-API-Key: ***"),
        ("http://6cef7f3b9de8:hunter22@pi/api/v1/readings/", "http://6cef7f3b9de8:***@pi/api/v1/readings/"),
        (f"/api/v1/flash/image/{KEY * 2}/", f"/api/v1/flash/image/{KEY * 2}/"),
        ("/api/v1/flash/reported/?key_id=7", "/api/v1/flash/reported/?key_id=7"),
        ("monkey=banana KeyError: 'x'", "monkey=banana KeyError: 'x'"),
        ("/update/mac=6c%3Aef%3A7f/field=1/data=-21.4e1", "/update/mac=6c%3Aef%3A7f/field=1/data=-21.4e1"),
        (
            "GET /eingabe_pruefung.php?val=hunter22;x;28.11.2026;01:24;0.4 HTTP/1.1",
            "GET /eingabe_pruefung.php?***;***;***;***;*** HTTP/1.1",
        ),
        (
            "GET /weatherstation/updateweatherstation.php?action=updateraw&ID=hunter22&PASSWORD=hunter%2022&tempf=32.7",
            "GET /weatherstation/updateweatherstation.php?action=updateraw&***&PASSWORD=***&tempf=32.7",
        ),
        (
            "/weatherstation/updateweatherstation.phpID=hunter22&PASSWORD=h/unter22&dateutc=2026-11-28%2001%3A24%3A20",
            "/weatherstation/updateweatherstation.php***&PASSWORD=***&dateutc=2026-11-28%2001%3A24%3A20",
        ),
        (
            "/automaticreading?siteid=12&siteAuthenticationKey=1234&x=1",
            "/automaticreading?siteid=***&siteAuthenticationKey=***&***",
        ),
        ("/in/hunter22/data/report/ HTTP/1.1", "/in/***/data/report/ HTTP/1.1"),
        ("//in//hunter%2022//update?field1=21.4", "//in//***//update?***"),
        ("GET /data/report/?stationtype=x&MAC=AA:BB&tempf=50", "GET /data/report/?***&***&tempf=50"),
        ("GET /data/stationtype=AMB&PASSKEY=hunter22&tempf=50", "GET /data/***&PASSKEY=***&tempf=50"),
        ("PASSKEY=hunter22&stationtype=GW1000", "PASSKEY=***&stationtype=GW1000"),
        ("X-THINGSPEAKAPIKEY: hunter22", "X-THINGSPEAKAPIKEY: ***"),
        ("POST /update.json?field1=21.5&api_key=hunter22", "POST /update.json?***&api_key=***"),
        ("a basic idea", "a basic idea"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_a_key_is_masked_however_its_url_is_written(text, masked):
    assert mask_keys(text) == masked


ISSUED = st.text("0123456789abcdef", min_size=32, max_size=32)
CHOSEN = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~!*", min_size=8, max_size=40)
NAMES = st.sampled_from(["API_key", "api_key", "API-key", "apikey", "Api Key", "key", "KEY", "API.key", "X-API-Key"])
PATHS = st.sampled_from(
    [
        *("/update/{name}={key}/mac={mac}/field=1/data=21.4", "/update/{name}:{key}/mac={mac}/field=1/data=21.4"),
        *("/update/{name}=/{key}/mac={mac}/field=1/data=2", "/update/{name}/{key}/mac/{mac}/field/1/data/2"),
        *("/update/{key}/{mac}/1/2", "//Update/{mac}/{key}/1/2/", "/update/?{name}={key}&mac={mac}&field=1&data=2"),
        *("/update?mac={mac}&{name}={key}", "/weather/update/{key}", "/updates/{name}={name}={key}"),
        *("/update/mac={mac}/{name}='{key}'/field=1", "/up/{name}={key}/mac={mac}", "/?{name}={key}&field=1"),
    ]
)
LINES = st.sampled_from(
    [
        *('127.0.0.1 "GET {} HTTP/1.1" 403 22', '"GET / HTTP/1.1" 200 - "http://pi:8000{}" "curl"', "Not Found: {}"),
        *("Internal Server Error: {}", "ValueError: {!r} is none", "b'GET {} HTTP/1.1'", "{}"),
    ]
)


def encoded(text, seed):
    """Return the text with some of its characters percent-encoded, some twice, as a server may still read it."""
    ways = Random(seed).choices((0, 1, 2), weights=(3, 2, 1), k=len(text))
    return "".join(
        (char, f"%{ord(char):02x}", f"%25{ord(char):02X}")[way] for char, way in zip(text, ways, strict=True)
    )


def shown(line):
    """Return what a reader of a line can make of it."""
    return unquote(unquote(line)).lower()


@examples(400)
@given(st.one_of(ISSUED, CHOSEN), NAMES, PATHS, LINES, st.booleans(), st.integers(0))
def test_no_line_shows_a_key_of_a_known_form(key, name, path, line, is_encoded, seed):
    path = path.format(name=name, key=key, mac="6c:ef:7f:3b:9d:e8")
    path = encoded(path, seed) if is_encoded else path
    masked = mask_keys(line.format(path.replace(" ", "%20")))
    assert key.lower() not in shown(masked), masked
    assert key[8:].lower() not in shown(masked) or len(key) < 16, f"a part of it: {masked}"


@examples(100)
@given(ISSUED, st.booleans(), st.integers(0))
def test_a_key_is_known_by_its_shape_alone(key, is_upper, seed):
    key = key.upper() if is_upper else key
    assert key.lower() not in shown(mask_keys(f"GET /{encoded(key, seed)}/1/2?x={encoded(key, seed + 1)} {key}"))


@pytest.mark.parametrize("text", ["%25", "/update/", "a", "key=", "API_key ", "key=a", "%2525%6b", "0" * 63, "//x:y"])
def test_a_long_line_is_masked_in_one_go(text):
    mask_keys(text * 20_000)  # A pattern that tries every way would not come back.


@pytest.fixture
def logged():
    """A logger set up as in settings.LOGGING, and its output."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(MaskKeys())
    logger = logging.Logger("of this test")
    logger.addHandler(handler)
    return logger, written.getvalue


def test_messages_arguments_and_stacks_are_masked(logged):
    logger, written = logged
    logger.info("a message with %s and 100%%", URL)
    logger.info(f"a message with {URL} and 100%")
    logger.info("a %(method)s of %(url)s", {"method": "GET", "url": URL})
    logger.info("an object %r", {"path": URL})
    logger.info("with a stack", stack_info=True)
    assert written().count("***") >= 4
    assert KEY not in written()
    assert "and 100%" in written()


def test_tracebacks_are_masked(logged):
    logger, written = logged
    try:
        int(URL)
    except ValueError:
        logger.exception("it failed at %s", URL)
    assert "for int() with base 10: '/update/API_key=***/mac" in written()
    assert KEY not in written()


def test_a_stack_that_holds_a_url_is_masked():
    record = logging.LogRecord("x", logging.INFO, "x.py", 1, "a message", None, None, sinfo=f"Stack: {URL}")
    MaskKeys().filter(record)
    assert record.stack_info == f"Stack: {mask_keys(URL)}"


@pytest.mark.parametrize("arguments", [("one %s", "two"), ("%d", "no number"), ("%(name)s", {"other": 1})])
def test_a_log_call_with_wrong_arguments_fails_no_request_and_shows_no_key(logged, arguments, capsys):
    logger, written = logged
    message, argument = arguments
    logger.info(f"{URL} {message}", argument, *([URL] if argument == "two" else []))
    assert "***" in written()
    assert KEY not in written() + capsys.readouterr().err


@pytest.mark.parametrize(
    "name", ["django", "django.server", "django.request", "django.db.backends", "gunicorn.access", "any"]
)
def test_every_logger_of_the_server_writes_through_the_mask(name):
    program = f"import logging; logging.getLogger({name!r}).error('GET %s', {URL!r})"
    ran = manage("shell", "--verbosity=0", "--command", program, SECRET_KEY=STRONG)
    assert "API_key=***" in ran.stderr
    assert KEY not in ran.stderr + ran.stdout


def test_the_console_is_the_one_handler_and_it_masks():
    assert list(configured.LOGGING["handlers"]) == ["console"]
    assert configured.LOGGING["handlers"]["console"]["filters"] == ["one_line", "mask_keys"]
    assert sys.modules[MaskKeys.__module__].__name__ in configured.LOGGING["filters"]["mask_keys"]["()"]
