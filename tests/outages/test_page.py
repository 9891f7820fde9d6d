"""The page of a station's outages: months with uptime and causes, and what happened, in words."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from outages.causes import Cause
from outages.models import Outage
from outages.timeline import Timeline
from readings import ingest
from readings.ingest.reports import Measurement
from stations.models import Station
from tests.outages.conftest import DAY, HOUR, MINUTE

MIDYEAR = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture
def roof(sky):
    """A station whose first reading was at the beginning of March 2025."""
    roof = sky.make(timezone="Europe/Berlin")
    first = datetime(2025, 3, 1, tzinfo=UTC)
    ingest.store(roof, [Measurement(1, int(first.timestamp() * 1000), 4.0)])
    return roof


def add(station, began_at, length, cause=Cause.POWER, **own):
    return Outage.objects.create(station=station, began_at=began_at, ended_at=began_at + length, cause=cause, **own)


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("\xa0", " "))


def test_a_month_has_its_uptime_and_its_causes(roof):
    add(roof, datetime(2026, 4, 10, tzinfo=UTC), 3 * DAY)
    add(roof, datetime(2026, 4, 20, tzinfo=UTC), 12 * HOUR, Cause.NETWORK)
    add(roof, datetime(2026, 4, 30, 12, tzinfo=UTC), 12 * HOUR)  # two of them are in May in Berlin
    january, _, _, april, may, june = list(Timeline(roof, MIDYEAR).months(2026))[:6]
    assert (january.label, january.uptime, january.count, january.causes) == ("Jan", "100.0", 0, [])
    assert (april.label, april.count) == ("Apr", 3)
    assert april.uptime == "86.9"
    assert [cause[:2] for cause in april.causes] == [("power", "No power"), ("network", "Network")]
    assert april.causes[0][2].replace("\xa0", " ") == "3 days, 10 hours"
    assert (may.count, may.uptime) == (1, "99.7")
    assert june.count == 0


def test_only_the_time_since_its_first_reading_counts(roof):
    add(roof, datetime(2025, 3, 16, 11, tzinfo=UTC), 36 * HOUR)
    march, *_ = Timeline(roof, MIDYEAR).months(2025)
    assert march.label == "Mar"
    assert march.covered.x > 0
    assert Timeline(roof, MIDYEAR).years == [2026, 2025]
    assert len(list(Timeline(roof, MIDYEAR).months(2025))) == 10


def test_what_is_drawn_of_a_month_is_little_however_many_outages_there_were(roof):
    start = datetime(2026, 5, 1, tzinfo=UTC)
    for n in range(1000):
        add(roof, start + n * 40 * MINUTE, 15 * MINUTE, Cause.NETWORK, expected=14, arrived=14)
    may = list(Timeline(roof, MIDYEAR).months(2026))[4]
    assert may.count == 1000
    assert len(may.marks) < 120
    assert all(mark.is_low and mark.x + mark.width <= 100.01 for mark in may.marks)


def test_the_page_tells_in_words_what_happened(roof, client):
    add(
        roof, datetime(2026, 4, 10, 0, 14, tzinfo=UTC), 192 * MINUTE, is_sure=True, expected=191,
        together=4, of=6, public_together=3, public_of=5,
    )  # fmt: skip
    page = text_of(client.get(f"/stations/{roof.pk}/outages/?year=2026"))
    assert "No power 3 hours, 12 minutes 10 Apr 2026, 02:14 to 05:26 It had no power. 3 of 5 stations were lost" in page
    assert "None of its 191 readings has arrived." in page
    german = text_of(client.get(f"/stations/{roof.pk}/outages/?year=2026&lang=de"))
    assert "Kein Strom" in german
    assert "3 von 5 Stationen" in german


def test_staff_are_told_of_stations_that_are_not_public_too(roof, admin_client):
    own = {"together": 4, "of": 6, "public_together": 1, "public_of": 5}
    add(roof, datetime(2026, 4, 10, tzinfo=UTC), HOUR, **own)
    assert "4 of 6 stations" in text_of(admin_client.get(f"/stations/{roof.pk}/outages/?year=2026"))


def test_viewers_are_not_told_that_other_stations_exist(roof, client):
    own = {"together": 4, "of": 6, "public_together": 1, "public_of": 5}
    add(roof, datetime(2026, 4, 10, tzinfo=UTC), HOUR, **own)
    assert "stations were lost" not in text_of(client.get(f"/stations/{roof.pk}/outages/?year=2026"))


def test_a_station_that_is_not_public_has_no_page_for_viewers(sky, client, admin_client):
    secret = sky.make("Secret", public=False)
    assert client.get(f"/stations/{secret.pk}/outages/").status_code == 404
    assert admin_client.get(f"/stations/{secret.pk}/outages/").status_code == 200


def test_a_page_is_small_after_ten_years_and_links_to_the_next(roof, client, django_assert_max_num_queries):
    start = datetime(2026, 1, 2, tzinfo=UTC)
    Outage.objects.bulk_create(
        Outage(station=roof, began_at=start + n * HOUR, ended_at=start + n * HOUR + 20 * MINUTE) for n in range(3000)
    )
    with django_assert_max_num_queries(9):
        answer = client.get(f"/stations/{roof.pk}/outages/?year=2026")
    assert len(answer.content) < 150_000
    assert "Page 1 of 60" in text_of(answer)
    assert "Page 60 of 60" in text_of(client.get(f"/stations/{roof.pk}/outages/?year=2026&page=99"))


@pytest.mark.parametrize("query", ["?year=1", "?year=x&page=x", "?year=9999999999", "?page=-1"])
def test_an_address_that_names_no_year_shows_the_newest(roof, client, query):
    answer = client.get(f"/stations/{roof.pk}/outages/{query}")
    assert answer.status_code == 200
    assert "What happened" in text_of(answer)


def test_a_station_that_never_reported_has_nothing_to_tell(sky, client):
    unborn = Station.objects.create(name="Unborn")
    assert "has not reported so far" in text_of(client.get(f"/stations/{unborn.pk}/outages/"))


def test_an_outage_that_goes_on_is_told_as_such(roof, client):
    Outage.objects.create(station=roof, began_at=datetime.now(UTC) - timedelta(hours=3))
    assert "It has not ended." in text_of(client.get(f"/stations/{roof.pk}/outages/"))
