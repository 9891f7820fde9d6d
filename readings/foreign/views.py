"""The addresses that other makers' devices call. docs/devices/ describes them."""

from readings.foreign.view import ForeignView
from readings.foreign.wunderground import WeatherUnderground


class WeatherUndergroundView(ForeignView):
    """Store a report in the format of Weather Underground and its relatives."""

    format = WeatherUnderground
