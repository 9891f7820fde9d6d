"""What freetemp writes is for its own user only, what an earlier one wrote too; a group may be let in on purpose."""

import os
import stat

import pytest
from django.core.management import call_command
from django.db import connection

from freetemp.conf import owner_only
from tests.server import Server

pytestmark = pytest.mark.sqlite_only


def mode(path):
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.fixture
def _umask():
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def folder(tmp_path, _umask):
    """VAR_DIR as an earlier freetemp has left it, with a link to what is not its own."""
    var = tmp_path / "var"
    (var / "backups").mkdir(parents=True)
    (tmp_path / "elsewhere").touch()
    for name in ("freetemp.sqlite3", "freetemp.sqlite3-wal", "backups/one.sqlite3"):
        (var / name).touch()
    (var / "link").symlink_to(tmp_path / "elsewhere")
    return var


def open_to(folder, folders, files):
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(folders if path.is_dir() else files)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        *(((0o755, 0o644), (0o700, 0o600)), ((0o775, 0o664), (0o700, 0o600)), ((0o777, 0o666), (0o700, 0o600))),
        *(((0o750, 0o640), (0o750, 0o640)), ((0o2770, 0o664), (0o2770, 0o660)), ((0o700, 0o600), (0o700, 0o600))),
    ],
)
def test_a_folder_is_closed_to_others_and_to_a_group_that_was_not_let_in_alone(folder, before, after):
    open_to(folder, *before)
    assert owner_only.close_folder(folder) == []
    assert mode(folder) == after[0]
    assert mode(folder / "backups") & 0o777 == after[0] & 0o777
    assert {mode(path) for path in folder.rglob("*.sqlite3*")} == {after[1]}
    assert mode(folder.parent / "elsewhere") == 0o666, "a link leads to what is somebody else's choice"


@pytest.mark.usefixtures("_umask")
@pytest.mark.parametrize(
    ("is_there", "mode_of_folder", "umask", "written"),
    [(False, 0, 0o022, 0o600), (True, 0o755, 0o022, 0o600), (True, 0o750, 0o027, 0o640), (True, 0o750, 0o077, 0o600)],
)
def test_new_files_are_the_owner_s_or_the_group_s_if_folder_and_umask_let_it_in(
    tmp_path, is_there, mode_of_folder, umask, written
):
    var = tmp_path / "var"
    if is_there:
        var.mkdir(mode_of_folder)
    os.umask(umask)
    owner_only.set_umask(var)
    var.mkdir(exist_ok=True)
    (var / "new").touch()
    assert mode(var / "new") == written


@pytest.mark.django_db
def test_prepare_closes_everything_and_the_database_elsewhere(folder, settings, tmp_path, monkeypatch):
    open_to(folder, 0o755, 0o644)
    settings.VAR_DIR = folder
    monkeypatch.setattr("freetemp.management.commands.prepare.Command.collect_static_files", lambda self: None)
    database = connection.settings_dict["NAME"]
    os.chmod(database, 0o644)  # noqa: PTH101 - a name
    call_command("prepare")
    assert {mode(path) for path in folder.rglob("*.sqlite3*")} == {0o600}
    assert os.stat(database).st_mode & 0o077 == 0  # noqa: PTH116 - a name


@pytest.mark.django_db(transaction=True)
def test_a_server_that_starts_closes_its_folder_and_its_database(folder, tmp_path):
    open_to(folder, 0o755, 0o644)
    name = folder / "freetemp.sqlite3"
    with Server(tmp_path / "log", VAR_DIR=str(folder), DATABASE_URL=f"sqlite:///{name}") as server:
        server.send(b"GET /update/API_key=x/mac=6c:ef:7f:3b:9d:e8/field=1/data=1 HTTP/1.0\r\n\r\n")
        written = {path.name: mode(path) for path in folder.iterdir() if path.is_file() and not path.is_symlink()}
    assert mode(folder) == 0o700
    assert set(written.values()) == {0o600}, written
