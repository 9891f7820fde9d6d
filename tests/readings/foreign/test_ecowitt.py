"""Ecowitt's and Ambient's own protocol, in the shapes of gateways' payloads."""

import pytest
from django.test import Client

from readings.ingest.refusals import refusals
from readings.models import DeviceState, Reading, RefusedReport
from stations.models import Key
from tests.readings.foreign.conftest import values

pytestmark = pytest.mark.django_db

PASSKEY = "0123456789ABCDEF0123456789ABCDEF"
AT_MS = 1727984539000
# A GW2000 with a tipping bucket and a piezo gauge.
GW2000 = (
    "PASSKEY={key}&stationtype=GW2000A_V3.1.5&runtime=153544&heap=118100&dateutc=2024-10-03+19:42:19&tempinf=72.3"
    "&humidityin=54&baromrelin=29.897&baromabsin=29.365&tempf=57.2&humidity=76&winddir=207&winddir_avg10m=200"
    "&windspeedmph=3.36&windgustmph=5.82&maxdailygust=17.22&solarradiation=32.30&uv=0&rainratein=0.000"
    "&eventrainin=0.000&hourlyrainin=0.000&dailyrainin=0.100&weeklyrainin=0.200&monthlyrainin=0.300"
    "&yearlyrainin=12.000&totalrainin=20.000&rrain_piezo=0.100&erain_piezo=0.2&hrain_piezo=0.1&drain_piezo=0.4"
    "&wrain_piezo=0.5&mrain_piezo=0.6&yrain_piezo=10.000&srain_piezo=1&ws90cap_volt=5.3&ws90_ver=133&temp1f=68"
    "&humidity1=50&soilmoisture1=31&soilbatt1=1.6&tf_ch1=50.0&tf_batt1=1.5&leafwetness_ch1=10&leaf_batt1=1.6"
    "&pm25_ch1=4.0&pm25_avg_24h_ch1=5.5&pm25batt1=5&lightning=12&lightning_time=1727980000&lightning_num=3"
    "&wh57batt=4&wh65batt=0&wh90batt=3.02&batt1=0&freq=868M&model=GW2000A&interval=60"
)


def post(body, path="/data/report/"):
    answer = Client().generic("POST", path, body.encode(), content_type="application/x-www-form-urlencoded")
    assert answer.headers.keys() == {"Content-Type", "Cache-Control", "Content-Length"}
    return answer.status_code, answer.content.decode()


def test_a_gateway_with_both_families_of_rain(made):
    station, key = made("ecowitt")
    for _ in range(2):
        assert post(GW2000.format(key=key)) == (200, "OK")
    newest = {name: value for name, [(at_ms, value)] in values(station).items() if at_ms == AT_MS}
    assert newest == {
        "indoor temperature": 22.388889,
        "indoor humidity": 54,
        "sea-level pressure": 1012.428719,
        "pressure": 994.41313,
        "temperature": 14,
        "humidity": 76,
        "wind direction": 207,
        "wind direction, 10 minutes": 200,
        "wind speed": 1.502054,
        "gust": 2.601773,
        "solar radiation": 32.3,
        "UV index": 0,
        "rain rate": 0,
        "rain": 508,
        "rain rate, piezo": 2.54,
        "rain, piezo": 254,
        "capacitor of WS90": 5.3,
        "temperature 1": 20,
        "humidity 1": 50,
        "soil moisture 1": 31,
        "battery of soil moisture 1": 1.6,
        "probe 1": 10,
        "battery of probe 1": 1.5,
        "leaf wetness 1": 10,
        "battery of leaf wetness 1": 1.6,
        "PM2.5 1": 4,
        "lightning distance": 12,
        "lightning count": 3,
        "battery of WH90": 3.02,
    }
    assert len(values(station)) == len(newest), "nothing twice"


def test_flags_of_batteries_are_no_readings_and_unknown_names_are_counted(made):
    _, key = made("ecowitt")
    post(GW2000.format(key=key) + "&flux=7")
    refusals.flush()
    assert [row.part for row in RefusedReport.objects.all()] == ["flux"]


@pytest.mark.parametrize("path", ["/in/{key}/data/report/", "//data/report", "/data/report", "/in/{key}//data/report"])
def test_the_key_is_in_the_path_or_is_the_passkey(made, path):
    station, key = made("ecowitt")
    passkey = PASSKEY if "{key}" in path else key
    date = "2024-02-08 10: 36: 28"  # as one firmware writes it
    path = path.format(key=key)
    answer = Client().generic(
        "POST", "/", f"PASSKEY={passkey}&stationtype=GW1000&dateutc={date}&tempf=50".encode(), PATH_INFO=path
    )
    assert (answer.status_code, answer.content) == (200, b"OK")
    assert values(station) == {"temperature": [(1707388588000, 10)]}


def test_a_gateway_s_own_passkey_may_be_the_key(made):
    station, _ = made("ecowitt")
    Key.objects.issue(station, PASSKEY)
    assert post(f"PASSKEY={PASSKEY}&dateutc=now&tempf=50&lightning=&lightning_time=") == (200, "OK")
    assert values(station).keys() == {"temperature"}


@pytest.mark.parametrize(
    "target",
    [
        "/in/{key}/data/report/?stationtype=AMBWeatherV4.2.9&PASSKEY=AA:BB:CC:DD:EE:FF&dateutc=now&tempf=50&battout=1",
        "/in/{key}/data/stationtype=AMBWeatherV4.2.9&PASSKEY=AA:BB:CC:DD:EE:FF&dateutc=now&tempf=50&battout=1",
    ],
)
def test_ambient_sends_the_same_names_by_get(made, target):
    station, key = made("ambient")
    answer = Client().get(target.format(key=key))
    assert (answer.status_code, answer.content) == (200, b"OK")
    assert [value for _, value in values(station)["temperature"]] == [10]


def test_a_wrong_key_is_told_and_seen_without_it(made):
    assert post(GW2000.format(key=PASSKEY)) == (403, "unknown station or key")
    assert post("tempf=50", f"/in/{PASSKEY}/data/report/") == (403, "unknown station or key")
    refusals.flush()
    row = RefusedReport.objects.get()
    assert (row.get_reason_display(), row.count) == ("unknown key", 2)
    assert row.example.startswith("POST /data/report/ PASSKEY=***&stationtype=***")
    assert PASSKEY not in str(row.__dict__)
    assert not Reading.objects.exists()


AMBIENT = "PASSKEY={key}&stationtype=AMBWeatherV4.3.6&dateutc=now&tempf=59.9"


@pytest.mark.parametrize(
    ("report", "low"),
    [
        (GW2000, ""),
        (GW2000 + "&wh65batt=1", "WH65"),
        (GW2000.replace("wh57batt=4", "wh57batt=1").replace("batt1=0", "batt1=1"), "WH31 1, WH57"),
        (GW2000.replace("pm25batt1=5", "pm25batt1=6"), ""),  # on mains
        (GW2000.replace("pm25batt1=5", "pm25batt1=0"), "WH41 1"),
        (AMBIENT + "&battout=1&battin=0&batt1=1&batt_co2=0&batt_lightning=1", "indoor sensor"),
        (AMBIENT + "&battout=0&batt2=0", "outdoor sensor, WH31 2"),
        (AMBIENT + "&battout=x&batt_co2=1", None),
    ],
)
def test_what_a_console_calls_low_is_kept_by_the_meaning_of_its_maker(made, report, low):
    station, key = made("ecowitt")
    # Of a name that is given twice, the last one counts.
    assert post(report.format(key=key)) == (200, "OK")
    assert DeviceState.objects.filter(station=station).values_list("low_batteries", flat=True).first() == low


def test_it_is_written_as_soon_as_it_is_news_and_else_every_five_minutes(made):
    _station, key = made("ecowitt")
    post(GW2000.format(key=key))
    DeviceState.objects.update(low_batteries="as it was")
    post(GW2000.format(key=key).replace("42:19", "42:29"))
    assert DeviceState.objects.get().low_batteries == "as it was"
    post(GW2000.format(key=key).replace("42:19", "42:39") + "&wh26batt=1")
    assert DeviceState.objects.get().low_batteries == "WH26"
