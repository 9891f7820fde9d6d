"""Air pressure at sea level, from the pressure at a station."""

from __future__ import annotations

from math import exp

from readings.derived.vapour import KELVIN, vapour_pressure_hpa

_GRAVITY, _GAS_CONSTANT = 9.80665, 287.05  # in m/s2, and of dry air in J/(kg K)
_LAPSE = 0.0065  # in K/m, of the air that is thought to be below the station
_OF_VAPOUR = 0.12  # in K/hPa: its effect on the mean temperature of that air
# WMO reduces no pressure from above 750 m, where the air that is thought to be below would matter too much. The shore
# of the Dead Sea is at -430 m.
_FROM_M, _TO_M = -450.0, 750.0
# In typhoon Tip in 1979, and at Agata in 1968: wmo.asu.edu. A pressure that is reduced already often lands outside.
LOWEST_HPA, HIGHEST_HPA = 870.0, 1084.0


def sea_level_pressure_hpa(
    pressure_hpa: float, elevation_m: float, temperature_c: float, humidity: float | None
) -> float | None:
    """Return the pressure at sea level in hPa, or None outside the method's range and outside all that was measured.

    Without a humidity, the vapour pressure is that which is usual at the temperature.
    """
    vapour_hpa = usual_vapour_hpa(temperature_c) if humidity is None else vapour_pressure_hpa(temperature_c, humidity)
    if vapour_hpa is None or vapour_pressure_hpa(temperature_c) is None or not _FROM_M <= elevation_m <= _TO_M:
        return None
    found = reduced_hpa(pressure_hpa, elevation_m, temperature_c, vapour_hpa)
    return found if LOWEST_HPA <= found <= HIGHEST_HPA else None


def reduced_hpa(pressure_hpa: float, elevation_m: float, temperature_c: float, vapour_hpa: float) -> float:
    """Return the pressure at sea level in hPa, from a station's temperature and vapour pressure, whatever its height.

    WMO, Technical Note 61, equation 2 on page 22, with the figures of Deutscher Wetterdienst, “Vorschriften und
    Betriebsunterlagen” 2, BUFR, page 28.
    """
    mean_k = temperature_c + KELVIN + _LAPSE * elevation_m / 2 + _OF_VAPOUR * vapour_hpa
    return pressure_hpa * exp(_GRAVITY / _GAS_CONSTANT * elevation_m / mean_k)


def usual_vapour_hpa(temperature_c: float) -> float:
    """Return the usual vapour pressure at a temperature in degC: Deutscher Wetterdienst takes it for a missing one."""
    if temperature_c < 9.1:
        return 5.6402 * (-0.0916 + exp(0.06 * temperature_c))
    return 18.2194 * (1.0463 - exp(-0.0666 * temperature_c))
