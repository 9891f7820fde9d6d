"""Everything that one station's board needs to know."""

import pytest

from firmware.build.recipe import Recipe
from freetemp import __version__

pytestmark = pytest.mark.sqlite_only

RECIPE = Recipe(
    server_url="http://192.168.1.5:8000",
    mac="6c:ef:7f:3b:9d:e8",
    key="0123456789abcdef0123456789abcdef",
    networks=(("Garden", "tomatoes and beans"), ("Shed", "")),
    sensor="bme280",
    wiring={"scl": 5, "sda": 4, "address": 118},
    fields={"temperature": 1, "humidity": 3},
    interval_s=60,
    battery=False,
)


def test_the_board_s_configuration_has_everything_in_the_board_s_own_terms():
    assert RECIPE.config() == {
        "server": "http://192.168.1.5:8000",
        "mac": "6cef7f3b9de8",
        "key": "0123456789abcdef0123456789abcdef",
        "networks": [["Garden", "tomatoes and beans"], ["Shed", ""]],
        "interval_s": 60,
        "battery": False,
        "sensor": {"driver": "bme280", "scl": 5, "sda": 4, "address": 118},
        "fields": {"temperature": 1, "humidity": 3},
        "firmware": __version__,
    }


def test_neither_the_key_nor_a_password_is_in_its_repr():
    assert RECIPE.key not in repr(RECIPE)
    assert "tomatoes" not in repr(RECIPE)
    assert "192.168.1.5" in repr(RECIPE), "the rest is: it tells one from another"
