"""The pages without a browser: their queries, and their answers to odd addresses."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.reports import Measurement
from stations.models import Station

pytestmark = pytest.mark.django_db

DAY = datetime(2026, 6, 1, tzinfo=UTC)


def fill(station, count, step_ms=60_000, end=None):
    first_ms = to_millis(end or timezone.now()) - count * step_ms
    ingest.store(station, (Measurement(1, first_ms + n * step_ms, 15 + n % 10) for n in range(count)))


def test_the_home_page_asks_as_much_for_thirty_stations_as_for_one(client, django_assert_num_queries):
    for count in (1, 30):
        while Station.objects.count() < count:
            fill(Station.objects.create(name=f"Station {Station.objects.count()}"), 100)
        with django_assert_num_queries(3):
            page = client.get("/").content.decode()
        assert page.count("<svg") == count


@pytest.mark.parametrize("query", ["", "?period=week", "?period=year", "?period=all", "?start=2026-05-01"])
@pytest.mark.parametrize("compare", ["", "before", "year"])
def test_a_station_page_asks_little_for_many_readings_as_for_few(
    client, station, query, compare, django_assert_max_num_queries
):
    """This is a maximum: if nothing is cut or missing, pages need fewer queries about gaps."""

    def page():
        return client.get(f"{station.get_absolute_url()}{query}{'&' if query else '?'}compare={compare}")

    most = 37 if compare else 25  # One of them asks for what is set aside and for sensors, and one for outages.
    fill(station, 10, step_ms=30 * 86_400_000)
    fill(station, 10)
    with django_assert_max_num_queries(most):
        page()
    fill(station, 7_000, step_ms=3_600_000, end=timezone.now() - timedelta(hours=1))
    fill(station, 2_000)
    with django_assert_max_num_queries(most):
        page()


@pytest.mark.parametrize(
    "query",
    [
        *("?date=tomorrow", "?date=0001-01-01", "?date=9999-12-31", "?period=eon", "?start=x", "?end=1e400"),
        *("?start=2026-06-02&end=2026-06-01", "?start=" + "9" * 1_000, "?start=%00", "?date=%00"),
    ],
)
def test_an_address_that_names_no_period_shows_today_and_says_what_is_wrong(client, station, query):
    response = client.get(f"{station.get_absolute_url()}{query}")
    assert response.status_code == 400
    assert response.context["period"].kind == "day"
    assert "Garden" in response.content.decode()


@pytest.mark.parametrize(
    ("query", "english", "german"),
    [
        ("?period=eon", "Period: day, week, month, year or all expected.", "Zeitraum: day, week, month, year oder all"),
        ("?date=soon", "Date: a day expected, like 2026-11-22.", "Datum: ein Tag wie 2026-11-22 wird erwartet."),
        ("?date=0001-01-01", "Date: a day between 1971 and 2198 expected.", "Datum: ein Tag zwischen 1971 und 2198"),
        ("?start=x", "Start: a date and time expected, like", "Anfang: Datum und Uhrzeit werden erwartet"),
        ("?end=99999999999", "End: a moment between 1970 and 2200 expected.", "Ende: ein Zeitpunkt zwischen 1970"),
        (
            "?start=2026-06-02&end=2026-06-01",
            "The start must be before the end.",
            "Der Anfang muss vor dem Ende liegen.",
        ),
        ("?compare=x", "Comparison: before, year or a number of seconds", "Vergleich: before, year oder eine Zahl"),
    ],
)
def test_what_is_wrong_with_an_address_is_a_sentence_in_the_viewers_language(client, station, query, english, german):
    for words, language in ((english, "en"), (german, "de")):
        page = client.get(f"{station.get_absolute_url()}{query}", headers={"Accept-Language": language})
        assert words in page.content.decode()


@pytest.mark.parametrize(
    ("query", "words", "ways"),
    [
        ("?date=2199-01-01", None, []),
        ("?date=2190-01-01", "Friday 1 January 2190 is still to come.", ["newest"]),
        ("?start=2190-01-01&end=2190-01-02", "1 January 2190, 00:00 to 2 January 2190, 00:00 is still", ["newest"]),
        ("?date=1999-01-01", "No readings on Friday 1 January 1999. They begin later.", ["first", "newest"]),
        ("?period=year&date=1999-01-01", "No readings in the year 1999. They begin later.", ["first", "newest"]),
        ("?date=2026-06-02", "No readings on Tuesday 2 June 2026.", ["newest"]),
    ],
)
def test_an_empty_period_says_why_and_leads_to_readings(client, station, query, words, ways):
    fill(station, 2, step_ms=86_400_000 * 8, end=DAY + timedelta(days=8))
    response = client.get(f"{station.get_absolute_url()}{query}")
    page = " ".join(response.content.decode().split())
    assert (words is None) == (response.status_code == 400)
    assert words is None or words in page
    empty = page.partition('<div class="empty">')[2].partition("</div>")[0]
    assert re.findall(r"Go to the (\w+) readings", empty if words else "") == ways
    for way in re.findall(r'href="(\?[^"]+)"', empty if words else ""):
        found = client.get(f"{station.get_absolute_url()}{html.unescape(way)}").content.decode()
        assert '<figure class="chart' in found, way


@pytest.mark.parametrize("query", ["?units=xx", "?foo=bar", "?date=1971-01-01", "?start=1970-01-02&end=2199-12-31"])
def test_an_odd_address_is_no_fault(client, station, query):
    assert client.get(f"{station.get_absolute_url()}{query}").status_code == 200


def test_values_are_shown_in_the_units_a_viewer_prefers_and_remembered(client, station):
    fill(station, 1)
    address = station.get_absolute_url()
    assert "59.0" in client.get(f"{address}?units=us").content.decode()
    assert client.cookies["units"]["samesite"] == "Lax"
    assert "59.0" in client.get(address).content.decode()
    assert "15.0" in client.get(f"{address}?units=metric").content.decode()


def test_a_page_sets_no_cookie_unless_units_are_chosen(client, station):
    for address in ("/", station.get_absolute_url()):
        assert not client.get(address).cookies


def test_pages_are_sent_with_a_strict_policy_and_no_script_in_them_and_no_style_but_one_that_it_names(client, station):
    fill(station, 100)
    for address in ("/", station.get_absolute_url()):
        response = client.get(address)
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        page = response.content.decode()
        assert 'style="' not in page
        assert page.count("<style") == policy.count("'sha256-")
        for script in page.split("<script")[1:]:
            assert 'src="' in script.partition(">")[0] or 'type="application/json"' in script.partition(">")[0]


def test_hostile_names_are_text(client, station):
    Station.objects.update(name="<script>alert(1)</script>", place="</title>")
    for address in ("/", station.get_absolute_url()):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


def test_a_station_without_any_reading_has_a_page(client, station):
    assert client.get(station.get_absolute_url()).status_code == 200
    assert client.get("/").status_code == 200


def test_an_inactive_station_leaves_the_list_and_keeps_its_page(client, station):
    Station.objects.update(active=False)
    assert "Garden" not in client.get("/").content.decode()
    assert client.get(station.get_absolute_url()).status_code == 200


def test_the_table_of_a_day_is_in_the_page_itself(client, station):
    rows = [Measurement(1, to_millis(DAY + timedelta(minutes=n)), n / 60) for n in range(1_440)]
    ingest.store(station, rows)
    response = client.get(f"{station.get_absolute_url()}?date=2026-06-01")
    table = response.context["table"]
    assert [label for label, _, _ in table] == [f"{hour:02}:00" for hour in range(24)]
    summaries = [cells[0][1] for _, _, cells in table]
    assert [each.min if each else None for each in summaries] == [None, None, *range(22)], "two hours east of UTC"
