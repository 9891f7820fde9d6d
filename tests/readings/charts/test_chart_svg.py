"""A field's history as a picture: `/stations/<id>/chart.svg`."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from freetemp.fields import to_millis
from readings import ingest
from readings.charts.palette import PALETTES
from readings.ingest.reports import Measurement
from stations.models import Station
from tests.pages.test_looks import colours

pytestmark = pytest.mark.django_db

SVG = "{http://www.w3.org/2000/svg}"
START = datetime(2026, 6, 1, tzinfo=UTC)
JUNE = "?period=month&date=2026-06-01"


@pytest.fixture
def address(station):
    return f"/stations/{station.pk}/chart.svg"


def fill(station, values, step=timedelta(hours=1), start=START):
    ingest.store(
        station, [Measurement(1, to_millis(start + index * step), value) for index, value in enumerate(values)]
    )


def picture(client, address, **parameters):
    answer = client.get(address, parameters)
    assert answer.status_code == 200, answer.content
    return ElementTree.fromstring(answer.content)  # noqa: S314 - our own


def texts(root):
    return ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]


def paths(root, name):
    return [each.get("d") for each in root.iter(f"{SVG}path") if each.get("class") == name]


def test_it_names_station_field_period_and_zone_and_says_low_mean_and_high(client, station, address):
    fill(station, [12.5, 8.25, 21.4])
    said = " ".join(texts(picture(client, address, date="2026-06-01")))
    for words in ("Garden", "Temperature", "Monday 1 June 2026", "Europe/Berlin"):
        assert words in said
    for words in ("Low 8.2\u202f°C 03:00", "Mean 14.0\u202f°C", "High 21.4\u202f°C 04:00"):
        assert words in said


def test_values_are_in_the_units_that_are_asked_for(client, station, address):
    fill(station, [10, 20])
    said = " ".join(texts(picture(client, address, date="2026-06-01", units="us")))
    assert "50.0\u202f°F" in said
    assert "68.0\u202f°F" in said


def test_a_gap_is_a_gap(client, station, address):
    fill(station, [10] * 5)
    fill(station, [10] * 5, start=START + timedelta(hours=15))
    (line,) = paths(picture(client, address, date="2026-06-01"), "l")
    assert line.count("M") == 2


def test_raw_readings_have_no_band_and_summed_up_ones_have(client, station, address):
    fill(station, [10 + n % 7 for n in range(1_440)], step=timedelta(minutes=1))
    hour = {"start": "2026-06-01T04:00", "end": "2026-06-01T05:00"}
    assert paths(picture(client, address, **hour), "b") == [""]
    assert paths(picture(client, address, date="2026-06-01"), "b")[0].startswith("M")


def test_the_low_and_the_high_are_marked_on_the_line_s_own_scale(client, station, address):
    fill(station, [10, 5, 20, 10])
    low, high = (
        each.attrib for each in picture(client, address, date="2026-06-01").iter(f"{SVG}circle") if each.get("class")
    )
    assert float(low["cx"]) < float(high["cx"])
    assert float(low["cy"]) > float(high["cy"])


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_the_width_of_a_day_of_23_or_25_hours_is_all_of_it(client, station, address, day, hours):
    start = datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=station.zone).astimezone(UTC)
    fill(station, range(hours + 1), start=start)
    (line,) = paths(picture(client, address, date=day), "l")
    xs = [float(point.split(",")[0]) for point in line[1:].split()]
    assert len(xs) == hours, "the reading at the next midnight is not the day's"
    steps = [after - before for before, after in pairwise(xs)]
    assert steps == pytest.approx([(776 - 64) / hours] * (hours - 1), abs=0.2)


def test_without_a_theme_it_follows_whoever_looks_and_with_one_it_does_not(client, station, address):
    fill(station, [10, 20])
    page = client.get(address + JUNE).content.decode()
    assert "prefers-color-scheme:dark" in page
    for theme, palette in PALETTES.items():
        page = client.get(f"{address}{JUNE}&theme={theme}").content.decode()
        assert "prefers-color-scheme" not in page
        assert f".s{{fill:{palette.surface}}}" in page


@pytest.mark.parametrize("scheme", PALETTES)
def test_its_colours_are_those_of_the_pages(scheme):
    own, palette = colours()[scheme], PALETTES[scheme]
    assert [own[f"series-{n}"] for n in range(1, 7)] == list(palette.series)
    assert [own[name] for name in ("ground", "surface", "text", "muted", "line", "accent")] == list(palette)[:6]


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "\"'&lt;]]>", "Дача 🌦 בית", "W" * 80, "\x0b\x1b\ufffe tail", "\u202eevil"]
)
def test_hostile_names_are_text_in_a_picture_that_is_still_xml(client, station, address, name):
    fill(station, [10, 20])
    Station.objects.update(name=name)
    station.fields.update(name=name[:40], unit=name[:16])
    for size in ({}, {"width": 240, "height": 160}):
        root = picture(client, address, date="2026-06-01", **size)
        assert {each.tag for each in root.iter()} <= {
            f"{SVG}{tag}" for tag in ("svg", "title", "style", "rect", "text", "tspan", "g", "path", "circle")
        }
        assert not [name for each in root.iter() for name in each.attrib if name.startswith("on") or "href" in name]


def test_a_long_name_is_cut_before_the_edge(client, station, address):
    Station.objects.update(name="W" * 80)
    assert texts(picture(client, address))[0].endswith("W…")


def test_a_station_without_readings_has_a_picture_that_says_so(client, station, address):
    root = picture(client, address)
    assert "No readings in this stretch of time" in texts(root)
    assert not paths(root, "l")


def test_a_field_without_a_unit_is_shown_without_one(client, station, address):
    station.fields.update(unit="")
    fill(station, [10, 20])
    said = " ".join(texts(picture(client, address, date="2026-06-01")))
    assert "Low 10.0 02:00" in said


@pytest.mark.parametrize(
    "values", [[1e17, 1e17], [1e300, 1e300], [-1e300, -1e300], [-1.7e308, 1.7e308], [0, 0], [1e-9, 2e-9], [-5, -5]]
)
def test_whatever_a_broken_board_reports_is_drawn(client, station, address, values):
    fill(station, values)
    root = picture(client, address, date="2026-06-01", units="us")
    (line,) = paths(root, "l")
    places = [float(each) for each in line[1:].replace(",", " ").split()]
    assert all(0 <= each <= 800 for each in places)
    assert len(texts(root)) > 5


def test_a_day_that_the_zone_has_skipped_is_empty(client, station, address):
    """Samoa crossed the date line: it had no 30 December 2011."""
    Station.objects.update(timezone="Pacific/Apia")
    fill(station, [10, 20])
    for path in (address, station.get_absolute_url(), f"/stations/{station.pk}/embed/"):
        assert client.get(f"{path}?date=2011-12-30").status_code == 200


def test_viewers_are_told_what_is_simulated(client, station, address):
    Station.objects.update(simulated=True)
    fill(station, [10, 20])
    assert "Simulated" in texts(picture(client, address, date="2026-06-01"))[1]
    assert "Simulated" in client.get(station.get_absolute_url()).content.decode().partition("og:description")[2][:200]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("field=9", "field: the station has no field with this number"),
        ("field=x", "field: "),
        ("period=eon", "period: "),
        ("date=soon", "date: "),
        ("start=2026-06-02&end=2026-06-01", "The start must be before the end."),
        ("units=furlongs", "units: "),
        ("theme=pink", "theme: "),
        ("lang=tlh", "lang: "),
        ("width=10", "width: Ensure this value is greater than or equal to 200."),
        ("height=99999", "height: Ensure this value is less than or equal to 1200."),
        ("width=1e400", "width: "),
        ("start=" + "9" * 1_000, "start: "),
        ("start=%00", "start: "),
    ],
)
def test_a_wrong_parameter_is_answered_with_a_sentence(client, address, query, sentence):
    answer = client.get(f"{address}?{query}")
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("text/plain")
    assert answer.content.decode().startswith(sentence)


def test_a_station_without_any_field_has_no_chart(client, station, address):
    station.fields.all().delete()
    assert client.get(address).status_code == 404


def test_its_size_and_its_queries_do_not_grow_with_the_readings(client, station, address, django_assert_num_queries):
    fill(station, [10, 20])
    with CaptureQueriesContext(connection) as first:
        client.get(address + JUNE)
    fill(station, [n % 40 / 3 for n in range(43_000)], step=timedelta(minutes=1))
    with django_assert_num_queries(len(first)):
        answer = client.get(f"{address}{JUNE}&width=2000&height=1200")
    assert len(first) <= 9
    assert len(answer.content) < 80_000


def test_it_is_kept_for_minutes_and_not_sent_again_while_it_is_the_same(client, station, address):
    fill(station, [10, 20])
    first = client.get(address + JUNE)
    assert first["Cache-Control"] == "public, max-age=300"
    assert first["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Accept-Language" not in first["Vary"], "its address says the language"
    again = client.get(address + JUNE, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    fill(station, [11], start=START + timedelta(hours=1, minutes=30))
    assert client.get(address + JUNE, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_it_may_have_its_own_style_and_nothing_else(client, station, address):
    policy = client.get(address)["Content-Security-Policy"]
    nothing = {f"{name} 'none'" for name in ("default-src", "form-action", "base-uri", "frame-ancestors")}
    assert set(policy.split("; ")) == nothing | {"style-src 'unsafe-inline'", "sandbox"}


def test_it_sets_no_cookie_and_reads_none(client, station, address):
    fill(station, [10, 20])
    plain = client.get(address + JUNE)
    client.cookies["units"] = "us"
    assert client.get(address + JUNE).content == plain.content
    assert not client.get(f"{address}?units=us").cookies


def test_the_last_24_hours_end_now(client, station, address):
    now = timezone.now()
    fill(station, [10] * 49, start=now - timedelta(hours=48))
    root = picture(client, address, period="24h")
    assert "Last 24 hours" in " ".join(texts(root))
    (line,) = paths(root, "l")
    assert 23 <= len(line.split()) <= 25
