"""Parts of a page that are drawn once for the same values."""

from __future__ import annotations

import pytest
from django.template import engines
from django.urls import get_script_prefix, set_script_prefix
from django.utils import translation

from stations.models import Field, Station
from stations.units import SYSTEMS, Units

PART = (
    "{% load kept_parts weather %}"
    "{% kept field value %}{{ field.name }} {% number value field %} {{ aside }}{% endkept %}"
)


def test_a_part_is_drawn_again_for_whatever_it_shows() -> None:
    drawn = engines["django"].from_string(PART)
    field = Field(number=1, name="temperature", unit="degC", decimals=1, station=Station())

    def shown(of: Field = field, value: float = 20.0, aside: str = "", units: Units | None = None) -> str:
        return drawn.render({"field": of, "value": value, "aside": aside, "units": units})

    assert shown(aside="first") == shown(aside="second") == "temperature 20.0 first"
    assert shown(value=21.0) == "temperature 21.0 "
    assert shown(units=SYSTEMS["us"]) == "temperature 68.0 "
    with translation.override("de"):
        assert shown() == "temperature 20,0 "
    field.decimals = 2
    assert shown() == "temperature 20.00 "
    field.name = "soil"
    assert shown() == "soil 20.00 "


def test_a_part_has_the_path_of_the_servers_address() -> None:
    drawn = engines["django"].from_string("{% load kept_parts %}{% kept %}{% url 'home' %}{% endkept %}")
    assert drawn.render({}) == "/"
    before = get_script_prefix()
    set_script_prefix("/weather/")
    try:
        assert drawn.render({}) == "/weather/"
    finally:
        set_script_prefix(before)


def test_a_row_of_the_database_is_no_value() -> None:
    drawn = engines["django"].from_string("{% load kept_parts %}{% kept station %}{{ station.name }}{% endkept %}")
    with pytest.raises(TypeError, match="not rows of the database"):
        drawn.render({"station": Station(name="Roof")})
