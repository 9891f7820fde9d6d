"""Device code must do without the parts that the ESP8266's MicroPython lacks and the VM has."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from firmware.build.build import DEVICE

pytestmark = pytest.mark.sqlite_only

# Switched off in ports/esp8266/mpconfigport.h of MicroPython: str.partition and its like, crc32, random's extras,
# compile and execfile, three-argument pow, setattr, NotImplemented, slice.indices, and the constants of math.
MISSING = {
    *("partition", "rpartition", "splitlines", "center", "crc32", "indices"),
    *("randrange", "randint", "choice", "uniform", "compile", "execfile", "setattr", "delattr", "NotImplemented"),
}
# Only the ticks of the board's clock are reliable; floats have 30 bits there, and time counts from 2000.
FORBIDDEN = {"time.time", "time.localtime", "time.gmtime", "time.mktime"}


def source_files() -> list[Path]:
    return sorted(DEVICE.rglob("*.py"))


def names(path: Path) -> set[str]:
    """Return every name and attribute of a module, and `module.attribute` too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
            if isinstance(node.value, ast.Name):
                found.add(f"{node.value.id}.{node.attr}")
    return found


@pytest.mark.parametrize("path", source_files(), ids=lambda path: path.name)
def test_device_code_does_without_what_the_port_lacks(path: Path) -> None:
    assert not names(path) & (MISSING | FORBIDDEN)


@pytest.mark.parametrize("path", source_files(), ids=lambda path: path.name)
def test_device_code_does_no_float_arithmetic(path: Path) -> None:
    tree = ast.parse(path.read_text())
    floats = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, float)]
    divisions = [node for node in ast.walk(tree) if isinstance(node, ast.Div)]
    assert not floats
    assert not divisions
