"""Weather for stations without a board: made up, smooth, and the same for the same station and time."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

DAY_S = 86_400
YEAR_S = 365.2425 * DAY_S
WARMEST_DAY, WARMEST_HOUR = 200, 15  # In the north, and in solar time.
HIGHS_AND_LOWS_S = [days * DAY_S for days in (2.3, 3.7, 5.9, 9.1)]
GUSTS_S = [minutes * 60 for minutes in (7, 17, 41)]
LAPSE_K_PER_M = 0.0065  # From the ICAO standard atmosphere (Doc 7488), like the two constants of the pressure.
SEA_LEVEL_HPA, PRESSURE_EXPONENT, PRESSURE_PER_M = 1013.25, 5.25588, 2.25577e-5


@dataclass(frozen=True)
class Place:
    """A place with weather. Places with different seeds have different weather on the same day."""

    seed: str
    latitude: float = 50.0  # Degrees, north positive.
    longitude: float = 0.0  # Degrees, east positive.
    elevation_m: float = 0.0


def sensor_values(place: Place, at_s: float) -> dict[str, float]:
    """Return what sensors measure at a time in Unix seconds.

    temperature in degC, humidity in %, pressure in hPa, rain in mm/h, wind speed in m/s, wind direction in degrees,
    illuminance in lx. Highs and lows pass within days; clear skies widen the daily range and dry the air.
    """
    cloud = (1 + _noise(place, "cloud", HIGHS_AND_LOWS_S, at_s)) / 2  # 0 is a clear sky.
    mean = _day_s_mean(place, at_s)
    temperature = mean + _day_s_course(place, at_s) * (1 - 0.7 * cloud) + 0.15 * _noise(place, "gusts", GUSTS_S, at_s)
    dew_point = mean - 3 - 8 * (1 - cloud)
    humidity = 100 * _vapour_hpa(dew_point) / _vapour_hpa(temperature) + _noise(place, "damp", GUSTS_S, at_s)
    return {
        "temperature": round(temperature, 3),
        "humidity": round(min(max(humidity, 5), 100), 3),
        "pressure": round(_pressure_hpa(place, at_s), 3),
        "rain": round(max(0, 5 * (cloud - 0.65) + 0.4 * _noise(place, "showers", GUSTS_S, at_s)), 3),
        "wind_speed": round(_wind(place, at_s), 3),
        "wind_direction": round(180 + 179 * _noise(place, "direction", HIGHS_AND_LOWS_S, at_s), 1),
        "illuminance": round(100_000 * max(0, -_sun(place, at_s)) * (1 - 0.8 * cloud)),
    }


def _wind(place: Place, at_s: float) -> float:
    calm_or_storm = 4 + 3.5 * _noise(place, "wind", HIGHS_AND_LOWS_S, at_s)
    return calm_or_storm * (1 + 0.3 * _noise(place, "blow", GUSTS_S, at_s))


def _sun(place: Place, at_s: float) -> float:
    """Return the course of the sun by the station's longitude: -1 at noon, 1 at midnight."""
    return _turn(at_s / DAY_S + place.longitude / 360)


def _day_s_mean(place: Place, at_s: float) -> float:
    """Return the temperature without its daily cycle, by latitude, height, season and the passing air."""
    latitude = abs(place.latitude)
    season = _turn((at_s / DAY_S - WARMEST_DAY) * DAY_S / YEAR_S + (0.5 if place.latitude < 0 else 0))
    year = 27 - 0.35 * max(latitude - 10, 0) + 0.22 * latitude * season
    return year - LAPSE_K_PER_M * place.elevation_m + 4 * _noise(place, "air", HIGHS_AND_LOWS_S, at_s)


def _day_s_course(place: Place, at_s: float) -> float:
    sun_s = at_s + place.longitude / 360 * DAY_S
    return 6 * _turn(sun_s / DAY_S - WARMEST_HOUR / 24)


def _pressure_hpa(place: Place, at_s: float) -> float:
    sea_level = SEA_LEVEL_HPA + 18 * _noise(place, "pressure", HIGHS_AND_LOWS_S, at_s)
    return sea_level * math.pow(1 - PRESSURE_PER_M * min(place.elevation_m, 11_000), PRESSURE_EXPONENT)


def _vapour_hpa(celsius: float) -> float:
    """Return the saturation vapour pressure over water (Alduchov and Eskridge 1996, eq. 21)."""
    return 6.1094 * math.exp(17.625 * celsius / (celsius + 243.04))


def _noise(place: Place, what: str, periods_s: Sequence[float], at_s: float) -> float:
    """Return a smooth value between -1 and 1: a sum of waves with incommensurable periods."""
    return sum(_turn(at_s / period + _phase(f"{place.seed} {what} {period}")) for period in periods_s) / len(periods_s)


def _phase(name: str) -> float:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) / 2**32


def _turn(turns: float) -> float:
    """Return the cosine of an angle in whole turns."""
    return math.cos(2 * math.pi * turns)
