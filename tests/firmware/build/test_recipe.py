"""Everything that one station's board needs to know."""

from dataclasses import replace

import pytest

from firmware.build.recipe import Mounted, Recipe
from firmware.sensors.catalogue import SENSORS
from freetemp import __version__

pytestmark = pytest.mark.sqlite_only

RECIPE = Recipe(
    server_url="http://192.168.1.5:8000",
    mac="6c:ef:7f:3b:9d:e8",
    key="0123456789abcdef0123456789abcdef",
    networks=(("Garden", "tomatoes and beans"), ("Shed", "")),
    sensors=(
        Mounted("bme280", {"scl": 5, "sda": 4, "address": 118}, {"temperature": 1, "humidity": 3}),
        Mounted("rain_gauge", {"data": 12, "tip_mm": 2794}, {"rain_counter": 4}),
    ),
    interval_s=60,
    battery=False,
)


def carrying(driver: str) -> Recipe:
    """Return the recipe with one sensor."""
    return replace(RECIPE, sensors=(Mounted(driver, SENSORS[driver].wiring, {}),))


def test_the_board_s_configuration_has_everything_in_the_board_s_own_terms():
    assert RECIPE.config() == {
        "server": "http://192.168.1.5:8000",
        "mac": "6cef7f3b9de8",
        "key": "0123456789abcdef0123456789abcdef",
        "networks": [["Garden", "tomatoes and beans"], ["Shed", ""]],
        "interval_s": 60,
        "battery": False,
        "sensors": [
            {
                "driver": "bme280",
                "scl": 5,
                "sda": 4,
                "address": 118,
                "fields": {"temperature": 1, "humidity": 3},
            },
            {"driver": "rain_gauge", "data": 12, "tip_mm": 2794, "fields": {"rain_counter": 4}},
        ],
        "firmware": __version__,
    }


def test_neither_the_key_nor_a_password_is_in_its_repr():
    assert RECIPE.key not in repr(RECIPE)
    assert "tomatoes" not in repr(RECIPE)
    assert "192.168.1.5" in repr(RECIPE), "the rest is: it tells one from another"
