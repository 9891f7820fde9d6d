"""How warm or cold it feels: indices of temperature, humidity and wind."""

from __future__ import annotations

from math import exp, sqrt

from readings.derived.vapour import KELVIN, TO_C, dew_point_c, vapour_pressure_hpa

# The lowest temperature in the National Weather Service's chart of the heat index.
HOT_F = 80.0
# The National Weather Service defines wind chill up to 50 degF and above 3 mph. Its chart ends at 60 mph, and that of
# Environment Canada at -50 degC.
_CHILL_FROM_C, _CHILL_TO_C = -50.0, 10.0
_CHILL_ABOVE_KM_H, _CHILL_TO_KM_H = 3 * 1.609344, 60 * 1.609344
# Environment Canada tells a humidex from 20 degC on, if it is at least one degree above the temperature.
_HUMIDEX_FROM_C, _HUMIDEX_ABOVE = 20.0, 1.0


def heat_index_f(temperature_f: float, humidity: float) -> float:
    """Return how hot it feels in the shade, in degF, from air temperature in degF and relative humidity in percent.

    L. P. Rothfusz, “The heat index equation”, NWS Technical Attachment SR 90-23 (1990), with the adjustments and, below
    80 degF, the simple formula, both as the Weather Prediction Center computes it
    (www.wpc.ncep.noaa.gov/html/heatindex_equation.shtml). Its error is 1.3 degF.
    """
    t, rh = temperature_f, humidity
    simple = (t + 0.5 * (t + 61 + (t - 68) * 1.2 + rh * 0.094)) / 2
    if simple < HOT_F:
        return simple
    regression = (
        *(-42.379, 2.04901523 * t, 10.14333127 * rh, -0.22475541 * t * rh, -0.00683783 * t * t),
        *(-0.05481717 * rh * rh, 0.00122874 * t * t * rh, 0.00085282 * t * rh * rh, -0.00000199 * t * t * rh * rh),
    )
    return sum(regression) + _adjustment(t, rh)


def _adjustment(t: float, rh: float) -> float:
    if rh < 13 and HOT_F <= t <= 112:
        return -(13 - rh) / 4 * sqrt((17 - abs(t - 95)) / 17)
    if rh > 85 and HOT_F <= t <= 87:
        return (rh - 85) / 10 * (87 - t) / 5
    return 0.0


def heat_index_c(temperature_c: float, humidity: float) -> float | None:
    """Return the heat index in degC, or None below 80 degF, where its chart begins, and above 60 degC."""
    temperature_f = round(temperature_c * 1.8 + 32, 9)  # 80 degF are 80, whatever they were converted from.
    if temperature_f < HOT_F or temperature_c > TO_C or humidity < 0:
        return None
    return (heat_index_f(temperature_f, min(humidity, 100)) - 32) / 1.8


def wind_chill_c(temperature_c: float, wind_km_h: float) -> float | None:
    """Return how cold the skin of a face feels, in degC, from the wind at a height of 10 m; None outside its range.

    The index that the Joint Action Group on temperature indices made in 2001 for the weather services of Canada and the
    United States: R. Osczevski and M. Bluestein, “The new wind chill equivalent temperature chart”, Bull. Amer. Meteor.
    Soc. 86 (2005), 1453-1458.
    """
    if not (_CHILL_FROM_C <= temperature_c <= _CHILL_TO_C and _CHILL_ABOVE_KM_H < wind_km_h <= _CHILL_TO_KM_H):
        return None
    wind: float = wind_km_h**0.16
    return 13.12 + 0.6215 * temperature_c - 11.37 * wind + 0.3965 * temperature_c * wind


def apparent_temperature_c(temperature_c: float, humidity: float, wind_m_s: float) -> float | None:
    """Return the temperature that a walking adult feels in the shade, in degC, from the wind at a height of 10 m.

    R. G. Steadman, “Norms of apparent temperature in Australia”, Aust. Met. Mag. 43 (1994), 1-16, as the Bureau of
    Meteorology computes it without radiation (www.bom.gov.au/info/thermal_stress). It gives no limits: here they are
    those of the vapour pressure, and of wind chill for the wind. None outside.
    """
    pressure_hpa = vapour_pressure_hpa(temperature_c, humidity)
    if pressure_hpa is None or not 0 <= wind_m_s * 3.6 <= _CHILL_TO_KM_H:
        return None
    return temperature_c + 0.33 * pressure_hpa - 0.70 * wind_m_s - 4.00


def humidex(temperature_c: float, humidity: float) -> float | None:
    """Return Canada's index of humid heat, without a unit; None where Environment Canada tells none."""
    dew_c = dew_point_c(temperature_c, humidity)
    if dew_c is None or temperature_c < _HUMIDEX_FROM_C:
        return None
    found = humidex_at_dew_point(temperature_c, dew_c)
    return found if found >= temperature_c + _HUMIDEX_ABOVE else None


def humidex_at_dew_point(temperature_c: float, dew_c: float) -> float:
    """Return the humidex for a dew point in degC.

    J. M. Masterton and F. A. Richardson, “Humidex: a method of quantifying human discomfort due to excessive heat and
    humidity”, Environment Canada CLI 1-79 (1979).
    """
    pressure_hpa = 6.11 * exp(5417.7530 * (1 / 273.16 - 1 / (KELVIN + dew_c)))
    return temperature_c + 0.5555 * (pressure_hpa - 10.0)
