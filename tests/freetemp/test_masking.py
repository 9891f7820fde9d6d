"""A station's key travels in a URL, and URLs reach every log."""

import io
import logging
import logging.config
import sys

import pytest
from django.conf import settings as configured

from freetemp.masking import MaskKeys, mask_keys
from tests.freetemp.conf.test_environment import STRONG, manage

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
        ("a basic idea", "a basic idea"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_a_key_is_masked_however_its_url_is_written(text, masked):
    assert mask_keys(text) == masked


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
    assert configured.LOGGING["handlers"]["console"]["filters"] == ["mask_keys"]
    assert sys.modules[MaskKeys.__module__].__name__ in configured.LOGGING["filters"]["mask_keys"]["()"]
