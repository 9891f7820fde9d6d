"""manage.py build_station: a board's files as a folder."""

import json
import os
import stat
import sys

import pytest
from django.core.management import CommandError, call_command

from stations.models import Key, Station
from tests.conftest import MAC
from tests.firmware.ready import PASSWORD, give_wifi, use

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]

BOARDS_REACH = "http://192.168.1.5:8000"


@pytest.fixture(autouse=True)
def _in_a_network(settings):
    settings.SERVER_URL = BOARDS_REACH


@pytest.fixture
def ready(station):
    give_wifi(station)
    return station


@pytest.fixture
def output(tmp_path):
    return tmp_path / "build"


def build(output, *options, station="Garden"):
    call_command("build_station", station, "--output", str(output), *options)


def config(output):
    return json.loads((output / "config.json").read_text())


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_the_folder_is_the_board_s_file_system(ready, output):
    build(output)
    there = files(output)
    assert {"main.py", "config.json", "lib/station.mpy", "lib/sensors/mcp9808.mpy"} <= set(there)
    assert [path for path in there if path.endswith(".py")] == ["main.py"]
    assert [path for path in there if path.startswith("lib/sensors/")] == ["lib/sensors/mcp9808.mpy"]
    assert config(output)["mac"] == MAC.replace(":", "")
    assert config(output)["networks"] == [["Garden", PASSWORD]]
    assert config(output)["server"] == BOARDS_REACH


def test_it_says_what_it_wrote_and_that_the_old_key_works_until_the_new_one_is_used(ready, output, capsys):
    old = Key.objects.issue(ready)
    use(old)
    build(output)
    said = capsys.readouterr().out
    assert f"{output}: {len(files(output))} files, " in said
    assert "the one that the station uses now works until this one has been used" in said
    assert PASSWORD not in said
    assert config(output)["key"] not in said
    assert Key.objects.authenticate(MAC, old).state == "live"
    assert Key.objects.authenticate(MAC, config(output)["key"]).state == "pending"


@pytest.mark.skipif(sys.platform == "win32", reason="a folder of a user of Windows is that user's own")
def test_nobody_else_may_read_it_whatever_the_umask(ready, output):
    before = os.umask(0)
    try:
        build(output)
    finally:
        os.umask(before)
    for path in [output, *output.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_station_is_found_by_its_number_and_an_address_may_be_given(ready, output, settings):
    settings.SERVER_URL = "http://127.0.0.1:8000"
    build(output, "--server-url", "http://127.0.0.1:8001", station=str(ready.pk))
    assert config(output)["server"] == "http://127.0.0.1:8001"


def test_an_older_build_is_replaced_as_a_whole(ready, output):
    build(output)
    before = config(output)["key"]
    (output / "lib" / "gone.mpy").write_bytes(b"M")
    build(output)
    assert "lib/gone.mpy" not in files(output)
    assert config(output)["key"] != before
    assert [path.name for path in output.parent.iterdir()] == ["build"], "and nothing is left beside it"


def test_an_empty_folder_is_taken(ready, output):
    output.mkdir()
    build(output)
    assert "main.py" in files(output)


@pytest.mark.parametrize(
    "foreign",
    [
        {"thesis.txt": "five years of work"},
        {"main.py": "# somebody's own"},
        {"main.py": "", "config.json": "{}", "notes.md": ""},
        {"main.py": "", "config.json": "{}", "lib/mine.py": ""},
        {"config.json": "{}", "sub/thesis.txt": ""},
    ],
)
def test_a_folder_with_anything_else_in_it_is_left_alone(ready, output, foreign):
    for path, content in foreign.items():
        (output / path).parent.mkdir(parents=True, exist_ok=True)
        (output / path).write_text(content)
    with pytest.raises(CommandError, match="which is not a file of a board: give --output a new folder"):
        build(output)
    assert files(output) == sorted(foreign)
    assert not Key.objects.exists()


def test_a_file_in_its_place_is_left_alone(ready, output):
    output.write_text("a file")
    with pytest.raises(CommandError, match="build is a file: give --output a folder"):
        build(output)
    assert output.read_text() == "a file"


def test_a_place_that_cannot_be_written_is_a_sentence(ready, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match=r"cannot be written: File exists\. Give --output another folder"):
        build(tmp_path / "file" / "build")


def test_a_write_that_fails_leaves_the_older_build_as_it_was(ready, output, monkeypatch):
    build(output)
    before = (output / "config.json").read_bytes()

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("firmware.build.output_folder.fill", full)
    with pytest.raises(CommandError, match="cannot be written: No space left on device"):
        build(output)
    assert (output / "config.json").read_bytes() == before
    assert [path.name for path in output.parent.iterdir()] == ["build"]


def no_mac(station, settings):
    Station.objects.update(mac=None)


def no_wifi(station, settings):
    station.wifi.all().delete()


def loopback(station, settings):
    settings.SERVER_URL = "http://127.0.0.1:8000"


def local(station, settings):
    settings.SERVER_URL = "http://raspberrypi.local:8000"


@pytest.mark.parametrize(
    ("lacking", "sentence"),
    [
        (no_mac, "Garden has no MAC address yet"),
        (no_wifi, "Garden has no WiFi network: choose one"),
        (loopback, r"an ESP8266 cannot reach: .*--server-url"),
        (local, r"raspberrypi\.local:8000, which an ESP8266 cannot reach"),
    ],
)
def test_what_is_missing_is_one_sentence_and_issues_no_key(ready, output, settings, lacking, sentence):
    lacking(ready, settings)
    with pytest.raises(CommandError, match=sentence):
        build(output)
    assert not output.exists()
    assert not Key.objects.exists()


def test_an_unknown_station_is_a_sentence(output):
    with pytest.raises(CommandError, match="There is no station “Pond”: "):
        build(output, station="Pond")
