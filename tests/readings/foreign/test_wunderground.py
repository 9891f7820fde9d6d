"""Weather Underground's format, as WeeWX 5.5.2, consoles and bridges send it."""

from unittest import mock

import pytest
from django.db import OperationalError
from django.test import Client

from freetemp.fields import now_millis
from readings.ingest.refusals import refusals
from readings.ingest.reports import ClockBehindError
from readings.models import Reading, RefusedReport
from stations.models import Field, Key
from stations.wrong_keys import WRONG_KEYS
from tests.conftest import MAC
from tests.readings.foreign.conftest import values

pytestmark = pytest.mark.django_db

PATH = "/weatherstation/updateweatherstation.php"
# As WeeWX sent it, with its own names, zeros and encodings.
ARCHIVE = (
    "action=updateraw&ID=KTEST1&PASSWORD={key}&softwaretype=weewx-5.5.2&baromin=31.100&dateutc=2021-11-28%2001%3A24%3A20"
    "&dailyrainin=0.01&dewptf=27.2&rainin=0.01&humidity=080&tempf=32.7&solarradiation=0.00&UV=0.00&winddir=045"
    "&windgustmph=0.0&windspeedmph=10.0&indoortempf=63.0&indoorhumidity=30"
)
AT_MS = 1638062660000


def send(query, path=PATH, method="GET", **extra):
    response = Client().generic(method, f"{path}?{query}" if query else path, **extra)
    assert response.headers.keys() == {"Content-Type", "Cache-Control", "Content-Length"}
    return response.status_code, response.content.decode()


@pytest.fixture
def console(made):
    return made("wunderground")


def test_a_first_report_adds_the_fields_in_metric_units(console):
    station, key = console
    assert send(ARCHIVE.format(key=key)) == (200, "success\n")
    assert values(station) == {
        "sea-level pressure": [(AT_MS, 1053.166979)],
        "rain": [(AT_MS, 0.254)],
        "dew point": [(AT_MS, -2.666667)],
        "rain in the last hour": [(AT_MS, 0.254)],
        "humidity": [(AT_MS, 80.0)],
        "temperature": [(AT_MS, 0.388889)],
        "solar radiation": [(AT_MS, 0.0)],
        "UV index": [(AT_MS, 0.0)],
        "wind direction": [(AT_MS, 45.0)],
        "gust": [(AT_MS, 0.0)],
        "wind speed": [(AT_MS, 4.4704)],
        "indoor temperature": [(AT_MS, 17.222222)],
        "indoor humidity": [(AT_MS, 30.0)],
    }
    units = dict(station.fields.values_list("source", "unit"))
    assert (units["tempf"], units["baromin"], units["rainin"], units["uv"]) == ("degC", "hPa", "mm/h", "")
    assert dict(station.fields.values_list("source", "quantity"))["dailyrainin"] == "rain_counter"
    assert Key.objects.get().state == "live"


def test_a_repeat_is_stored_once_and_adds_no_field(console):
    _, key = console
    answers = {send(ARCHIVE.format(key=key)) for _ in range(3)}
    assert answers == {(200, "success\n")}
    assert Reading.objects.count() == Field.objects.count() == 13


def test_rapidfire_beside_the_archived_mean_of_the_same_second_is_another_reading(console):
    station, key = console
    send(ARCHIVE.format(key=key))
    send(ARCHIVE.format(key=key).replace("tempf=32.7", "tempf=33.0") + "&realtime=1&rtfreq=2.5&windgustdir=360")
    assert values(station)["temperature"] == [(AT_MS, 0.388889), (AT_MS + 1, 0.555556)]
    assert values(station)["rain"] == [(AT_MS, 0.254)]
    assert values(station)["rain (2)"] == [(AT_MS + 1, 0.254)], "of its own: it lags behind the archived total"


@pytest.mark.parametrize(
    ("date", "moment_ms"),
    [
        ("2021-5-1%202:34:15", 1619836455000),
        ("2021-05-01+02:34:15", 1619836455000),
        ("2021-05-01%2002%3A34%3A15", 1619836455000),
        ("2021-05-01T02:34:15Z", 1619836455000),
        ("2021-05-01 02: 34: 15".replace(" ", "%20"), 1619836455000),
        ("now", None),
        ("", None),
        ("2026-13-45 99:99:99".replace(" ", "%20"), None),
        ("2999-01-01%2000:00:00", None),
    ],
)
def test_dates_as_consoles_write_them(console, date, moment_ms):
    station, key = console
    before_ms = now_millis()
    assert send(f"ID=x&PASSWORD={key}&dateutc={date}&tempf=50") == (200, "success\n")
    ((stored_ms, value),) = values(station)["temperature"]
    assert value == 10
    assert stored_ms == moment_ms if moment_ms else before_ms <= stored_ms <= now_millis()


def test_minus_9999_and_an_empty_value_are_none(console):
    station, key = console
    send(f"ID=x&PASSWORD={key}&dateutc=now&tempf=50&UV=-9999&solarradiation=-9999.0&humidity=")
    assert values(station).keys() == {"temperature"}
    assert [field.name for field in station.fields.all()] == ["temperature"]


@pytest.mark.parametrize(
    "path",
    [
        *("/weatherstation/updateweatherstation.php", "/%2Fweatherstation/updateweatherstation.php"),
        *("/weatherstation/updateweatherstation", "/WeatherStation/UpdateWeatherStation.php/"),
        *("/pwsupdate/pwsupdate.php", "/api/v1/submitwx", "/automaticreading", "/api/v2/send"),
    ],
)
def test_every_service_s_path_leads_here(console, path):
    station, key = console
    names = ("siteid", "siteAuthenticationKey") if "auto" in path else ("ID", "PASSWORD")
    assert send(f"{names[0]}=1&{names[1]}={key}&dateutc=now&tempf=50", path) == (200, "success\n")
    assert len(values(station)["temperature"]) == 1


def test_a_query_without_its_question_mark_is_read(console):
    station, key = console
    assert send("", f"{PATH}ID=KTEST1&PASSWORD={key}&dateutc=2021-5-10%202:34:15&tempf=50") == (200, "success\n")
    assert values(station)["temperature"] == [(1620614055000, 10.0)]


def test_the_key_may_stand_in_the_path(console):
    station, key = console
    assert send("dateutc=now&tempf=50&PASSWORD=none", f"/in/{key}{PATH}") == (200, "success\n")
    assert len(values(station)["temperature"]) == 1


def test_a_total_that_seldom_begins_again_is_taken_before_one_that_does_each_midnight(console):
    station, key = console
    send(f"ID=x&PASSWORD={key}&dateutc=now&dailyrainin=0&weeklyrainin=1&monthlyrainin=1&yearlyrainin=10")
    ((_, value),) = values(station)["rain"]
    assert value == 254


@pytest.mark.parametrize(
    ("station_key", "why"), [("wrong", "another key"), ("", "no key"), ("{boards}", "a board's key, without its MAC")]
)
def test_a_wrong_key_is_told_in_the_words_that_each_client_looks_for(console, station, key, station_key, why):
    status, text = send(ARCHIVE.format(key=station_key.format(boards=key)))
    assert (status, text.splitlines()) == (
        200,
        ["INVALIDPASSWORDID|Password and/or id are incorrect", "ERROR unknown station or key"],
    )
    assert not Reading.objects.exists()
    assert "invalid" not in text, "WeeWX would drop the record"


def test_the_key_of_such_a_device_is_no_boards_key(console):
    _, key = console
    assert Client().get(f"/update/API_key={key}/mac={MAC}/field=1/data=1").status_code == 403
    assert Client().get(f"/update/API_key={key}/mac=/field=1/data=1").status_code == 400


def test_an_ended_key_and_an_inactive_station_are_refused(console):
    station, key = console
    station.active = False
    station.save()
    assert "ERROR" in send(ARCHIVE.format(key=key))[1]
    station.active = True
    station.save()
    Key.objects.end()
    assert "ERROR" in send(ARCHIVE.format(key=key))[1]
    assert not Reading.objects.exists()


def test_guessing_is_told_nothing_else_and_a_right_key_is_still_taken(console):
    _, key = console
    answers = {send("ID=x&PASSWORD=wrong") for _ in range(WRONG_KEYS + 2)}
    assert len(answers) == 1
    assert send(ARCHIVE.format(key=key)) == (200, "success\n")


@pytest.mark.parametrize("error", [OperationalError("disk full"), ClockBehindError(), RuntimeError("a fault")], ids=str)
def test_no_failure_is_a_status_that_loses_the_record(console, error):
    _, key = console
    with mock.patch("readings.ingest.store.group_commit.submit", side_effect=error):
        assert send(ARCHIVE.format(key=key)) == (200, "ERROR try later\n")


def test_the_method_is_told(console):
    response = Client().head(PATH)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, POST")


def test_staff_see_what_was_refused_without_its_key(console):
    send(ARCHIVE.format(key="hunter22hunter22").replace("KTEST1", "hunter23"))
    send("", f"/in/hunter22hunter22{PATH}ID=hunter23&PASSWORD=hunter22&tempf=1&xhunter22hunter22=5")
    refusals.flush()
    row = RefusedReport.objects.get()
    assert (row.get_reason_display(), row.count) == ("unknown key", 2)
    assert "hunter" not in row.example
    assert row.example.startswith("GET /weatherstation/updateweatherstation.php?action=***&ID=***&PASSWORD=***&")
    assert "tempf=32.7" in row.example


def test_unknown_names_are_counted_and_a_value_that_is_none_is_rejected(console):
    station, key = console
    assert send(f"ID=x&PASSWORD={key}&dateutc=now&tempf=abc&flux=7&humidity=50") == (200, "success\n")
    refusals.flush()
    assert values(station).keys() == {"humidity"}
    rows = {(row.get_reason_display(), row.part): row for row in RefusedReport.objects.all()}
    assert rows.keys() == {("unknown name", "flux"), ("rejected reading", "value")}
    assert rows["unknown name", "flux"].example == f"station {station.pk}: flux"


def test_a_station_that_adds_no_fields_keeps_those_that_it_has(console):
    station, key = console
    station.adds_fields = False
    station.save()
    station.fields.create(number=7, name="Air", unit="degF", source="tempf")
    assert send(ARCHIVE.format(key=key)) == (200, "success\n")
    assert values(station) == {"Air": [(AT_MS, 32.7)]}


def test_a_field_whose_unit_measures_something_else_takes_no_value(console):
    station, key = console
    station.fields.create(number=1, name="Air", unit="hPa", source="tempf")
    assert send(f"ID=x&PASSWORD={key}&dateutc=now&tempf=50") == (200, "success\n")
    refusals.flush()
    assert (RefusedReport.objects.get().part, RefusedReport.objects.get().answer) == ("unit", "tempf comes in degF")
    assert not Reading.objects.exists()


def test_two_arrivals_in_a_millisecond_are_both_kept(console):
    station, key = console
    with mock.patch("readings.foreign.view.shared_now_ms", return_value=now_millis()):
        for degrees in (50, 68, 32):
            send(f"ID=x&PASSWORD={key}&dateutc=now&tempf={degrees}")
    first_ms = values(station)["temperature"][0][0]
    assert values(station)["temperature"] == [(first_ms, 10), (first_ms + 1, 20), (first_ms + 2, 0)]
