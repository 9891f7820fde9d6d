"""The water in the air, computed from its temperature and relative humidity."""

from __future__ import annotations

from math import exp, log

# Magnus's formula over water, from -45 to 60 degC: D. Sonntag, “Important new values of the physical constants of 1986,
# vapour pressure formulations based on the ITS-90, and psychrometer formulae”, Z. Meteorol. 40 (1990), 340-344. It is
# also in WMO-No. 8, Guide to Instruments and Methods of Observation (annex 4.B).
_MAGNUS, _MAGNUS_C, _MAGNUS_HPA = 17.62, 243.12, 6.112
FROM_C, TO_C = -45.0, 60.0
_GAS_CONSTANT = 461.5  # of water vapour, in J/(kg K)
KELVIN = 273.15


def vapour_pressure_hpa(temperature_c: float, humidity: float = 100) -> float | None:
    """Return the vapour pressure in hPa, from a relative humidity over water in percent; by default, at saturation.

    Return None outside the formula's range, and for a humidity of zero. A value above 100 % counts as 100 %.
    """
    share = min(humidity, 100) / 100
    if not (FROM_C <= temperature_c <= TO_C and share > 0):
        return None
    return share * _MAGNUS_HPA * exp(_MAGNUS * temperature_c / (_MAGNUS_C + temperature_c))


def dew_point_c(temperature_c: float, humidity: float) -> float | None:
    """Return the dew point over water in degC, below 0 too; None where the vapour pressure is not known."""
    pressure_hpa = vapour_pressure_hpa(temperature_c, humidity)
    if not pressure_hpa:
        return None
    exponent = log(pressure_hpa / _MAGNUS_HPA)
    return _MAGNUS_C * exponent / (_MAGNUS - exponent)


def absolute_humidity_g_m3(temperature_c: float, humidity: float) -> float | None:
    """Return the grams of water vapour in a cubic metre of air (WMO-No. 8, annex 4.A); None as above."""
    pressure_hpa = vapour_pressure_hpa(temperature_c, humidity)
    return pressure_hpa and 1000 * 100 * pressure_hpa / (_GAS_CONSTANT * (temperature_c + KELVIN))


def vapour_pressure_deficit_kpa(temperature_c: float, humidity: float) -> float | None:
    """Return how much vapour pressure the air lacks until it is saturated, in kPa; None as above.

    R. G. Allen and others, “Crop evapotranspiration”, FAO Irrigation and Drainage Paper 56 (1998), chapter 3.
    """
    pressure_hpa, saturated_hpa = vapour_pressure_hpa(temperature_c, humidity), vapour_pressure_hpa(temperature_c)
    return None if pressure_hpa is None or saturated_hpa is None else (saturated_hpa - pressure_hpa) / 10
