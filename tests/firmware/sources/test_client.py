"""Each status and each size of answer of a server elsewhere, and an image that is kept for the next board."""

import hashlib
import json
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from firmware.sources import NoAnswerError, OtherBoardError, RemoteSource, SourceError
from firmware.sources.client import MOST_BYTES, TIMEOUT_S, JsonClient
from tests.firmware.ready import IMAGE, forget_images_of_elsewhere, images_of_elsewhere
from tests.firmware.sources.test_strange_answers import BUNDLE, FACTS, IMAGE_FACTS, OURS, TOKEN, answering

pytestmark = pytest.mark.sqlite_only

ELSEWHERE = {"Location": "https://new.example:8443/api/v1/flash/?token=no"}
MOVED = r"has moved: give --server https://new\.example:8443 instead\.$"
REFUSED = json.dumps({"detail": "No, since.", "code": "not_ready"}).encode()
OTHER = json.dumps({"detail": "It has another.", "code": "other_board"}).encode()
NOT_OURS = "is not a freetemp server: give --server the address"
STATUSES = {
    301: [(ELSEWHERE, b"", SourceError, MOVED)],
    302: [
        (ELSEWHERE, b"", SourceError, MOVED),
        ({"Location": "/login/"}, b"", SourceError, NOT_OURS),
        ({"Location": "http://[login/"}, b"", SourceError, NOT_OURS),
        ({}, b"", SourceError, NOT_OURS),
    ],
    303: [(ELSEWHERE, b"", SourceError, MOVED)],
    307: [(ELSEWHERE, b"", SourceError, MOVED)],
    308: [(ELSEWHERE, b"", SourceError, MOVED)],
    304: [({}, b"", SourceError, NOT_OURS)],
    400: [
        (
            {},
            b"<h1>Bad Request</h1>",
            SourceError,
            "is not a name that the server goes by: add it to ALLOWED_HOSTS there",
        ),
        ({}, b'{"mac": ["What?"]}', SourceError, r'does not understand this: {"mac": \["What\?"\]}\. Use the same'),
        ({}, b"[1]", SourceError, "add it to ALLOWED_HOSTS"),
    ],
    401: [({}, REFUSED, SourceError, r"^No, since\.$"), ({}, b"log in", SourceError, NOT_OURS)],
    403: [({}, REFUSED, SourceError, r"^No, since\.$"), ({}, b'{"error": 1}', SourceError, NOT_OURS)],
    404: [({}, REFUSED, SourceError, NOT_OURS)],
    409: [({}, REFUSED, SourceError, r"^No, since\.$"), ({}, OTHER, OtherBoardError, r"^It has another\.$")],
    418: [({}, REFUSED, SourceError, NOT_OURS)],
    429: [
        ({"Retry-After": "17"}, b"", SourceError, "Too many wrong tokens came from here: wait 17 s, then"),
        ({}, REFUSED, SourceError, "wait 60 s"),
    ],
    499: [({}, b"", SourceError, NOT_OURS)],
    500: [({}, REFUSED, NoAnswerError, r"failed \(status 500\): its log says why")],
    503: [({}, b"", NoAnswerError, r"failed \(status 503\)")],
}


def test_each_refusal_has_its_sentence_and_only_what_may_pass_is_asked_again():
    cases = [(status, *case) for status, cases in STATUSES.items() for case in cases]
    answers = {f"/{number}": (status, headers, body) for number, (status, headers, body, _, _) in enumerate(cases)}
    with answering(answers) as (url, _):
        for number, (status, _, _, error, sentence) in enumerate(cases):
            with pytest.raises(SourceError, match=sentence) as refused:
                JsonClient(url, TOKEN).ask(f"/{number}")
            assert type(refused.value) is error, status


def test_a_question_is_a_get_and_with_a_body_a_post_of_json():
    with answering({"/ask": (200, {}, b'{"fine": true}')}) as (url, asked):
        assert JsonClient(url, TOKEN).ask("/ask") == {"fine": True}
        assert JsonClient(url, TOKEN).ask("/ask", {}) == {"fine": True}
    assert asked == [("/ask", f"Bearer {TOKEN}")] * 2


def test_a_server_has_20_s_to_compile_a_board_s_modules():
    assert JsonClient("http://127.0.0.1:9", TOKEN).timeout_s == TIMEOUT_S == 20


def test_an_answer_of_4_mib_is_read_and_a_larger_one_is_not():
    whole = b'{"x": "' + b"x" * (MOST_BYTES - 9) + b'"}'
    answers = {"/whole": (200, {"Content-Length": str(MOST_BYTES)}, whole)}
    answers["/more"] = (200, {"Content-Length": str(MOST_BYTES + 1)}, whole + b" ")
    with answering(answers) as (url, _):
        assert len(JsonClient(url, TOKEN).ask("/whole")["x"]) == MOST_BYTES - 9
        with pytest.raises(NoAnswerError, match="cannot be reached"):
            JsonClient(url, TOKEN).ask("/more")


def image_of(content, size=None):
    sha256 = hashlib.sha256(content).hexdigest()
    facts = json.dumps({"sha256": sha256, "size": len(content) if size is None else size}).encode()
    return {IMAGE_FACTS: (200, {}, facts), f"{IMAGE_FACTS}{sha256}/": (200, {}, content)}


def test_an_image_is_fetched_once_and_again_where_what_was_kept_is_damaged():
    forget_images_of_elsewhere()
    with answering(image_of(IMAGE)) as (url, asked):
        source = RemoteSource(url, TOKEN)
        kept = source.image()
        assert source.image() == kept
        assert [path for path, _ in asked].count(IMAGE_FACTS) == 2
        assert len(asked) == 3
        kept.write_bytes(b"damaged")
        assert source.image().read_bytes() == IMAGE
        assert len(asked) == 5
    assert images_of_elsewhere() == [kept]
    assert kept == Path(django_settings.VAR_DIR, "firmware", "elsewhere", f"{hashlib.sha256(IMAGE).hexdigest()}.bin")


@pytest.mark.parametrize("size", [0, -1, MOST_BYTES + 1, "3", 3.0, None])
def test_an_image_of_no_size_or_of_too_much_is_not_asked_for(size):
    answers = image_of(b"abc", size)
    answers[IMAGE_FACTS] = (200, {}, json.dumps({"sha256": hashlib.sha256(b"abc").hexdigest(), "size": size}).encode())
    with answering(answers) as (url, asked):
        with pytest.raises(SourceError, match=NOT_OURS):
            RemoteSource(url, TOKEN).image()
        assert len(asked) == 1


def test_an_image_that_is_not_as_large_as_it_was_said_to_be_is_not_kept():
    forget_images_of_elsewhere()
    with answering(image_of(b"abcdef", 4)) as (url, _), pytest.raises(NoAnswerError, match="did not arrive whole"):
        RemoteSource(url, TOKEN).image()
    assert images_of_elsewhere() == []


@pytest.mark.parametrize("missing", ["id", "name", "mac", "simulated"])
def test_facts_of_which_one_is_missing_are_none(missing):
    facts = {"id": 1, "name": "Garden", "mac": None, "simulated": False}
    with answering({FACTS: (200, {}, json.dumps(facts).encode())}) as (url, _):
        told = RemoteSource(url, f" {TOKEN}\n").station()
        assert (told.id, told.name, told.mac, told.simulated) == (1, "Garden", None, False)
    del facts[missing]
    answers = OURS | {FACTS: (200, {}, json.dumps(facts).encode())}
    with answering(answers) as (url, _), pytest.raises(SourceError, match=NOT_OURS):
        RemoteSource(url, TOKEN).station()


@pytest.mark.parametrize(
    ("path", "is_a_boards"),
    [
        ("main.py", True),
        ("config.json", True),
        ("lib/sensors/dht22.mpy", True),
        ("lib/a_1.mpy", True),
        ("main.pyc", False),
        ("xmain.py/..", False),
        ("lib//x.py", False),
        ("./main.py", False),
        ("MAIN.py", False),
        ("main.py\n", False),
        ("", False),
    ],
)
def test_which_paths_are_those_of_a_board(path, is_a_boards):
    bundle = json.dumps({"key_id": 7, "files": {path: "YWJj"}}).encode()
    with answering({BUNDLE: (200, {}, bundle)}) as (url, _):
        if is_a_boards:
            taken = RemoteSource(url, TOKEN).bundle()
            assert (taken.key_id, taken.files) == (7, {path: b"abc"})
        else:
            with pytest.raises(SourceError, match=NOT_OURS):
                RemoteSource(url, TOKEN).bundle()


@pytest.mark.parametrize(
    ("server", "is_taken"),
    [
        ("http://192.168.1.5:8000", True),
        ("http://127.0.0.1:9", True),
        ("http://weather.local", True),
        ("https://freetemp.example", True),
        ("https://198.51.100.7", True),
        ("http://8.8.8.8", False),
    ],
)
def test_plain_http_is_for_the_network_at_home(server, is_taken):
    if is_taken:
        RemoteSource(server, TOKEN)
    else:
        with pytest.raises(SourceError, match="in plain text: use https:// instead"):
            RemoteSource(server, TOKEN)
