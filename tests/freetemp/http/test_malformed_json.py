"""Every address of the API answers a body that it cannot read with 400 and a sentence, now and in future."""

import base64

import pytest

from firmware.models import FlashToken
from tests.addresses import addresses
from tests.conftest import MAC
from tests.firmware.ready import give_wifi

pytestmark = pytest.mark.django_db

API = [(method, each) for each in addresses() if each.path.startswith("/api/") for method in ("post", "put", "patch")]
TAKEN = [(method, each) for method, each in API if method in each.methods]

UNREADABLE = {
    "no JSON": b"{",
    "not UTF-8": b'{"mac": "\xff"}',
    "UTF-16": '{"mac": "6c:ef:7f:3b:9d:e8"}'.encode("utf-16"),
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"mac":' * 20_000,
    "half a character": b'{"mac": "\\ud800"}',
    "half a character as a name": b'{"\\udfff": 1}',
    "NaN": b'{"mac": NaN, "server_url": NaN, "readings": [{"field": 1, "value": NaN, "at": 1}]}',
    "many digits": b'{"mac": ' + b"9" * 5_000 + b"}",
    "a list": b"[]",
    "a number": b"7",
    "a string": b'"mac"',
    "null": b"null",
    "objects for words": b'{"mac": {}, "server_url": {}, "readings": {}}',
    "lists for words": b'{"mac": [], "server_url": [], "readings": 1}',
    "NUL": b'{"mac": "\\u0000", "server_url": "\\u0000", "readings": "\\u0000"}',
}


def test_there_are_addresses_that_take_json():
    known = {"/api/v1/flash/mac/", "/api/v1/flash/bundle/", "/api/v1/readings/"}
    assert {each.path for _, each in TAKEN} == known, "a new one needs its way in: see send()"


@pytest.fixture
def send(client, station, key, settings):
    settings.SERVER_URL = "http://192.168.1.5:8000"
    give_wifi(station)
    token = FlashToken.objects.make(station)
    basic = base64.b64encode(f"{MAC.replace(':', '')}:{key}".encode()).decode()

    def send(method, path, body):
        proof = f"Bearer {token}" if "/flash/" in path else f"Basic {basic}"
        return client.generic(method.upper(), path, body, content_type="application/json", HTTP_AUTHORIZATION=proof)

    return send


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_a_body_that_cannot_be_read_is_a_400_with_a_sentence(send, body):
    for method, address in TAKEN:
        answer = send(method, address.path, body)
        assert answer.status_code == 400, (address.path, answer.content)
        said = answer.json().values() if answer["Content-Type"] == "application/json" else [answer.content.decode()]
        assert all(len(str(each)) > 15 for each in said), (address.path, said)


def test_the_other_addresses_fail_at_no_body_either(send):
    for method, address in API:
        for name in ("no JSON", "deep lists", "half a character"):
            assert send(method, address.path, UNREADABLE[name]).status_code < 500, (method, address.path)
