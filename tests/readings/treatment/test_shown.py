"""What viewers, programs and operators are told of corrections: files, the JSON API, cards and the overview."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from freetemp.fields import from_millis, now_millis, to_millis
from readings import ingest
from readings.calendar.span import EVER, HOUR_MS, Span
from readings.ingest.reports import Measurement
from readings.rollups.pending import follow_pending
from readings.treatment import add_sensor, finish, set_aside
from stations.models import Station

pytestmark = pytest.mark.django_db

START = datetime(2026, 1, 15, 12, tzinfo=UTC)  # 13:00 in Berlin
START_MS = to_millis(START)


@pytest.fixture
def garden(station):
    """Five readings, the first of which is from a wrong import years before. The last but one is set aside."""
    rows = [(-400 * 24 * HOUR_MS, 99.0), (0, 20.0), (60_000, 21.0), (120_000, 85.0), (180_000, 22.0)]
    ingest.store(station, [Measurement(1, START_MS + ms, value) for ms, value in rows])
    add_sensor(station, 1, Span(START_MS, EVER.end_ms), "MCP9808", "anna", serial="secret", offset=-0.5)
    set_aside(station, 1, Span(0, START_MS), "import", "anna", note="the pond's")
    set_aside(station, None, Span(START_MS, START_MS + HOUR_MS), "spike", "anna", above=84.9)
    follow_pending()
    return Station.objects.get(pk=station.pk)


def test_files_have_what_counts_and_the_raw_values_if_asked(garden, client):
    said = client.get(f"/stations/{garden.pk}/readings.csv?period=all").getvalue().decode().split()
    assert said == [
        "measured_at,temperature",
        "[degC]",
        "2026-01-15T13:00:00.000+01:00,19.5",
        "2026-01-15T13:01:00.000+01:00,20.5",
        "2026-01-15T13:03:00.000+01:00,21.5",
    ]
    said = client.get(f"/stations/{garden.pk}/readings.json?period=all&raw=1").getvalue()
    assert json.loads(said) == {
        "columns": ["measured_at", "temperature [degC]", "temperature raw [degC]"],
        "data": [
            ["2024-12-11T13:00:00.000+01:00", None, 99.0],
            ["2026-01-15T13:00:00.000+01:00", 19.5, 20.0],
            ["2026-01-15T13:01:00.000+01:00", 20.5, 21.0],
            ["2026-01-15T13:02:00.000+01:00", None, 85.0],
            ["2026-01-15T13:03:00.000+01:00", 21.5, 22.0],
        ],
    }
    refused = client.get(f"/stations/{garden.pk}/readings.csv?period=all&raw=yes")
    assert (refused.status_code, refused.content) == (400, b"raw: 1 expected")


def test_programs_are_told_what_applies_to_a_range(garden, client):
    (field,) = client.get(f"/api/v1/stations/{garden.pk}/").json()["fields"]
    assert (field["corrected"], field["newest"]["value"]) == (True, 21.5)
    asked = {"start": START.isoformat(), "end": (START + timedelta(hours=1)).isoformat()}
    series = client.get(f"/api/v1/stations/{garden.pk}/series/", asked).json()
    assert series["mean"] == [19.5, 20.5, 21.5]
    until = "2026-01-15T13:00:00Z"
    assert series["corrections"] == [
        {"kind": "set_aside", "start": "2026-01-15T12:00:00Z", "end": until, "reason": "spike", "below": None,
         "above": 84.9},
        {"kind": "sensor", "start": "2026-01-15T12:00:00Z", "end": None, "sensor": "MCP9808", "factor": 1.0,
         "offset": -0.5},
    ]  # fmt: skip
    before = {"start": "2025-01-01T00:00:00Z", "end": "2025-02-01T00:00:00Z"}
    series = client.get(f"/api/v1/stations/{garden.pk}/series/", before).json()
    assert [each["reason"] for each in series["corrections"]] == ["import"]


def test_a_wrong_first_import_is_not_where_the_station_begins(garden, client):
    assert "2026-01-15" in client.get(f"/stations/{garden.pk}/readings.csv?period=all")["Content-Disposition"]


def test_under_maintenance_everybody_is_told_and_nobody_alarmed(station, client, keeping):
    Station.objects.update(last_heard_at=timezone.now() - timedelta(hours=5))
    at_ms = now_millis() - 5 * HOUR_MS
    ingest.store(station, [Measurement(1, at_ms - n * 60_000, 20.0) for n in range(20)])
    assert "Silent stations" in keeping.get("/admin/overview/").content.decode()
    known = client.get("/api/v1/stations/")
    mark = set_aside(station, None, Span(now_millis() - 60_000, EVER.end_ms), "maintenance", "anna")
    overview = keeping.get("/admin/overview/").content.decode()
    assert "Silent stations" not in overview
    assert "Stations under maintenance" in overview
    assert ", until further notice" in overview
    for page in ("/", f"/stations/{station.pk}/"):
        assert "Maintenance" in client.get(page).content.decode()
    told = client.get("/api/v1/stations/", headers={"if-none-match": known["ETag"]})
    assert told.json()[0]["maintenance"] == {"since": mark.start.isoformat().replace("+00:00", "Z"), "until": None}
    finish(mark, from_millis(now_millis()))
    assert client.get("/api/v1/stations/").json()[0]["maintenance"] is None
    assert "Maintenance" not in client.get("/").content.decode()
