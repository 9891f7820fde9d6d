"""A board with several sensors: rain and wind are counted between the readings, and no reset loses a tip."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from firmware.build.recipe import Mounted
from firmware.sensors.catalogue import SENSORS
from firmware.simulator.vm import RESET_EXIT, VirtualMachine
from tests.device.machine_board import Board
from tests.device.machine_server import Server

pytestmark = pytest.mark.sqlite_only

MakeBoard = Callable[..., Board]
RAIN = 12  # the pin
TIP_MM = 0.2794


def carrying(*drivers: str) -> tuple[Mounted, ...]:
    """Return the sensors as the catalogue wires them, with fields from 1 on in the order of their quantities."""
    number = iter(range(1, 100))
    types = [SENSORS[driver] for driver in drivers]
    return tuple(Mounted(each.driver, each.wiring, {name: next(number) for name in each.quantities}) for each in types)


def values(server: Server, field: int) -> list[float]:
    return [each.value for each in server.readings if each.field == field]


def test_a_whole_weather_station_reports_each_of_its_quantities(make_board: MakeBoard, server: Server) -> None:
    board = make_board(500, sensors=carrying("sht3x", "rain_gauge", "anemometer", "wind_vane", "bh1750"))
    board.vm.set(temperature=-3.5, hertz={str(RAIN): 0.1, "13": 6}, wind_direction=247.5, illuminance=1_000)
    board.until(lambda: len(values(server, 7)) >= 4)
    assert all(abs(value + 3.5) < 0.02 for value in values(server, 1))
    rain = values(server, 3)
    assert 1.5 < rain[2] - rain[1] < 1.9, "0.1 tips a second are 1.68 mm a minute"
    speeds, gusts = values(server, 4), values(server, 5)
    assert all(3.9 < value < 4.1 for value in speeds[1:])
    assert all(speed <= gust < 4.4 for speed, gust in zip(speeds, gusts, strict=False))
    assert set(values(server, 6)) == {247.5}
    assert all(abs(value - 1_000) < 2 for value in values(server, 7))
    assert server.troubles == []


def test_the_trouble_of_one_sensor_keeps_no_other_from_reporting(make_board: MakeBoard, server: Server) -> None:
    board = make_board(500, sensors=carrying("mcp9808", "rain_gauge", "wind_vane"))
    board.vm.set(sensor_fault="absent", a0=1024)
    board.until(lambda: len(values(server, 2)) >= 2)
    assert values(server, 1) == values(server, 3) == []
    assert server.troubles[-1] == "mcp9808: no answer at 0x18; wind_vane: no vane: A0 reads 1024"
    board.vm.set(sensor_fault=None, a0=None)
    board.until(lambda: values(server, 1) and values(server, 3))


def test_two_thermometers_have_a_field_each(make_board: MakeBoard, server: Server) -> None:
    board = make_board(500, sensors=carrying("mcp9808", "ds18b20"))
    board.until(lambda: len(values(server, 2)) >= 2)
    assert len(values(server, 1)) >= 2


def test_no_bite_of_the_watchdog_loses_a_tip(make_board: MakeBoard, server: Server) -> None:
    """Two tips in each life, while the other sensor blocks until the watchdog bites."""
    board = make_board(200, sensors=carrying("mcp9808", "rain_gauge"))
    board.vm.set(sensor_fault="block", closings=[[8_000, RAIN], [9_000, RAIN]])
    board.until(lambda: len(board.vm.exits) >= 4)
    board.vm.set(sensor_fault=None)
    board.until(lambda: len(values(server, 2)) >= 3)
    assert set(board.vm.exits) == {RESET_EXIT}
    lives = len(board.vm.exits) + 1
    assert values(server, 2)[-1] == pytest.approx(2 * lives * TIP_MM, abs=0.001)


def test_the_reset_button_loses_no_tip_and_a_power_cut_begins_at_zero(make_board: MakeBoard, server: Server) -> None:
    board = make_board(200, sensors=carrying("rain_gauge"))
    board.vm.set(closings=[[20_000, RAIN], [25_000, RAIN]])
    board.until(lambda: values(server, 1)[-1:] == [pytest.approx(2 * TIP_MM, abs=0.001)])
    board.vm.press_reset()
    board.until(lambda: values(server, 1)[-1:] == [pytest.approx(4 * TIP_MM, abs=0.001)])
    board.vm.power_cut()
    before = len(values(server, 1))
    board.until(lambda: len(values(server, 1)) >= before + 2)
    assert values(server, 1)[before] == 0
    assert values(server, 1)[-1] == pytest.approx(2 * TIP_MM, abs=0.001)


def test_rain_before_the_first_network_is_counted(make_board: MakeBoard, server: Server) -> None:
    board = make_board(200, sensors=carrying("rain_gauge"))
    board.vm.set(wifi_down=True, closings=[[10_000, RAIN], [20_000, RAIN]])
    board.until(lambda: "no WiFi" in board.vm.lines)
    board.vm.set(wifi_down=None)
    board.until(lambda: values(server, 1))
    assert values(server, 1)[0] == pytest.approx(2 * TIP_MM, abs=0.001)


@pytest.mark.parametrize(("fault", "says"), [(None, "1 21375"), ("absent", "mcp9808: no answer at 0x18")])
def test_a_driver_that_counts_nothing_is_unloaded_until_the_next_reading(
    run: Callable[..., VirtualMachine], fault: str | None, says: str
) -> None:
    program = """
import json, sys
import station

class Reporter:
    def add(self, field, value):
        print(field, value)

config = json.loads('%s')
class Here(station.Station):
    def __init__(self):
        self._sensors, self.reporter = [[wiring, None] for wiring in config], Reporter()

here = Here()
here._set_up()
for _ in range(2):
    here.measure()
    print(sorted(name for name in sys.modules if name.startswith(("sensors", "i2c"))))
"""
    sensors = [each.config() for each in carrying("mcp9808", "rain_gauge")]
    vm = run(program % json.dumps(sensors), sensor_fault=fault)
    assert vm.lines == [says, "2 0", "['sensors.rain_gauge']"] * 2
