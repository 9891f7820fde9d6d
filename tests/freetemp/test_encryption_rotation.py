"""Replacing the key that encrypts secrets: all of them change, or none."""

import os
import shutil
import signal
import sys

import pytest
from django.core.management import CommandError, call_command

from firmware.models import WiFiNetwork
from freetemp.encryption import NO_KEY
from freetemp.management.commands import rotate_encryption_key
from tests import preloaded
from tests.firmware.conftest import make_network
from tests.freetemp.conf.test_environment import STRONG
from tests.freetemp.test_encryption import new_key
from tests.migrated import migrated_file

PASSWORDS = {f"School {n}": f"password number {n}" for n in range(10)}


def passwords():
    return {network.ssid: network.password() for network in WiFiNetwork.objects.all()}


def tokens():
    return list(WiFiNetwork.objects.order_by("pk").values_list("encrypted_password", flat=True))


@pytest.fixture
def keys(db, settings):
    """An old key that encrypted ten passwords, and a new one in front of it."""
    old, new = new_key(), new_key()
    settings.ENCRYPTION_KEYS = [old]
    for ssid, password in PASSWORDS.items():
        make_network(ssid, password)
    make_network("Guests", "")
    settings.ENCRYPTION_KEYS = [new, old]
    return old, new


def test_after_it_the_old_key_can_go(keys, settings, capsys):
    old, new = keys
    call_command("rotate_encryption_key")
    assert "All secrets are encrypted with the first key now: 10 of WiFi networks" in capsys.readouterr().out
    settings.ENCRYPTION_KEYS = [new]
    assert passwords() == PASSWORDS | {"Guests": ""}
    settings.ENCRYPTION_KEYS = [old]
    assert all(network.trouble for network in WiFiNetwork.objects.exclude(ssid="Guests"))


def test_it_does_no_harm_to_run_it_again(keys):
    call_command("rotate_encryption_key")
    call_command("rotate_encryption_key")
    assert passwords() == PASSWORDS | {"Guests": ""}


def test_a_password_that_no_key_decrypts_is_named_and_nothing_is_changed(keys, settings):
    both = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = [new_key()]
    make_network("Lost")
    settings.ENCRYPTION_KEYS = both
    before = tokens()
    with pytest.raises(CommandError, match=r"Nothing was changed: no key .* decrypts the secret of WiFi network Lost"):
        call_command("rotate_encryption_key")
    assert tokens() == before


def test_interrupted_at_any_password_it_has_changed_none(keys, monkeypatch):
    before = tokens()
    for stop_at in range(10):
        monkeypatch.setattr(rotate_encryption_key, "rotate", _until(stop_at))
        with pytest.raises(KeyboardInterrupt):
            call_command("rotate_encryption_key")
        assert tokens() == before


def _until(stop_at):
    rotated = []

    def rotate(token):
        if len(rotated) == stop_at:
            raise KeyboardInterrupt
        rotated.append(token)
        return f"changed {len(rotated)}"

    return rotate


TEN_PASSWORDS = """
import django
django.setup()
from tests.firmware.conftest import make_network
for n in range(10):
    make_network(str(n), f"password {n}")
"""
KILLED_HALFWAY = """
import os, signal, django
django.setup()
from django.core.management import call_command
from freetemp.management.commands import rotate_encryption_key as command
whole, done = command.rotate, []
def rotate(token):
    if len(done) == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    done.append(token)
    return whole(token)
command.rotate = rotate
call_command("rotate_encryption_key")
"""
READ = """
import django
django.setup()
from firmware.models import WiFiNetwork
print([network.password() for network in WiFiNetwork.objects.order_by("pk")])
"""


@pytest.mark.sqlite_only
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_killed_halfway_it_has_changed_none(tmp_path, tmp_path_factory):
    shutil.copy(migrated_file(tmp_path_factory), tmp_path / "db.sqlite3")
    old = new_key()
    own = {"SECRET_KEY": STRONG, "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3", "VAR_DIR": str(tmp_path)}

    def python(program, keys):
        environment = os.environ | own | {"DJANGO_SETTINGS_MODULE": "freetemp.settings", "ENCRYPTION_KEYS": keys}
        return preloaded.run(["-c", program], environment)

    assert python(TEN_PASSWORDS, old).returncode == 0
    assert python(KILLED_HALFWAY, f"{new_key()},{old}").returncode == -signal.SIGKILL
    assert python(READ, old).stdout.strip() == str([f"password {n}" for n in range(10)])


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("number", "sentence"), [(0, NO_KEY), (1, "put a new one and a comma in front of it")])
def test_without_a_new_key_it_says_what_to_do(settings, number, sentence):
    settings.ENCRYPTION_KEYS = [new_key() for _ in range(number)]
    with pytest.raises(CommandError) as error:
        call_command("rotate_encryption_key")
    assert sentence in str(error.value)
