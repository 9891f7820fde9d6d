"""systemd reads the shipped units, finds no fault in them, and rates them as well protected."""

import re
import shutil
import subprocess

import pytest

from tests.server import ROOT

pytestmark = pytest.mark.sqlite_only

SERVICES = [
    *("freetemp.service", "freetemp-mqtt.service", "freetemp-watch.service", "freetemp-uploads.service"),
    "freetemp-backup.service",
]
UNITS = [*SERVICES, "freetemp-backup.timer"]
OK_BELOW = 2.0  # On systemd's scale from 0 to 10, where it calls 2.0 and more "exposed" to something.


@pytest.fixture
def folder(tmp_path):
    """The shipped units, except for their programs: systemd checks whether these exist."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("there is no systemd-analyze: install Debian's systemd")
    for name in UNITS:
        unit = (ROOT / "deploy" / name).read_text()
        (tmp_path / name).write_text(unit.replace("/opt/freetemp/.venv/bin/python", "/bin/true"))
    return tmp_path


def analyze(*arguments):
    command = ["systemd-analyze", "--no-pager", *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def test_systemd_has_nothing_to_say(folder):
    assert analyze("verify", *(folder / name for name in UNITS)) == (0, "")


@pytest.mark.parametrize("name", SERVICES)
def test_systemd_calls_it_well_protected(folder, name):
    code, report = analyze("security", "--offline=true", folder / name)
    assert code == 0, report
    assert float(re.search(r"Overall exposure level for \S+: ([\d.]+)", report)[1]) < OK_BELOW, report


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_runs_what_is_there(name):
    """Paths below /opt/freetemp exist in this tree, and manage.py has the commands."""
    unit = (ROOT / "deploy" / name).read_text()
    paths = [*re.findall(r"/opt/freetemp/(docs/\S+)", unit), *re.findall(r"-c (\S+)", unit)]
    assert paths
    for path in [*paths, *re.findall(r"python (manage\.py)", unit)]:
        assert (ROOT / path).exists()
    for command in re.findall(r"python manage\.py (\w+)", unit):
        assert list(ROOT.glob(f"*/management/commands/{command}.py"))


def test_the_documentation_and_the_units_name_the_same_folders():
    text = "".join((ROOT / "docs" / page).read_text() for page in ("deploy.md", "uploads.md"))
    assert "VAR_DIR=/var/lib/freetemp\n" in text  # StateDirectory=freetemp
    assert "TRUSTED_PROXIES=127.0.0.1\n" in text
    for name in [*UNITS, "nginx-freetemp.conf"]:
        assert f"deploy/{name}" in text


@pytest.mark.parametrize("name", SERVICES)
def test_the_sources_history_is_kept_from_the_programs(name):
    """No program needs it, and it may have what somebody took out of the files."""
    assert "\nInaccessiblePaths=-/opt/freetemp/.git\n" in (ROOT / "deploy" / name).read_text()
