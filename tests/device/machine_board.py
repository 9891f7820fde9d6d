"""A board in the VM, with the very files that the builder makes for a real one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any, Self

from firmware.build.build import DEVICE, build
from firmware.build.recipe import Mounted, Recipe
from firmware.simulator.vm import VirtualMachine
from tests.programs import PATIENCE_S

KEY = "0123456789abcdef0123456789abcdef"


def bench(where: Path, program: str, **world: Any) -> VirtualMachine:
    """Return a board with the station's modules, and the test's program instead of main.py."""
    folder, around = where / "flash", where / "world"
    shutil.copytree(DEVICE / "lib", folder / "lib", dirs_exist_ok=True)
    (folder / "main.py").write_text(dedent(program))
    around.mkdir(exist_ok=True)
    vm = VirtualMachine(folder, around)
    vm.set(**world)
    return vm


class Board:
    """`board.vm` runs it, `board.folder` is its flash. Use it with `with`.

    `sensor`, `wiring` and `fields` are those of one sensor; `sensors` are several.
    """

    def __init__(self, where: Path, server_url: str, heap_bytes: int | None = None, **recipe: Any) -> None:
        self.folder, self.world = where / "flash", where / "world"
        self.folder.mkdir(parents=True)
        self.world.mkdir(exist_ok=True)
        given = {
            "key": KEY,
            "mac": "6c:ef:7f:3b:9d:e8",
            "networks": (("garden", "secret"),),
            "interval_s": 60,
            "battery": False,
        }
        driver = recipe.pop("sensor", "mcp9808")
        wiring = recipe.pop("wiring", {"scl": 5, "sda": 4, "address": 24})
        given["sensors"] = (Mounted(driver, wiring, recipe.pop("fields", {"temperature": 1})),)
        self.recipe = Recipe(server_url=server_url, **(given | recipe))
        for name, content in build(self.recipe).items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self.vm = VirtualMachine(self.folder, self.world, heap_bytes)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.vm.stop()

    def __str__(self) -> str:
        return "\n".join([*self.vm.lines[-60:], f"ended with {self.vm.exits}"])

    def configure(self, **changes: Any) -> None:
        path = self.folder / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    def until(self, holds: Callable[[], object], timeout_s: float = PATIENCE_S) -> None:
        """Let the board run until `holds()` is true."""
        assert self.vm.run(holds, timeout_s), str(self)
