"""A .env that exists gets what a server cannot start without, and nothing else of it changes."""

import sys

import pytest

import bootstrap
from freetemp.conf.env_file import settings_in
from freetemp.conf.secret_keys import is_strong
from tests.server import free_port

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def env_file(tmp_path, monkeypatch):
    for name in ("SECRET_KEY", "ENCRYPTION_KEYS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(bootstrap, "ENV_FILE", tmp_path / ".env")
    return tmp_path / ".env"


@pytest.mark.parametrize("text", ["", "SECRET_KEY=\nDEBUG=off\n", "\ufeffexport SECRET_KEY=changeme\n", "DEBUG=off"])
def test_what_a_server_cannot_start_without_is_written_into_a_file_that_lacks_it(env_file, text):
    env_file.write_text(text, "utf-8")
    env_file.chmod(0o640)
    bootstrap.write_env_file()
    written = settings_in(env_file)
    assert is_strong(written["SECRET_KEY"])
    assert len(written["ENCRYPTION_KEYS"]) == 44
    assert written.get("DEBUG") == ("off" if "DEBUG" in text else None)
    assert env_file.read_text("utf-8").count("SECRET_KEY") == 1
    assert env_file.stat().st_mode & 0o777 == 0o640
    before = env_file.read_bytes()
    bootstrap.write_env_file()
    assert env_file.read_bytes() == before


@pytest.mark.parametrize("key", ["$OF_ANOTHER_SETTING", "a strong key of more than fifty characters: 0123456789"])
def test_a_secret_that_may_be_good_is_not_replaced(env_file, key):
    env_file.write_text(f"SECRET_KEY={key}\n")
    bootstrap.write_env_file()
    assert settings_in(env_file)["SECRET_KEY"] == key


def test_the_environment_s_own_secret_is_nothing_that_the_file_could_mend(env_file, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "weak")
    env_file.write_text("DEBUG=off\n")
    bootstrap.write_env_file()
    assert "SECRET_KEY" not in settings_in(env_file)


def test_a_file_in_another_encoding_is_a_sentence(env_file, monkeypatch):
    env_file.write_bytes(b"DEBUG=off\nSECRET_KEY=\xe4\xe4\xe4\n")
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", "serve", "--bind", f"127.0.0.1:{free_port()}"])
    with pytest.raises(SystemExit, match=r"Line 2 of .* is no UTF-8") as refused:
        bootstrap.main()
    assert "\xe4" not in str(refused.value)
