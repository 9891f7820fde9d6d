"""Device code respects the ESP8266 port: floats of 30 bits, an epoch of 2000, and missing parts."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.device.in_vm import LIB

pytestmark = pytest.mark.sqlite_only

FILES = sorted(LIB.parent.rglob("*.py"))
# Names that are off in ports/esp8266/mpconfigport.h, or read the port's clock, which counts from 2000 and is wrong
# after a reset.
ABSENT = {"crc32", "partition", "rpartition", "splitlines", "center", "isclose", "factorial", "indices"}
ABSENT |= {"time_ns", "localtime", "gmtime", "mktime"}
ABSENT_NAMES = {"float", "compile", "execfile", "complex", "setattr", "delattr", "round"}


def fault(node: ast.AST) -> str:
    """Return the fault of a node of device code, "" if there is none."""
    match node:
        case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
            return "true division makes a float"
        case ast.Constant(value=float() | complex()):
            return "a float"
        case ast.Attribute(value=ast.Name("time"), attr="time"):
            return "the port's clock"
        case ast.Attribute(attr=name) if name in ABSENT:
            return f"{name} is not on the board, or not to be trusted"
        case ast.Name(id=name) if name in ABSENT_NAMES:
            return f"{name} is not on the board, or makes a float"
        case ast.ImportFrom(module="time", names=names) if {each.name for each in names} & (ABSENT | {"time"}):
            return "the port's clock"
    return "an f-string" if isinstance(node, ast.JoinedStr) else ""


def faults(code: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(code)):
        if wrong := fault(node):
            yield f"line {getattr(node, 'lineno', 0)}: {wrong}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_device_code_uses_no_floats_and_nothing_that_the_port_leaves_out(path: Path) -> None:
    assert list(faults(path.read_text())) == []


def test_the_files_are_found() -> None:
    assert {"main.py", "outbox.py", "station.py", "bme280.py"} <= {path.name for path in FILES}


@pytest.mark.parametrize(
    "code",
    ["a / b", "a /= 2", "1.5", "binascii.crc32(x)", "time.time()", "from time import time", "float(x)", "f'{x}'"],
)
def test_each_fault_is_seen(code: str) -> None:
    assert len(list(faults(code))) == 1
