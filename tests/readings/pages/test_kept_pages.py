"""A station's page that has not changed is not drawn again; whatever it shows, a change of it is seen at once."""

from __future__ import annotations

import gzip
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from unittest import mock

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client, override_settings

from freetemp import read_only
from freetemp.fields import to_millis
from readings import ingest
from readings.almanac.kept_levels import kept_levels
from readings.calendar.span import EVER, Span
from readings.history.kept_rows import kept_rows
from readings.ingest.reports import Measurement
from readings.models import Day, Sensor, SetAside
from readings.pages.kept_pages import files, kept_pages
from readings.rollups.rebuild import rebuild
from readings.templatetags.kept_parts import kept_parts
from readings.treatment import add_sensor, set_aside, undo
from stations.models import Station
from tests.conftest import client_of

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 6, 10, 12, 0, 30, tzinfo=UTC)
HOUR_MS = 3_600_000
NOON_MS = to_millis(NOON)
SINCE_TEN = Span(NOON_MS - 2 * HOUR_MS, EVER.end_ms)


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    kept_pages.forget()
    with at(NOON):
        yield


def at(moment: datetime) -> mock._patch[mock.MagicMock]:
    return mock.patch("django.utils.timezone.now", return_value=moment)


@pytest.fixture
def roof(station: Station) -> Station:
    """A station with three days of readings, the newest of 20 seconds ago."""
    ingest.store(station, [Measurement(1, NOON_MS - 20_000 - n * HOUR_MS // 2, 10.0 + n % 7) for n in range(150)])
    Station.objects.filter(pk=station.pk).update(last_heard_at=NOON - timedelta(seconds=20))
    return station


def ask(station: Station, query: str = "", client: Client | None = None, **headers: str) -> HttpResponse:
    return (client or Client()).get(f"/stations/{station.pk}/{query}", headers=headers)


def drawn(station: Station, query: str = "", **headers: str) -> bytes:
    """Return a page that is surely drawn now, with nothing that was kept before."""
    kept_pages.forget()
    kept_parts.clear()
    kept_levels.clear()
    kept_rows.clear()
    return ask(station, query, **headers).content


def is_seen(station: Station, query: str, change: Callable[[], object], **headers: str) -> bool:
    """Tell whether a change gives another answer to a browser with the page, and that it is the page as drawn now."""
    before = ask(station, query)
    change()
    after = ask(station, query, **headers, **{"If-None-Match": before["ETag"]})
    assert after.status_code == 200
    assert after.content == drawn(station, query, **headers)
    return after.content != before.content


@pytest.mark.parametrize("query", ["", "?period=month", "?period=year", "?period=all", "?date=2026-06-09"])
def test_a_page_that_a_browser_has_is_not_sent_again(roof, query, django_assert_max_num_queries):
    first = ask(roof, query)
    with django_assert_max_num_queries(3):
        again = ask(roof, query, **{"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    for response in (first, again, ask(roof, query)):  # A browser takes the headers of a 304 for its page.
        assert response["Cache-Control"] == "no-cache"
        assert response["Content-Security-Policy"] == first["Content-Security-Policy"]
        assert response["Content-Language"] == "en-gb"
        assert {"Cookie", "Accept-Language", "Accept-Encoding", "X-Parts"} <= set(response["Vary"].split(", "))


def test_another_viewer_gets_the_page_that_was_drawn_with_the_present_clock(roof, django_assert_max_num_queries):
    first = ask(roof).content
    with at(NOON + timedelta(seconds=20)), django_assert_max_num_queries(3):
        second = ask(roof).content
    assert second == first.replace(b'"now": %d' % NOON_MS, b'"now": %d' % (NOON_MS + 20_000)) != first


def test_a_page_has_the_policy_for_the_style_in_it_however_it_is_answered(roof):
    first = ask(roof)
    answers = [ask(roof), ask(roof, **{"If-None-Match": first["ETag"]})]
    style = first.content.partition(b"<style>")[2].partition(b"</style>")[0]
    source = f"'sha256-{b64encode(sha256(style).digest()).decode()}'"
    for response in (first, *answers):
        assert f"style-src 'self' {source}" in response["Content-Security-Policy"]
    parts = ask(roof, **{"X-Parts": "swapped"})
    assert (b"<style>" in parts.content, "sha256" in parts["Content-Security-Policy"]) == (False, False)


def test_a_page_is_the_same_compressed_however_it_is_answered(roof):
    plain = ask(roof)
    kept_pages.forget()
    for _ in range(2):
        packed = ask(roof, **{"Accept-Encoding": "gzip"})
        assert (packed["Content-Encoding"], packed["ETag"]) == ("gzip", plain["ETag"])
        assert int(packed["Content-Length"]) == len(packed.content) < len(plain.content) / 3
        assert gzip.decompress(packed.content) == plain.content
        assert {"Accept-Encoding", "Cookie"} <= set(packed["Vary"].split(", "))
    assert "Content-Encoding" not in ask(roof)
    known = ask(roof, **{"Accept-Encoding": "gzip", "If-None-Match": plain["ETag"]})
    assert (known.status_code, known.content, known.has_header("Content-Encoding")) == (304, b"", False)


def test_a_page_is_kept_for_a_minute_and_takes_little_memory(roof, monkeypatch):
    ask(roof)
    assert len(kept_pages) == 1
    with at(NOON + timedelta(minutes=1)):
        ask(roof, "?period=month")
    assert len(kept_pages) == 1
    monkeypatch.setattr("readings.pages.kept_pages.MOST_BYTES", 1_000)
    ask(roof, "?period=year")
    assert len(kept_pages) <= 1


SHOWN: dict[str, Callable[[Station], object]] = {
    "a new reading": lambda roof: ingest.store(roof, [Measurement(1, NOON_MS - 10_000, 25.0)]),
    "a late reading": lambda roof: ingest.store(roof, [Measurement(1, NOON_MS - 5_000_000, 25.0)]),
    "a corrected reading": lambda roof: ingest.correct(roof, 1, NOON - timedelta(seconds=1820), 25.0),
    "a removed reading": lambda roof: ingest.remove(
        roof, 1, NOON - timedelta(seconds=1830), NOON - timedelta(seconds=1810)
    ),
    "a mark": lambda roof: set_aside(roof, 1, Span(NOON_MS - 3 * HOUR_MS, NOON_MS - HOUR_MS), "sun", "anna"),
    "another sensor": lambda roof: add_sensor(roof, 1, SINCE_TEN, "SHT31", "anna", offset=1.0),
    "a limit": lambda roof: _save(roof.fields.get(), largest=12.0),
    "a field's name": lambda roof: roof.fields.update(name="garden temperature"),
    "a new field": lambda roof: roof.fields.create(number=2, name="humidity", unit="%"),
    "the station's name": lambda roof: Station.objects.update(name="Yard"),
    "its place": lambda roof: Station.objects.update(place="In the yard"),
    "its zone": lambda roof: _save(Station.objects.get(), timezone="Asia/Tokyo"),
    "its interval": lambda roof: Station.objects.update(interval_s=300),
    "switched off": lambda roof: Station.objects.update(active=False),
    "simulated": lambda roof: Station.objects.update(simulated=True),
    "maintenance": lambda roof: Station.objects.update(maintenance_since=NOON - timedelta(hours=1)),
    "a silence": lambda roof: Station.objects.update(last_heard_at=NOON - timedelta(days=1)),
}


def _save(row, **columns: object) -> None:
    for name, value in columns.items():
        setattr(row, name, value)
    row.save()


@pytest.mark.parametrize("what", SHOWN)
def test_a_change_of_what_is_shown_is_seen_at_once(roof, what):
    assert is_seen(roof, "", lambda: SHOWN[what](roof))


def test_parts_that_are_kept_are_never_those_of_another_state(roof):
    """A page with parts that were kept before a change is the page that is drawn without them."""
    for change in SHOWN.values():
        change(roof)
        for query in ("", "?period=year"):
            kept_pages.forget()
            assert ask(roof, query).content == drawn(roof, query)


def test_parts_that_are_kept_are_never_those_of_another_time_or_viewer(roof):
    queries = "?date=2026-06-10", "?date=2026-06-11&gdd=5", "?period=year"
    viewers: list[dict[str, str]] = [{}, {"Accept-Language": "de"}, {"Cookie": "units=us"}]
    moments = NOON, NOON + timedelta(hours=10)
    asked = [(moment, query, viewer) for moment in moments for query in queries for viewer in viewers]
    kept = []
    for moment, query, viewer in asked:
        with at(moment):
            kept.append(ask(roof, query, **viewer).content)
    for (moment, query, viewer), page in zip(asked, kept, strict=True):
        with at(moment):
            assert page == drawn(roof, query, **viewer)


def test_rollups_that_are_made_anew_are_seen_at_once(roof):
    Day.objects.update(sum=0, hour_sum=0)
    assert is_seen(roof, "?period=month", lambda: rebuild(roof))


@pytest.mark.parametrize("kind", ["mark", "sensor"])
def test_a_correction_that_is_taken_back_is_seen_at_once(roof, kind):
    SHOWN["a mark" if kind == "mark" else "another sensor"](roof)
    row = (SetAside if kind == "mark" else Sensor).objects.get()
    assert is_seen(roof, "?period=month", lambda: undo(row, "anna"))


PASSING = {
    "an age in words": (timedelta(seconds=40), timedelta(seconds=39)),
    "a late station": (timedelta(seconds=161), timedelta(seconds=159)),
    "a new hour": (timedelta(minutes=59, seconds=30), timedelta(minutes=59, seconds=29)),
    "midnight": (timedelta(hours=9, minutes=59, seconds=30), timedelta(hours=9, minutes=59, seconds=29)),
}


@pytest.mark.parametrize("what", PASSING)
def test_the_time_that_passes_is_seen_to_the_second(roof, what):
    """The zone is Europe/Berlin, so the day ends at 22:00 UTC."""
    after, before = PASSING[what]
    with at(NOON + before):
        etag = ask(roof)["ETag"]
    with at(NOON + after):
        answer = ask(roof, **{"If-None-Match": etag})
        assert answer.status_code == 200
        assert answer.content == drawn(roof)


def test_a_range_may_begin_an_hour_at_any_second(roof):
    query = "?start=2026-06-10T11:00:31Z&end=2026-06-10T13:00:31Z"
    etag = ask(roof, query)["ETag"]
    with at(NOON + timedelta(seconds=1)):
        answer = ask(roof, query, **{"If-None-Match": etag})
        assert answer.content == drawn(roof, query) != b""


@pytest.mark.parametrize(
    "headers",
    [{"Accept-Language": "de"}, {"Cookie": "language=de"}, {"Cookie": "units=us"}, {"X-Parts": "newest"}],
    ids=str,
)
def test_each_viewer_has_own_words_units_and_parts(roof, headers):
    first = ask(roof, "", **{"Accept-Language": "en"})
    other = ask(roof, "", **headers, **{"If-None-Match": first["ETag"]})
    assert other.status_code == 200
    assert other.content == drawn(roof, "", **headers) != first.content


@pytest.mark.parametrize("query", ["?units=us", "?lang=de", "?period=day&units=degF"])
def test_a_choice_is_remembered_each_time(roof, query):
    for _ in range(2):
        answer = ask(roof, query, **{"If-None-Match": "*"})
        assert answer.status_code == 200
        assert answer.cookies
        assert "ETag" not in answer


def test_what_staff_see_is_never_kept(roof):
    staff = client_of(User.objects.create_user("anna", is_staff=True, is_superuser=True))
    for _ in range(2):
        answer = ask(roof, "", staff, **{"If-None-Match": "*"})
        assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
        assert b"Change</a>" in answer.content
        assert "ETag" not in answer
    assert len(kept_pages) == 0
    assert b"Change</a>" not in ask(roof).content


def test_a_station_that_is_private_now_is_gone_at_once(roof):
    etag = ask(roof)["ETag"]
    Station.objects.update(public=False)
    assert ask(roof, "", **{"If-None-Match": etag}).status_code == 404


def test_an_address_that_names_no_period_is_no_page_to_keep(roof):
    answer = ask(roof, "?period=eon")
    assert (answer.status_code, "ETag" in answer, len(kept_pages)) == (400, False, 0)


def test_a_disk_that_is_read_only_and_another_build_are_seen_at_once(roof):
    etag = ask(roof)["ETag"]
    with mock.patch.object(read_only, "is_read_only", return_value=True):
        if settings.DATABASES["default"]["ENGINE"] == "freetemp.sqlite":
            assert b"read-only" in ask(roof, "", **{"If-None-Match": etag}).content
    with mock.patch("readings.pages.kept_pages.build", return_value="another"):
        assert ask(roof, "", **{"If-None-Match": etag}).status_code == 200
    with override_settings(SERVER_ORIGIN="https://weather.example"):
        assert b"https://weather.example/" in ask(roof, "", **{"If-None-Match": etag}).content


def test_the_build_has_the_code_the_templates_and_the_words():
    names = {path.name for _, path in files()}
    assert {"station.html", "views.py", "django.mo"} <= names
