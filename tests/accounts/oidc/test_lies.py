"""A provider that lies, in tokens that it has signed and of itself: a sentence, and nobody comes in."""

import json
import time
from base64 import urlsafe_b64encode
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from django.contrib.auth.models import User

from tests.accounts.conftest import is_in
from tests.accounts.oidc.conftest import CALLBACK, LOGIN
from tests.accounts.oidc.test_failures import KEYS

pytestmark = pytest.mark.django_db

RSA = jwt.algorithms.RSAAlgorithm
PUBLIC = RSA.to_jwk(KEYS["its own"].public_key(), as_dict=True) | {"kid": "1"}
PRIVATE = RSA.to_jwk(KEYS["its own"], as_dict=True) | {"kid": "1"}
HALF = '"\\ud800"'  # Half of a sign: JSON may have it, and no database and no digest takes it.


def signed(claims, head):
    """Sign a text that need not be what a library would write."""
    parts = ".".join(map(encoded, ((json.dumps({"alg": "RS256", "kid": "1"} | head)).encode(), claims.encode())))
    return f"{parts}.{encoded(RSA(RSA.SHA256).sign(parts.encode(), KEYS['its own']))}"


def encoded(sent):
    return urlsafe_b64encode(sent).decode().rstrip("=")


def come(provider, comer, also="", head=(), key=PUBLIC, address=LOGIN):
    """Come back from a provider that sends a teacher's token, with another text in it, and has this key."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(comer.begin(address)).query).items()}
    now = int(time.time())
    claims = {"iss": provider.url, "sub": "anna", "aud": "freetemp", "iat": now, "exp": now + 60}
    text = json.dumps(claims | {"nonce": asked["nonce"], "groups": ["teachers"]})[:-1] + f"{also}}}"
    provider.tell({}, **{"/jwks": {"keys": [key]}, "/oauth2/token": {"id_token": signed(text, dict(head))}})
    return comer.get(CALLBACK, {"state": asked["state"], "code": "x"})


@pytest.mark.parametrize(
    "lie",
    [
        *(f', "{name}": {value}' for name in ("exp", "iat") for value in ("1e999", "NaN", "[1]", "9" * 6000)),
        f', "nonce": {HALF}',
        ', "nonce": []',
        f', "sub": {HALF}',
        ', "sub": ""',
        f', "sub": "{"x" * 256}"',
        ', "azp": ["freetemp"]',
        ', "aud": {}',
        f', "x": {"[" * 100_000}{"]" * 100_000}',
    ],
    ids=lambda lie: lie[:24],
)
def test_a_token_that_is_signed_and_of_nobody_is_a_sentence(provider, comer, teachers, lie):
    assert come(provider, comer, lie).status_code == 503
    assert not is_in(comer)
    assert not User.objects.exists()


@pytest.mark.parametrize("email", [HALF, '"a@b\\ud800c.de"', '"a@b.de\\u0000"', "[]", "7"])
def test_an_address_that_is_none_is_left_out(provider, comer, teachers, email):
    assert come(provider, comer, f', "email": {email}').status_code == 302
    assert User.objects.get().email == ""


@pytest.mark.parametrize(
    "key",
    [PUBLIC | {"alg": "ES256"}, PRIVATE, {"kty": "oct", "k": "YWJj", "kid": "1"}],
    ids=["of another kind", "private", "shared"],
)
def test_a_key_that_is_no_public_one_of_its_kind_is_not_used(provider, comer, teachers, key):
    assert come(provider, comer, key=key).status_code == 503
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "head", [{"alg": "HS256"}, {"alg": "none"}, {"alg": 7}, {"kid": 7}, {"crit": ["b64"]}], ids=str
)
def test_a_head_that_asks_for_something_else_is_refused(provider, comer, teachers, head):
    assert come(provider, comer, head=head).status_code == 503


@pytest.mark.parametrize(
    "address",
    ["https://[", "https://", "https://x.example/\nFAKE LINE", "http://127.0.0.1:1/\ud800", "https://ü.example"],
)
def test_an_address_that_is_none_is_not_gone_to_and_begins_no_line_in_the_log(provider, comer, address, caplog):
    for name in ("authorization_endpoint", "token_endpoint"):
        provider.tell({name: address})
        assert comer.post(LOGIN).status_code == 503
    assert "FAKE" not in caplog.text
