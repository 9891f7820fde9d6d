"""Reports as fifteen gateways and consoles make them: their names, families and models, with values of our own.

The names are those of the payloads in ecowitt2mqtt at 0a35207. `{1-8}` stands for numbers.
"""

import re
from math import isclose

import pytest
from django.test import Client

from readings.foreign import ecowitt, wunderground
from readings.ingest.refusals import refusals
from readings.models import Reading, RefusedReport
from stations.units import conversion

pytestmark = [pytest.mark.django_db, pytest.mark.usual_limits]

INDOORS = "tempinf humidityin baromrelin baromabsin "
OUTDOORS = INDOORS + "tempf humidity "
WIND_AND_SUN = OUTDOORS + "winddir windspeedmph windgustmph solarradiation uv "
BUCKET = "eventrainin dailyrainin weeklyrainin monthlyrainin "
WITH_RATE = BUCKET + "rainratein hourlyrainin "
PIEZO = "rrain_piezo erain_piezo hrain_piezo drain_piezo wrain_piezo mrain_piezo yrain_piezo "
YEAR = "yearlyrainin wh65batt freq "
GATEWAY = "freq runtime "
OF_WS90 = WIND_AND_SUN + PIEZO + GATEWAY + "maxdailygust wh90batt ws90cap_volt ws90_ver "
STRIKES = "lightning lightning_num lightning_time "

# Its own name, what it says it is, and the names that it sends.
GATEWAYS = [
    ("ambient", "AMBWeatherV4.3.4", "", WIND_AND_SUN + BUCKET + "hourlyrainin totalrainin maxdailygust batt_co2"),
    *(
        (f"gw1000b-pro {n}", "GW1000B_V1.7.3", "GW1000B_Pro", f"{WIND_AND_SUN}{WITH_RATE}{GATEWAY}{STRIKES}{rest}")
        for n, rest in enumerate(["yearlyrainin maxdailygust wh65batt", "maxdailygust yearlyrainin wh65batt"])
    ),
    (
        *("gw1000-pro", "GW1000B_V1.6.8", "GW1000_Pro"),
        WIND_AND_SUN + WITH_RATE + "totalrainin yearlyrainin maxdailygust wh65batt freq",
    ),
    (
        *("gw1100b", "GW1100B_V2.0.3", "GW1100B"),
        OUTDOORS + WITH_RATE + "totalrainin yearlyrainin temp1f humidity1 batt1 soilmoisture{1-2} soilbatt{1-2}"
        " tf_ch{1-8} tf_batt{1-8} wh26batt wh40batt freq",
    ),
    (
        *("gw2000a with leaks", "GW2000A_V2.1.4", "GW2000A"),
        OF_WS90 + STRIKES + "leafwetness_ch1 leaf_batt1 leak_ch{1-4} leakbatt{1-4} wh57batt heap",
    ),
    (
        *("gw2000a with everything", "GW2000A_V2.1.4", "GW2000A"),
        OF_WS90 + WITH_RATE + STRIKES + "yearlyrainin temp{1-8}f humidity{1-8} batt{1-8} soilmoisture{1-5}"
        " soilbatt{1-5} pm25_ch1 pm25_avg_24h_ch1 pm25batt1 tf_co2 humi_co2 pm25_co2 pm25_24h_co2 pm10_co2 pm10_24h_co2"
        " co2 co2_24h co2_batt wh57batt wh80batt gain{10-10}_piezo gain{20-20}_piezo gain{30-30}_piezo interval",
    ),
    *(
        (f"gw2000a, {each}", "GW2000A_V3.1.5", "GW2000A", f"{OF_WS90}srain_piezo interval heap")
        for each in ("blanks around colons", "as usual")
    ),
    (
        *("hp2550", "EasyWeatherV1.5.9", "PT-HP2550_Pro_V1.6.7"),
        WIND_AND_SUN + WITH_RATE + "yearlyrainin maxdailygust winddir_avg10m windspdmph_avg10m temp1f humidity1 batt1"
        " soilmoisture1 soilbatt1 pm25_ch1 pm25_avg_24h_ch1 pm25batt1 wh25batt wh65batt freq",
    ),
    (
        *("unknown", "UNKNOWN_Vx.x.x", "some_random_model"),
        WIND_AND_SUN + WITH_RATE + GATEWAY + "yearlyrainin maxdailygust wh65batt",
    ),
    (
        *("wh2650a", "WH2650A_V1.7.4", "WH2650A"),
        WIND_AND_SUN + WITH_RATE + GATEWAY + "yearlyrainin maxdailygust wh25batt wh65batt",
    ),
    (
        "ws2350",
        "EasyWeatherV1.6.4",
        "WS2350_V2.37",
        WIND_AND_SUN + WITH_RATE + "yearlyrainin totalrainin wh65batt freq",
    ),
    ("ws2900", "EasyWeatherV1.5.9", "WS2900_V2.01.13", WIND_AND_SUN + WITH_RATE + "totalrainin wh65batt freq"),
    (
        *("observer", "OBSERVERIP2_V2.2.3", ""),
        "tempf humidity winddir windspeedmph windgustmph solarradiation UV dewptf windchillf rainin dailyrainin"
        " weeklyrainin monthlyrainin yearlyrainin indoortempf indoorhumidity baromin lowbatt",
    ),
]
# Of each family of rain, only the total that begins again most seldom. Flags and steps of batteries are none.
NOT_KEPT = re.compile(
    r"(?:event|hourly|weekly|monthly)rainin|[ehwm]rain_piezo|srain_piezo|maxdailygust"
    r"|(?:wh(?:25|26|65|57)|pm25|leak)batt\d*|co2_batt|batt_?(?:\d+|co2)|lowbatt|windchillf|freq|runtime|heap|interval|ws90_ver|gain.*|leak_.*|.*_24h.*|lightning_time"
)


def names_of(text):
    for name in text.split():
        first, last = re.findall(r"\d+", found[0]) if (found := re.findall(r"\{.*\}", name)) else ("1", "1")
        yield from (re.sub(r"\{.*\}", str(n), name) for n in range(int(first), int(last) + 1))


def value_of(name):
    """Return a value by its name, which is plausible for every quantity in its imperial unit."""
    whole = sum(map(ord, name)) % 9
    if name == "co2":
        return 420.0
    return 29 + whole / 10 if name.startswith("barom") else 2.0 + whole


@pytest.mark.parametrize(("name", "stationtype", "model", "names"), GATEWAYS, ids=[each[0] for each in GATEWAYS])
def test_every_quantity_of_a_gateway_is_stored_in_its_field_s_unit_and_nothing_else_is(
    made, name, stationtype, model, names
):
    sent = {each: value_of(each) for each in names_of(names)}
    date = "2024-02-08 10: 36: 28" if "colons" in name else "2024-02-08+10:36:28"
    query = "&".join([f"dateutc={date}", *(f"{each}={value}" for each, value in sent.items())])
    is_observer = name == "observer"
    station, key = made("wunderground" if is_observer else "ambient" if name == "ambient" else "ecowitt")
    if is_observer:
        path = "/weatherstation/updateweatherstation.php"
        query = f"ID=KTEST1&PASSWORD={key}&action=updateraw&softwaretype={stationtype}&realtime=1&rtfreq=5&{query}"
        answer = Client().get(f"{path}?{query}")
    elif name == "ambient":
        answer = Client().get(f"/in/{key}/data/report/?stationtype={stationtype}&PASSKEY=AABBCCDDEEFF&{query}")
    else:
        body = f"PASSKEY={'0123456789ABCDEF' * 2}&stationtype={stationtype}&model={model}&{query}"
        form = "application/x-www-form-urlencoded"
        answer = Client().generic("POST", f"/in/{key}/data/report/", body.encode(), content_type=form)
    assert (answer.status_code, answer.content.strip()) == (200, b"success" if is_observer else b"OK")

    kept = {each.lower() for each in sent if not NOT_KEPT.fullmatch(each)}
    for family in ("totalrainin", "yearlyrainin", "dailyrainin"), ("yrain_piezo", "drain_piezo"):
        totals = [each for each in family if each in kept]
        kept -= set(totals[1:])
    known = (wunderground if is_observer else ecowitt).KNOWN
    fields = {each.number: each for each in station.fields.all()}
    stored = {fields[row.field].source.removesuffix(" live"): row for row in Reading.objects.filter(station=station)}
    assert stored.keys() == kept
    for source, row in stored.items():
        unit, value = fields[row.field].unit, next(value for each, value in sent.items() if each.lower() == source)
        expected = value if unit == known[source].unit else conversion(known[source].unit, unit).apply(value)
        assert isclose(row.value, expected, abs_tol=1e-6), source
        assert f"{row.measured_at:%Y-%m-%d %H:%M:%S}" == "2024-02-08 10:36:28"
        assert fields[row.field].is_plausible(row.value), source
    refusals.flush()
    assert not RefusedReport.objects.exists(), "no name is unknown"


def test_the_four_kinds_of_batteries():
    volts = {source for source, known in ecowitt.KNOWN.items() if known.unit == "V"}
    assert {"wh40batt", "wh68batt", "wh80batt", "wh90batt", "soilbatt1", "tf_batt8", "leaf_batt1"} <= volts
    assert {"ws90cap_volt", "console_batt"} <= volts
    for flag_or_step in ("wh25batt", "wh65batt", "batt1", "wh57batt", "pm25batt1", "leakbatt4", "co2_batt", "battout"):
        assert flag_or_step not in ecowitt.KNOWN
