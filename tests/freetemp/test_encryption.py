"""WiFi passwords at rest: encrypted, and nowhere else."""

import base64
import secrets

import pytest
from django.core import serializers
from django.db import connection

from firmware.models import WiFiNetwork
from freetemp.encryption import NO_KEY, EncryptionError, decrypt, encrypt, rotate
from tests.firmware.conftest import make_network


def new_key():
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


@pytest.mark.sqlite_only
@pytest.mark.parametrize("text", ["correct horse", "ü€", "x" * 64, " spaces "])
def test_what_was_encrypted_is_read_again_and_looks_otherwise_each_time(text):
    tokens = {encrypt(text), encrypt(text)}
    assert len(tokens) == 2
    assert {decrypt(token) for token in tokens} == {text}
    assert not any(text.strip() in token for token in tokens)


@pytest.mark.sqlite_only
def test_a_token_that_was_changed_in_one_place_is_refused():
    token = encrypt("correct horse")
    changed = token[:40] + ("A" if token[40] != "A" else "B") + token[41:]
    with pytest.raises(EncryptionError, match="a key that ENCRYPTION_KEYS does not hold"):
        decrypt(changed)


@pytest.mark.sqlite_only
def test_every_key_decrypts_and_the_first_encrypts(settings):
    old, new = new_key(), new_key()
    settings.ENCRYPTION_KEYS = [old]
    token = encrypt("correct horse")
    settings.ENCRYPTION_KEYS = [new, old]
    assert decrypt(token) == "correct horse"
    rotated = rotate(token)
    settings.ENCRYPTION_KEYS = [new]
    assert decrypt(rotated) == "correct horse"
    with pytest.raises(EncryptionError):
        decrypt(token)


@pytest.mark.sqlite_only
def test_without_a_key_the_sentence_says_what_to_set(settings):
    settings.ENCRYPTION_KEYS = []
    for job in (encrypt, decrypt, rotate):
        with pytest.raises(EncryptionError) as error:
            job("x")
        assert str(error.value) == NO_KEY


@pytest.mark.django_db
def test_no_table_of_the_database_holds_a_password():
    make_network(password="correct horse")
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            assert "correct horse" not in str(cursor.fetchall()), table


@pytest.mark.django_db
def test_nothing_that_is_made_of_a_network_holds_its_password():
    network = make_network(password="correct horse")
    network.refresh_from_db()
    shown = [repr(network), str(network), repr(vars(network)), serializers.serialize("json", WiFiNetwork.objects.all())]
    assert not any("correct horse" in text for text in shown)
    assert network.password() == "correct horse"


@pytest.mark.django_db
def test_an_open_network_needs_no_key(settings):
    settings.ENCRYPTION_KEYS = []
    network = make_network(password="")
    assert network.is_open
    assert network.password() == ""
