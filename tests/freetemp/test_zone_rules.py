"""The newest rules of time zones on this computer win, wherever they are, and every process uses them."""

import os
import subprocess
import sys
import zoneinfo
from datetime import UTC, datetime
from importlib.metadata import version as installed_version
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from freetemp import zone_rules
from freetemp.zone_rules import Source, is_newer
from tests.zone_files import write_rules

pytestmark = pytest.mark.sqlite_only

ROOT = Path(__file__).parent.parent.parent
PACKAGED = "from the Python package tzdata"
BERLIN_AT_5 = {"Europe/Berlin": [(None, 5, "XXX")], "Test/Town": [(None, 7, "TTT")]}
SHOW = """
import sys
import freetemp.settings
from datetime import datetime
from zoneinfo import ZoneInfo
for name in sys.argv[1:]:
    print(name, datetime(2026, 11, 28, tzinfo=ZoneInfo(name)).utcoffset().total_seconds() / 3600)
"""


def python(path, *arguments):
    """Run Python on a computer with rules in a folder of the system's."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONTZPATH": str(path)}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def offsets(path, *names):
    return dict(line.split() for line in python(path, "-c", SHOW, *names))


def told(path):
    (line,) = [line for line in python(path, "manage.py", "version") if line.startswith("time zones ")]
    return line.removeprefix("time zones ")


@pytest.mark.parametrize(
    ("version", "than", "newer"),
    [
        ("2026f", "2025b", True),
        ("2025b", "2026f", False),
        ("2026f", "2026f", False),
        ("2026f", "2026e", True),
        ("2026za", "2026z", True),
        ("2026.6", "2026e", True),  # PyPI's name of 2026f
        ("2026.6", "2026f", False),
        ("2026.10", "2026.9", True),
        ("2026f-rearguard", "2026e", True),
        ("2026f", "", True),
        ("", "1996a", False),
        ("", "", False),
        ("nonsense", "", False),
    ],
)
def test_versions_are_compared_as_years_and_their_releases(version, than, newer):
    assert is_newer(version, than) is newer


@pytest.mark.parametrize(
    ("file", "text", "version"),
    [
        ("+VERSION", "2025b\n", "2025b"),  # macOS and the BSDs
        ("tzdata.zi", "# version 2025b\n# This zic input file is in the public domain.\n", "2025b"),  # Debian
        ("tzdata.zi", "# version 2024a-rearguard\n", "2024a-rearguard"),
        ("tzdata.zi", "# version unknown\n", ""),
        ("+VERSION", "", ""),
        ("zone.tab", "2025b", ""),  # Alpine has lists of zones, and no version.
    ],
)
def test_a_folder_tells_its_version_in_one_of_two_files(tmp_path, monkeypatch, file, text, version):
    (tmp_path / file).write_text(text)
    monkeypatch.setattr(zoneinfo, "TZPATH", (str(tmp_path), str(tmp_path / "absent")))
    assert Source(str(tmp_path), version, str(tmp_path)) in zone_rules.sources()
    assert len(zone_rules.sources()) == 2


def test_a_folder_that_is_named_twice_is_one(tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    monkeypatch.setattr(zoneinfo, "TZPATH", (str(tmp_path), str(tmp_path / "link")))
    assert len(zone_rules.sources()) == 2


@pytest.mark.parametrize("version", ["2001a", "", "2026.0"])
def test_the_package_wins_over_older_rules_of_the_system(tmp_path, version):
    write_rules(tmp_path, version, BERLIN_AT_5)
    assert offsets(tmp_path, "Europe/Berlin", "Test/Town") == {"Europe/Berlin": "1.0", "Test/Town": "7.0"}
    assert told(tmp_path).endswith(PACKAGED)


def test_newer_rules_of_the_system_win_over_the_package_and_the_package_has_the_rest(tmp_path):
    """A system may lack old names, like US/Pacific, which Debian has in a package of their own."""
    write_rules(tmp_path, "2999z", BERLIN_AT_5)
    names = ["Europe/Berlin", "Asia/Calcutta", "US/Pacific"]
    assert offsets(tmp_path, *names) == {"Europe/Berlin": "5.0", "Asia/Calcutta": "5.5", "US/Pacific": "-8.0"}
    assert told(tmp_path) == f"2999z, from {tmp_path}"


def test_the_system_s_come_first_among_equals(tmp_path):
    (packaged,) = [each for each in zone_rules.sources() if f"from {each.name}" == PACKAGED]
    write_rules(tmp_path, packaged.version, BERLIN_AT_5)
    assert told(tmp_path) == f"{packaged.version}, from {tmp_path}"


def test_without_rules_of_the_system_the_package_s_are_used():
    """As on Windows."""
    assert told("").endswith(PACKAGED)
    assert offsets("", "Europe/Berlin") == {"Europe/Berlin": "1.0"}


def test_without_the_package_the_system_s_are_used(tmp_path, monkeypatch):
    monkeypatch.setattr(zoneinfo, "TZPATH", (str(write_rules(tmp_path, "", BERLIN_AT_5)),))
    monkeypatch.setattr(zone_rules, "find_spec", lambda name: None)
    assert zone_rules.in_use() == f"of unknown version, from {tmp_path}"
    monkeypatch.setattr(zoneinfo, "TZPATH", ())
    assert zone_rules.in_use() == "not installed"


def test_a_package_without_a_version_in_its_files_has_pypi_s(tmp_path, monkeypatch):
    (tmp_path / "zoneinfo").mkdir()
    found = zone_rules.find_spec("tzdata")
    found.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(zone_rules, "find_spec", lambda name: found)
    assert installed_version("tzdata") in [each.version for each in zone_rules.sources()]


def test_check_tells_them_too():
    assert python("", "manage.py", "check")[-1].startswith("Time zones: 20")


def test_every_name_of_every_source_can_be_loaded():
    """A station's zone stays, whatever source has it: old names and those of an older version too."""
    names = zoneinfo.available_timezones()
    assert len(names) > 500
    assert {name for name in names if zone_rules.rules_of(name) is None} == set()


@pytest.mark.parametrize("name", ["No/Where", "", "Europe", "../../etc/passwd", "x" * 5000, "Europe/Berlin\0"])
def test_a_name_that_no_source_has_has_no_rules(name):
    assert zone_rules.rules_of(name) is None


def test_a_process_keeps_its_rules_though_the_system_is_updated_meanwhile(own_rules):
    own_rules("2001a", {"Test/Town": [(None, 1, "AAA")]})
    before = zone_rules.rules_of("Test/Town")
    (folder,) = [Path(each.folder) for each in zone_rules.sources() if each.version == "2001a"]
    write_rules(folder, "2001b", {"Test/Town": [(None, 2, "BBB")]})
    ZoneInfo.clear_cache(only_keys=["Test/Town"])
    assert zone_rules.rules_of("Test/Town") is before
    assert datetime(2026, 1, 1, tzinfo=UTC).astimezone(before.zone).tzname() == "AAA"
