"""Database, backups and a board's files are in the project's folder, whatever its name, and nothing is beside it."""

import shlex
import shutil
import subprocess
import sys
from urllib.parse import quote

import pytest

from tests.bootstrap.program import copy_project, environment
from tests.migrated import migrated_file

pytestmark = pytest.mark.sqlite_only

STRONG = "an example that is long enough: 0123456789abcdefghijklmnopqrstuvwxyz"
NAME = "-C# [neu], Ähre's & Co (50 %) x%41y? a=b;c$HOME"


@pytest.fixture
def project(tmp_path):
    return copy_project(tmp_path / NAME)


def run(project, *arguments, umask=-1, **settings):
    command = [sys.executable, "manage.py", *arguments]
    own = environment(SECRET_KEY=STRONG, **settings)
    return subprocess.run(command, cwd=project, env=own, capture_output=True, text=True, check=False, umask=umask)


def manage(project, *arguments, **settings):
    """Run a command that has to succeed, with an umask that lets everybody read and write what is new."""
    done = run(project, *arguments, umask=0, **settings)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_everything_works_in_a_folder_with_a_difficult_name(project, tmp_path):
    (project / "var").mkdir()
    manage(project, "migrate", "--verbosity=0")
    manage(project, "add_station", "Roof", "--mac", "02:00:00:00:00:42")
    backup = manage(project, "backup")
    manage(project, "delete_station", "1", "--yes")
    (kept,) = (project / "var" / "backups").iterdir()
    assert kept.name in backup
    manage(project, "restore", str(kept), "--yes")
    manage(project, "shell", "-c", "from stations.models import Station; Station.objects.update(simulated=True)")
    manage(project, "build_station", "Roof", "--output=-board #1", "--server-url", "http://192.0.2.20:8000")
    assert (project / "-board #1" / "main.py").is_file()
    assert (project / "var" / "freetemp.sqlite3").stat().st_size > 0
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    written = [*(project / "var").rglob("*"), project / "-board #1", *(project / "-board #1").rglob("*")]
    assert [path for path in written if path.stat().st_mode & 0o077] == [], "whatever the umask"


def test_what_an_earlier_freetemp_kept_beside_such_a_folder_is_found_and_copied_as_told(
    project, tmp_path, tmp_path_factory
):
    earlier = tmp_path / "-C"
    there = {"DATABASE_URL": f"sqlite:///{quote(str(earlier))}"}
    shutil.copy(migrated_file(tmp_path_factory), earlier)
    manage(project, "add_station", "Roof", "--mac", "02:00:00:00:00:42", **there)
    refused = run(project, "prepare")
    assert refused.returncode == 1
    assert f"kept its database in {earlier}. " in refused.stderr
    assert not (project / "var" / "freetemp.sqlite3").exists()
    advised = next(line for line in refused.stderr.splitlines() if "restore" in line).partition("manage.py ")[2]
    manage(project, *shlex.split(advised), "--yes")
    assert earlier.is_file()
    shown = manage(project, "shell", "-v0", "-c", "from stations.models import Station; print(Station.objects.get())")
    assert shown == "Roof\n"
