"""lib/wifi.py with the stand-in for the port's network module."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from firmware.simulator.vm import VirtualMachine

pytestmark = pytest.mark.sqlite_only

Run = Callable[..., VirtualMachine]
BOTH = {"wifi": {"garden": "secret", "shed": "spade"}}

JOIN = """
import network, time
from wifi import WiFi
wifi = WiFi([("garden", "secret"), ("shed", "spade")])
joined = wifi.join(40)
print(network.WLAN(0).config("ssid") if joined else None, time.ticks_ms() // 1000, "s")
"""


def test_the_first_network_is_joined_first(run: Run) -> None:
    assert run(JOIN, **BOTH).lines == ["garden 1 s"]


@pytest.mark.parametrize(
    "air", [{"shed": "spade"}, {"garden": "changed", "shed": "spade"}, {"x": "y", "shed": "spade"}]
)
def test_the_second_serves_where_the_first_does_not(run: Run, air: dict[str, str]) -> None:
    name, taken, _ = run(JOIN, wifi=air).lines[0].split()
    assert name == "shed"
    assert 15 <= int(taken) <= 20


def test_the_wait_ends_where_there_is_none(run: Run) -> None:
    assert run(JOIN, wifi={"neighbour": "?"}).lines == ["None 40 s"]


def test_the_last_good_one_is_tried_first_after_a_start(run: Run) -> None:
    run(JOIN, wifi={"shed": "spade"})
    assert run(JOIN, **BOTH).lines == ["shed 1 s"]


def test_the_open_access_point_of_the_port_is_closed(run: Run) -> None:
    assert run("import network\nprint(network.WLAN(1).active())").lines == ["True"]
    assert run(JOIN + "print(network.WLAN(1).active())", **BOTH).lines[1] == "False"


def test_a_network_that_goes_and_comes_is_joined_again(run: Run) -> None:
    program = JOIN + "while True:\n    wifi.tend()\n    print(wifi.joined())\n    time.sleep(1)"
    vm = run(program, ends=False, **BOTH)
    for down in (True, None, True, None):
        vm.set(wifi_down=down)
        vm.lines.clear()
        assert vm.run(lambda down=down: vm.lines[-1:] == [str(not down)], 5)


OUTAGE = """
while not wifi.joined() and time.ticks_ms() < %d * 3600000:
    wifi.tend()
    time.sleep(20)
print(time.ticks_ms() // 3600000, "h")
"""


def test_after_a_day_without_either_it_finds_one_within_two_hours_and_has_spared_the_flash(
    run: Run, tmp_path: Path
) -> None:
    vm = run(JOIN + OUTAGE % 24 + OUTAGE % 30, ends=False, speed=50_000, wifi_down=True)
    assert vm.run(lambda: "24 h" in vm.lines)
    assert 20 < int((tmp_path / "world" / "sta_writes").read_text()) < 50
    vm.set(wifi_down=None, wifi={"shed": "spade"})
    assert vm.run(lambda: not vm.running)
    assert int(vm.lines[-1].split()[0]) < 27


AIR = """
import json, world

def air(**facts):
    with open(world.path("world.json")) as file:
        known = json.load(file)
    known.update(facts)
    world.save("world.json", json.dumps(known).encode())
    world._read_ms = None

def tend(seconds, until=None):
    for second in range(seconds):
        if wifi.joined() == until:
            return second
        wifi.tend()
        time.sleep(1)

def writes():
    return int(world.load("sta_writes"))
"""


def test_a_network_that_is_away_for_some_seconds_is_waited_for(run: Run) -> None:
    program = """
    tend(100)
    air(wifi_down=True)
    tend(12)
    air(wifi_down=False)
    tend(3)
    print(wifi.joined(), network.WLAN(0).config("ssid"), writes())
    """
    assert run(JOIN + AIR + "if True:\n" + program, **BOTH).lines[1:] == ["True garden 1"]


def test_after_an_outage_of_hours_and_a_good_day_the_other_network_is_tried_as_soon_as_ever(run: Run) -> None:
    program = """
    air(wifi_down=True)
    tend(6 * 3600)
    tried = writes()
    air(wifi_down=False)
    tend(2 * 3600, until=True)
    tend(100)
    away = "garden" if network.WLAN(0).config("ssid") == "shed" else "shed"
    air(wifi={away: {"garden": "secret", "shed": "spade"}[away]})
    print(tried > 6, tend(600, until=True) in range(14, 24), network.WLAN(0).config("ssid") == away)
    """
    assert run(JOIN + AIR + "if True:\n" + program, speed=20_000, **BOTH).lines[1:] == ["True True True"]


@pytest.mark.parametrize("kept", ["garden", "shed"])
def test_a_password_that_has_changed_since_is_used(run: Run, kept: str) -> None:
    """The SDK has kept the old one, and would go on trying it."""
    run(f"import network\nnetwork.WLAN(0).connect({kept!r}, 'changed')")
    assert run(JOIN, wifi={kept: {"garden": "secret", "shed": "spade"}[kept]}).lines == [f"{kept} 1 s"]


def test_a_network_that_is_none_of_the_station_s_is_left(run: Run) -> None:
    run("import network\nnetwork.WLAN(0).connect('neighbour', 'x')")
    assert run(JOIN, wifi={"neighbour": "x", "garden": "secret"}).lines == ["garden 1 s"]


def test_a_single_network_is_written_to_flash_once(run: Run, tmp_path: Path) -> None:
    single = JOIN.replace(', ("shed", "spade")', "")
    run(single + OUTAGE % 12, speed=50_000, wifi_down=True)
    assert (tmp_path / "world" / "sta_writes").read_text() == "1"
