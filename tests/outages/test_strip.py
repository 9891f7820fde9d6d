"""The last month of outages on a station's own page."""

import re
from datetime import UTC, datetime
from unittest import mock

import pytest
from django.test import Client

from outages.causes import Cause
from outages.models import Outage
from outages.strip import strip
from readings import ingest
from readings.ingest.reports import Measurement
from tests.outages.conftest import DAY, HOUR, MINUTE

NOW = datetime(2026, 7, 1, 12, 0, 30, tzinfo=UTC)


@pytest.fixture
def roof(sky):
    strip.forget()
    roof = sky.make(timezone="Europe/Berlin")
    ingest.store(roof, [Measurement(1, int((NOW - 90 * DAY).timestamp() * 1000), 4.0)])
    yield roof
    strip.forget()


def add(station, began_at, length, cause=Cause.POWER, **own):
    return Outage.objects.create(station=station, began_at=began_at, ended_at=began_at + length, cause=cause, **own)


def ask(station, now=NOW, **headers):
    with mock.patch("django.utils.timezone.now", return_value=now):
        return Client().get(f"/stations/{station.pk}/", headers=headers)


def part(station, now=NOW, **headers):
    """Return what the page says of outages, as HTML."""
    page = ask(station, now, **headers).content.decode()
    return re.search(r'<(p|div) class="coverage[^>]*>((?:(?!</\1>).)*outages/.*?)</\1>', page, re.DOTALL)[2]


def words(station, **headers):
    return " ".join(re.sub(r"<[^>]+>", " ", part(station, **headers)).replace("\xa0", " ").split())


def test_without_an_outage_in_thirty_days_there_is_a_link_and_nothing_more(roof):
    add(roof, NOW - 40 * DAY, DAY)
    assert part(roof) == f'<a href="/stations/{roof.pk}/outages/">Outages and their causes</a>'


def test_outages_of_the_last_thirty_days_are_drawn_with_the_uptime_and_told_on_their_page(roof):
    add(roof, NOW - 20 * DAY, 12 * HOUR)
    add(roof, NOW - 3 * DAY, 6 * HOUR, Cause.NETWORK, expected=359, arrived=359)
    assert words(roof) == "Last 30 days: 97.4 % uptime. 2 outages and their causes"
    german = "Letzte 30 Tage: zu 97,4 % verfügbar. 2 Ausfälle und ihre Ursachen"
    assert words(roof, **{"Accept-Language": "de"}) == german
    drawing = part(roof)
    assert re.findall(r'rect fill="var\(--([a-z]+)\)"', drawing) == ["good", "bad", "accent"]
    assert 'y="10" height="10"' in drawing, "its readings arrived late"
    assert f'href="/stations/{roof.pk}/outages/"' in drawing


def test_an_outage_that_goes_on_counts_until_now_and_one_that_began_before_counts_from_the_first_day(roof):
    add(roof, NOW - 60 * DAY, 40 * DAY)
    Outage.objects.create(station=roof, began_at=NOW - DAY)
    assert words(roof).startswith("Last 30 days: 64.2 %")


def test_a_station_of_a_few_days_is_measured_by_these(sky):
    strip.forget()
    young = sky.make(timezone="UTC")
    ingest.store(young, [Measurement(1, int((NOW - 4 * DAY).timestamp() * 1000), 4.0)])
    add(young, NOW - 2 * DAY, 2 * DAY)
    assert words(young) == "Last 30 days: 50.0 % uptime. One outage and its cause"


def test_the_page_that_a_browser_has_is_not_the_newest_after_an_outage_and_asks_nothing_more(
    roof, django_assert_max_num_queries
):
    first = ask(roof)
    with django_assert_max_num_queries(3):
        assert ask(roof, **{"If-None-Match": first["ETag"]}).status_code == 304
    add(roof, NOW - 2 * HOUR, HOUR)
    later = ask(roof, NOW + MINUTE)
    assert later["ETag"] != first["ETag"]
    assert b"97" not in first.content.partition(b"uptime")[0][-40:]
    assert b"% uptime" in later.content


def test_a_part_of_the_page_that_a_script_swaps_does_not_ask_for_it(roof, django_assert_num_queries):
    add(roof, NOW - 2 * HOUR, HOUR)
    assert b"uptime" not in ask(roof, **{"X-Parts": "swapped"}).content


def test_hundreds_of_outages_are_a_small_drawing(roof):
    Outage.objects.bulk_create(
        Outage(station=roof, began_at=NOW - n * HOUR, ended_at=NOW - n * HOUR + 20 * MINUTE, cause=Cause.UNKNOWN)
        for n in range(1, 700)
    )
    assert len(part(roof)) < 6_000
