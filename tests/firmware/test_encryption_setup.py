"""The origin of ENCRYPTION_KEYS, and the sentence for a wrong one."""

import re
import stat
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

import bootstrap
from freetemp.conf import environment
from tests.freetemp.conf.test_environment import STRONG, manage
from tests.freetemp.test_encryption import new_key

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def env_file(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "ENV_FILE", tmp_path / ".env")
    monkeypatch.delenv("ENCRYPTION_KEYS", raising=False)
    return tmp_path / ".env"


def keys(file):
    """Return the file's ENCRYPTION_KEYS as settings.py would read them."""
    (line,) = re.findall("^ENCRYPTION_KEYS=(.*)$", file.read_text(), re.MULTILINE)
    return environment.encryption_keys(line.split(","))


def test_a_new_env_file_has_a_key_of_its_own(env_file, tmp_path):
    bootstrap.write_env_file()
    first = keys(env_file)
    env_file.unlink()
    bootstrap.write_env_file()
    assert len(first) == len(keys(env_file)) == 1
    assert first != keys(env_file)
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


@pytest.mark.parametrize(
    "text",
    [
        "SECRET_KEY=x\nDEBUG=on\n",
        "SECRET_KEY=x\nDEBUG=on",
        "SECRET_KEY=x\nENCRYPTION_KEYS=\nDEBUG=on\n",
        "SECRET_KEY=x\nexport ENCRYPTION_KEYS=''\nDEBUG=on\n",
        "SECRET_KEY=x\n#ENCRYPTION_KEYS=old\nDEBUG=on\n",
    ],
)
def test_an_older_env_file_gets_the_missing_key_and_keeps_the_rest(env_file, text):
    env_file.write_text(text)
    bootstrap.write_env_file()
    assert len(keys(env_file)) == 1
    assert env_file.read_text().startswith("SECRET_KEY=x\n")
    assert "\nDEBUG=on\n" in env_file.read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_an_env_file_stays_as_open_as_its_owner_made_it(env_file, mode):
    env_file.write_text("SECRET_KEY=x\n")
    env_file.chmod(mode)
    bootstrap.write_env_file()
    assert stat.S_IMODE(env_file.stat().st_mode) == mode


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_an_env_file_that_is_a_link_stays_one(env_file, tmp_path):
    (tmp_path / "elsewhere").write_text("SECRET_KEY=x\n")
    env_file.symlink_to(tmp_path / "elsewhere")
    bootstrap.write_env_file()
    assert env_file.is_symlink()
    assert len(keys(tmp_path / "elsewhere")) == 1


def test_a_key_that_is_there_stays(env_file):
    env_file.write_text(text := f"SECRET_KEY=x\nENCRYPTION_KEYS={new_key()}\n")
    before = env_file.stat().st_mtime_ns
    bootstrap.write_env_file()
    assert (env_file.read_text(), env_file.stat().st_mtime_ns) == (text, before)


def test_a_key_of_the_environment_is_enough(env_file, monkeypatch):
    env_file.write_text("SECRET_KEY=x\n")
    monkeypatch.setenv("ENCRYPTION_KEYS", new_key())
    bootstrap.write_env_file()
    assert env_file.read_text() == "SECRET_KEY=x\n"


def test_several_keys_are_taken_in_their_order_with_spaces_around_them():
    one, two = new_key(), new_key()
    assert environment.encryption_keys([f" {one}", f"{two} ", ""]) == [one, two]


@pytest.mark.parametrize("wrong", ["changeme", "a" * 44, "a" * 43, "+" * 43 + "=", "ä" * 43 + "=", "a" * 43 + "=="])
def test_what_is_no_key_is_refused_by_its_number_and_not_repeated(wrong):
    with pytest.raises(ImproperlyConfigured, match="key 2 of 2 is not one") as error:
        environment.encryption_keys([new_key(), wrong])
    assert wrong not in str(error.value)


def test_the_server_does_not_start_with_a_wrong_key_and_says_so_in_its_last_line():
    refused = manage("check", SECRET_KEY=STRONG, ENCRYPTION_KEYS="changeme")
    assert refused.returncode != 0
    assert "ENCRYPTION_KEYS: key 1 of 1 is not one." in refused.stderr.splitlines()[-1]
    assert "changeme" not in refused.stderr


def test_the_server_starts_without_a_key():
    assert manage("check", SECRET_KEY=STRONG, ENCRYPTION_KEYS="").returncode == 0
