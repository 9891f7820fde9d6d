"""A sensor at the virtual board, in a world that the test makes up. Its driver is compiled, as on a board."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from firmware.build.build import cross_compile
from firmware.sensors.catalogue import SENSORS
from firmware.simulator.vm import HARDWARE, NoMicroPythonError, micropython

BENCH = Path(__file__).parent / "bench.py"
SOURCES = Path(__file__).parents[3] / "firmware" / "device" / "lib"

# With the modules that drivers share.
DRIVERS = [
    *sorted((SOURCES / "sensors").glob("*.py")),
    *(SOURCES / f"{name}.py" for name in ("i2c", "pulses", "records")),
]

SPEED = 10_000_000  # A board's minute is over at once.

Read = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="session")
def lib(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lib/ folder as on a board: .mpy only."""
    lib = tmp_path_factory.mktemp("lib")
    (lib / "sensors").mkdir()
    for source in DRIVERS:
        name = source.relative_to(SOURCES).as_posix()
        (lib / name).with_suffix(".mpy").write_bytes(cross_compile(name, source.read_bytes()))
    return lib


@pytest.fixture
def read(lib: Path, tmp_path: Path) -> Read:
    """Return a function that reads a sensor once in each world.

    It returns a dict for each: `readings`, or the `error` and its message `says`; and `took_ms`.
    """
    try:
        program = micropython()
    except NoMicroPythonError as error:
        (pytest.fail if "CI" in os.environ else pytest.skip)(str(error))

    def run(driver: str, *worlds: dict[str, Any], **wiring: int) -> list[dict[str, Any]]:
        wires = SENSORS[driver].wiring | wiring
        task = {"driver": driver, "wiring": wires, "worlds": [{"speed": SPEED} | world for world in worlds]}
        done = subprocess.run(
            [program, BENCH],
            cwd=tmp_path,
            env=os.environ | {"FREETEMP_WORLD": str(tmp_path), "MICROPYPATH": f"{lib}:{HARDWARE}"},
            input=json.dumps(task),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return run
