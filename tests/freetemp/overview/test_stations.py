"""The overview names stations that are silent, new, or never heard, and is calm where all is well."""

from datetime import timedelta

import pytest
from django.utils import timezone

from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.reports import Measurement
from stations.models import Key, Station
from tests.freetemp.overview.seen import URL, alive, fill, hear, html, notes, of_station, pressing

pytestmark = pytest.mark.django_db


def test_all_is_well_where_every_station_reports(keeping, overview):
    for n in range(12):
        alive(f"School {n}")
    assert overview().pressing == []
    page = html(keeping.get(URL))
    assert "Nothing needs attention. 12 stations reported in the last minute." in page


def test_the_time_within_which_all_reported_is_that_of_the_slowest(keeping):
    alive()
    hear(Station.objects.create(name="Slow", interval_s=600), minutes=12)
    assert "2 stations reported in the last 13\N{NO-BREAK SPACE}minutes." in html(keeping.get(URL))


def test_an_empty_server_is_calm_and_leads_to_its_first_station(keeping):
    page = html(keeping.get(URL))
    assert "Nothing needs attention." in page
    assert "/admin/stations/station/add/" in page


def test_a_silent_station_is_most_urgent_and_says_for_how_long(keeping, overview):
    station = hear(Station.objects.create(name="Ridge"), hours=3)
    late = hear(Station.objects.create(name="Pond"), minutes=10)
    assert [concern.kind for concern in overview().pressing] == ["silent", "late"]
    item = of_station(overview(), "silent")
    assert (item.what, item.url) == ("Ridge", f"/admin/stations/station/{station.pk}/change/")
    assert item.detail == "for 3\N{NO-BREAK SPACE}hours, 180 reports missed"
    assert of_station(overview(), "late").detail == "for 10\N{NO-BREAK SPACE}minutes, 10 reports missed"
    page = html(keeping.get(URL))
    assert "2 need attention." in page
    assert 'href="/admin/stations/station/?status=silent"' in page
    hear(station, seconds=1)
    hear(late, seconds=1)
    assert overview().pressing == []


def test_a_station_with_a_few_readings_is_tried_out_and_alarms_nobody(keeping, overview):
    station = Station.objects.create(name="My board")
    fill(station, 9)
    hear(station, minutes=10)
    assert overview().pressing == []
    (item,) = notes(overview())["tried"].items
    assert (item.what, item.detail) == ("My board", "for 10\N{NO-BREAK SPACE}minutes")
    assert "Nothing needs attention." in html(keeping.get(URL))


@pytest.mark.parametrize(("ago", "kind"), [({"minutes": 10}, "late"), ({"hours": 3}, "silent")])
def test_from_its_tenth_reading_on_a_station_is_missed(overview, ago, kind):
    station = Station.objects.create(name="My board")
    fill(station, 10)
    hear(station, **ago)
    assert of_station(overview(), kind).what == "My board"
    assert "tried" not in notes(overview())


def test_a_station_of_one_reading_a_day_is_missed_too(overview):
    station = Station.objects.create(name="Snow", interval_s=86_400)
    now = timezone.now()
    days = [timedelta(days=n) for n in range(24, 4, -1)]
    ingest.store(station, [Measurement(1, to_millis(now - age), 21.5) for age in days])
    hear(station, days=5)
    assert of_station(overview(), "late").what == "Snow"


@pytest.mark.parametrize(("hours", "is_told"), [(23, False), (25, True)])
def test_how_fast_the_database_grows_is_told_after_a_day(keeping, hours, is_told):
    station = alive()
    fill(station, 3)
    Key.objects.issue(station)
    assert "growing by" not in html(keeping.get(URL))
    Key.objects.update(first_used_at=timezone.now() - timedelta(hours=hours))
    assert ("growing by" in html(keeping.get(URL))) == is_told


def test_of_many_silent_stations_the_longest_silent_are_shown_and_all_are_counted(keeping, overview):
    for n in range(30):
        hear(Station.objects.create(name=f"School {n}"), hours=2 + n)
    assert overview().count == 30
    page = html(keeping.get(URL))
    assert "School 29" in page
    assert "School 9<" not in page
    assert "And 10 more" in page


def test_an_inactive_station_is_no_concern(overview):
    station = hear(Station.objects.create(name="Old", active=False, trouble="dead"), days=400)
    station.fields.update(newest_value=99, newest_at=timezone.now(), largest=50)
    assert overview().pressing == []


def test_a_station_that_was_just_typed_in_needs_no_attention(overview):
    station = Station.objects.create(name="New")
    assert overview().pressing == []
    assert notes(overview())["no-key"].items[0].what == "New"
    Key.objects.issue(station)
    assert overview().pressing == []
    assert "no-key" not in notes(overview())


def test_a_station_that_was_never_heard_has_a_day_for_it_from_its_key_on(overview):
    station = Station.objects.create(name="New")
    Key.objects.issue(station)
    assert overview().pressing == []
    Key.objects.update(issued_at=timezone.now() - timedelta(days=2, hours=1))
    assert of_station(overview(), "never").detail == "its key was issued 2\N{NO-BREAK SPACE}days ago"
    Key.objects.issue(station)
    assert overview().pressing == [], "there is a fresh one"
    Key.objects.update(issued_at=timezone.now() - timedelta(days=2))
    assert "never" in pressing(overview())
    hear(station, seconds=1)
    Key.objects.update(first_used_at=timezone.now())
    assert overview().pressing == []


def test_a_station_with_readings_from_a_file_alone_lacks_nothing(overview, keeping):
    station = Station.objects.create(name="Archive")
    ingest.store(station, [Measurement(1, to_millis(timezone.now() - timedelta(days=150)), 21.5)])
    assert overview().pressing == []
    assert "no-key" not in notes(overview())
    page = html(keeping.get("/admin/stations/station/"))
    assert '<span class="status status-imported">imported</span>' in page
    assert "no report yet<br><small>newest reading <time" in page
    assert "never heard" not in page.partition('id="result_list"')[2].partition("</table>")[0]


def test_simulated_stations_that_stopped_have_no_board_to_look_at(overview):
    for name, hours in (("Late", 0.1), ("Silent", 9)):
        hear(Station.objects.create(name=name, simulated=True), hours=hours)
    assert overview().pressing == []
    stopped = notes(overview())["not-simulated"]
    assert [item.what for item in stopped.items] == ["Silent", "Late"]
    silent = Station.objects.get(name="Silent").pk
    assert f"Run python manage.py simulate_station {silent} again, and so with the others " in stopped.advice
    for station in Station.objects.all():
        hear(station, seconds=1)
    assert "not-simulated" not in notes(overview())


def test_a_key_that_no_board_uses_is_named_with_the_way_to_it(overview):
    station = alive()
    Key.objects.issue(station)
    assert overview().pressing == []
    Key.objects.update(issued_at=timezone.now() - timedelta(days=3, hours=1))
    item = of_station(overview(), "pending")
    assert (item.what, item.url) == ("Alive", f"/admin/stations/station/{station.pk}/keys/")
    assert item.detail == "issued 3\N{NO-BREAK SPACE}days ago"
    Key.objects.end()
    assert overview().pressing == []
