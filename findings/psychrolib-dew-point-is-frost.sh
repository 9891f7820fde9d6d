#!/usr/bin/env bash
# PsychroLib's dew point below freezing is a frost point, and its air has too little water in it.
#
# One would guess: at -10 degC and 50 %, GetTDewPointFromRelHum returns the dew point that weather services tell, -18.5.
# In fact: it returns -17.6. Below freezing, PsychroLib takes both the relative humidity and the dew point as over ice.
#   Meteorology has relative humidity over water at all temperatures (WMO-No. 8, annex 4.B), and so have the datasheets of
#   hygrometers. So the air has 9 % less water in it than they mean, and at -40 degC a third less.
# Met by: dew points, humidity ratios and vapour pressure deficits in frost from a SHT3x, a BME280 or a weather service.
# Seen with: psychrolib 2.5.0, beside metpy 1.7.1.
source "$(dirname "$0")/common.sh"

from_pypi psychrolib==2.5.0 metpy==1.7.1

cat >frost.py <<'PROGRAM'
import psychrolib
from metpy.calc import dewpoint_from_relative_humidity, mixing_ratio_from_relative_humidity
from metpy.units import units

psychrolib.SetUnitSystem(psychrolib.SI)
for degrees, percent in ((10, 50), (-10, 50), (-10, 100), (-40, 100)):
    air, humidity = units.Quantity(degrees, "degC"), percent / 100
    grams = 1000 * psychrolib.GetHumRatioFromRelHum(degrees, humidity, 101325)
    metpy_grams = mixing_ratio_from_relative_humidity(units.Quantity(101325, "Pa"), air, humidity).m_as("g/kg")
    print(
        f"{degrees} degC, {percent} %: dew point {psychrolib.GetTDewPointFromRelHum(degrees, humidity):.1f}"
        f" (MetPy {dewpoint_from_relative_humidity(air, humidity).m_as('degC'):.1f}),"
        f" water {grams:.3f} g/kg (MetPy {metpy_grams:.3f})"
    )
PROGRAM

prints python frost.py <<'SEEN'
10 degC, 50 %: dew point 0.1 (MetPy 0.0), water 3.792 g/kg (MetPy 3.788)
-10 degC, 50 %: dew point -17.6 (MetPy -18.5), water 0.799 g/kg (MetPy 0.880)
-10 degC, 100 %: dew point -10.0 (MetPy -10.0), water 1.599 g/kg (MetPy 1.763)
-40 degC, 100 %: dew point -40.0 (MetPy -40.0), water 0.079 g/kg (MetPy 0.117)
SEEN
