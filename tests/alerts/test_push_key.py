"""The key by which push services know this server: made once, and kept encrypted."""

from io import StringIO

import pytest
from django.core.management import call_command

from alerts.models import PushKey
from tests.alerts.conftest import NOON
from tests.freetemp.test_encryption import new_key

pytestmark = pytest.mark.django_db


def made():
    output = StringIO()
    call_command("make_push_key", stdout=output)
    return output.getvalue()


def test_it_is_made_once():
    assert made() == made() == ""
    key = PushKey.objects.get()
    assert len(key.public_key) == 87
    assert key.private_key() not in f"{key.__dict__} {key}"


def test_it_goes_along_when_secrets_are_encrypted_anew(settings):
    key = PushKey.objects.make(NOON)
    private, old = key.private_key(), key.encrypted_private_key
    settings.ENCRYPTION_KEYS = [new_key(), *settings.ENCRYPTION_KEYS]
    call_command("rotate_encryption_key", stdout=StringIO())
    settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS[:1]
    key.refresh_from_db()
    assert (key.private_key(), key.encrypted_private_key != old) == (private, True)


def test_one_that_cannot_be_read_is_kept_beside_a_new_one(settings):
    old = PushKey.objects.make(NOON)
    keys, settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS, [new_key()]
    made()
    new = PushKey.objects.usable()
    assert new != old
    settings.ENCRYPTION_KEYS = [*settings.ENCRYPTION_KEYS, *keys]
    assert PushKey.objects.usable() == new
    assert old.private_key()


def test_without_a_key_to_encrypt_it_none_is_made(settings):
    settings.ENCRYPTION_KEYS = []
    assert "ENCRYPTION_KEYS" in made()
    assert not PushKey.objects.exists()
