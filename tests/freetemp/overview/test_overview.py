"""The operator's overview: a concern appears with advice, and is gone once it is mended."""

import platform
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from firmware import concerns
from freetemp import __version__
from freetemp.clock import Clock
from freetemp.fields import to_millis
from freetemp.overview.concerns import Urgency
from freetemp.overview.report import Overview
from readings import ingest
from readings.ingest.reports import Measurement
from readings.models import RefusedReport, StoredAhead
from readings.models.refused_report import Reason, Refusal, Tally
from stations.models import Key, Station
from tests.conftest import MAC, client_of

pytestmark = pytest.mark.django_db

URL = "/admin/overview/"


@pytest.fixture(autouse=True)
def _settings(settings):
    settings.DEBUG = False
    settings.ENCRYPTION_KEYS = ["there is one"]


@pytest.fixture
def overview(keeper):
    return lambda: Overview.of(keeper)


def pressing(overview):
    return {concern.kind: concern for concern in overview.pressing}


def notes(overview):
    return {concern.kind: concern for concern in overview.notes} | {"backup": None}


def hear(station, **ago):
    station.last_heard_at = timezone.now() - timedelta(**ago)
    station.save()
    return station


def alive(name="Alive", **changed):
    return hear(Station.objects.create(name=name, **changed), seconds=1)


def of_station(overview, kind):
    (item,) = pressing(overview)[kind].items
    return item


def html(response):
    assert response.status_code == 200
    return response.content.decode()


def refuse(reason, mac="", ago=timedelta(hours=1), count=3, part="", during=timedelta(hours=1)):
    """Count refusals, the last one `ago` and the first one as much earlier as `during`."""
    last_ms = to_millis(timezone.now() - ago)
    first_ms = last_ms - during // timedelta(milliseconds=1)
    RefusedReport.objects.add({Refusal(reason, mac, "192.0.2.1", part): Tally(count, first_ms, last_ms, "", "")})


def fill(station, minutes, missing=range(0), field=1):
    """Store a value for each of the last minutes, except the missing ones."""
    now = timezone.now()
    ages = [timedelta(minutes=n) for n in range(minutes, 0, -1) if n not in missing]
    ingest.store(station, [Measurement(field, to_millis(now - age), 21.5) for age in ages])


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


@pytest.mark.parametrize(
    ("trouble", "kind", "advice"),
    [
        ("ds18b20: no answer", "sensor", "Look at the sensor's wires first."),
        ("its battery is low", "sensor", "docs/sensors.md"),
        ("3 too many", "overflow", "longer interval"),
        ("3 damaged", "damaged", "Once is a power cut"),
        ("3 refused", "refused", "the fields that its board was flashed with"),
        ("flash: error 28", "flash", "Flash the board again"),
    ],
)
def test_what_a_board_says_is_wrong_with_it_is_repeated_with_the_advice_for_it(overview, trouble, kind, advice):
    station = alive(trouble=trouble)
    assert of_station(overview(), f"trouble-{kind}").detail == trouble
    assert advice in pressing(overview())[f"trouble-{kind}"].advice
    Station.objects.filter(pk=station.pk).update(trouble="")
    assert overview().pressing == []


def test_readings_without_a_date_need_no_wires_and_no_attention(overview):
    alive(trouble="3 without a date")
    assert overview().pressing == []
    advice = notes(overview())["trouble-undated"].advice
    assert advice.startswith("Nothing to do")
    assert "wire" not in advice
    Station.objects.update(trouble="")
    assert "trouble-undated" not in notes(overview())


def test_several_troubles_of_one_board_are_told_apart(overview):
    alive(trouble="dht22: wrong checksum; 2 too many; 1 without a date")
    assert set(pressing(overview())) == {"trouble-sensor", "trouble-overflow"}
    assert of_station(overview(), "trouble-sensor").detail == "dht22: wrong checksum"
    assert "trouble-undated" in notes(overview())


def test_the_trouble_of_a_board_that_was_replaced_is_forgotten(overview, station, key, client):
    def report(key):
        assert client.get(f"/update/API_key={key}/mac={MAC}/field=1/data=21.4").content == b"OK"

    report(key)
    Station.objects.update(trouble="ds18b20: no answer")
    report(key)
    assert "trouble-sensor" in pressing(overview())
    report(Key.objects.issue(station))
    assert overview().pressing == []


def test_boards_of_an_earlier_version_are_only_worth_knowing(overview, monkeypatch):
    monkeypatch.setattr(concerns, "__version__", "1.10.0")
    for version in ("", "1.10.0", "1.11", "2", "1.9.3", "somebody's"):
        alive(f"Board {version}", firmware=version)
    alive("Resting", firmware="0.1", active=False)
    (item,) = notes(overview())["firmware"].items
    assert (item.what, item.detail) == ("Board 1.9.3", "version 1.9.3")
    assert overview().pressing == []


def test_it_tells_its_versions(keeping):
    page = html(keeping.get(URL))
    assert f"<dt>Version</dt><dd>{__version__}, Python {platform.python_version()}, " in page
    assert f"{'SQLite' if connection.vendor == 'sqlite' else 'PostgreSQL'} " in page.partition("<dt>Version</dt>")[2]


def test_a_field_that_fell_silent_while_its_station_reports(overview):
    station = alive()
    now = timezone.now()
    station.fields.update(newest_value=1, newest_at=now)
    humidity = station.fields.create(number=2, name="humidity", newest_value=50, newest_at=now - timedelta(hours=2))
    assert of_station(overview(), "lagging").what == "Alive: humidity"
    assert of_station(overview(), "lagging").detail == "for 2\N{NO-BREAK SPACE}hours"
    station.fields.filter(pk=humidity.pk).update(newest_value=None, newest_at=None)
    assert of_station(overview(), "lagging").detail == "never reported"
    station.fields.filter(pk=humidity.pk).update(newest_value=50, newest_at=now)
    assert "lagging" not in pressing(overview())
    station.fields.filter(pk=humidity.pk).update(newest_at=now - timedelta(days=29))
    assert "lagging" in pressing(overview())
    station.fields.filter(pk=humidity.pk).update(newest_at=now - timedelta(days=31))
    assert "lagging" not in pressing(overview()), "its sensor was taken away"


@pytest.mark.all_parameters
@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"largest": 60}, "plausible up to 60"),
        ({"smallest": 90}, "plausible from 90"),
        ({"smallest": -40, "largest": 60.5}, "plausible from -40 to 60.5"),
    ],
)
def test_a_newest_value_outside_its_limits(overview, limits, said):
    station = alive()
    station.fields.update(newest_value=85, newest_at=timezone.now(), **limits)
    assert of_station(overview(), "implausible").detail == f"85.0\N{NO-BREAK SPACE}°C (!), {said}"
    station.fields.update(smallest=None, largest=None)
    assert "implausible" not in pressing(overview())


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


def test_a_station_with_many_readings_missing_in_the_last_day(overview):
    station = alive()
    fill(station, 26 * 60, missing=range(100, 500))
    item = of_station(overview(), "gaps")
    assert item.url == f"/stations/{station.pk}/"
    share, _, rest = item.detail.partition("% of the last day's readings, ")
    assert 71 <= int(share) <= 74, "400 of 1440, or of up to 15 minutes more"
    assert rest.endswith("% of the last week's")
    fill(station, 26 * 60)
    assert "gaps" not in pressing(overview())


def test_a_simulated_station_lacks_nothing(overview):
    fill(alive(simulated=True), 26 * 60, missing=range(100, 500))
    assert "gaps" not in pressing(overview())


def test_a_station_with_many_readings_missing_in_the_last_week(overview):
    station = alive(interval_s=600, timezone="Asia/Kathmandu")
    now = timezone.now()
    hours = [*range(24 * 9, 24 * 5, -1), *range(24 * 2, -1, -1)]
    ages = [timedelta(hours=n, minutes=m) for n in hours for m in range(59, 0, -10)]
    ingest.store(station, [Measurement(1, to_millis(now - age), 1.0) for age in ages])
    assert overview().pressing == [], "the last day is whole"
    detail = notes(overview())["gaps-before"].items[0].detail
    assert detail.startswith("100% of the last day's readings")
    assert 40 < int(detail.partition(", ")[2].partition("%")[0]) < 70


def test_a_station_that_began_an_hour_ago_lacks_nothing(overview):
    fill(alive(), 60)
    assert overview().pressing == []


def test_a_board_of_a_station_that_is_refused_needs_attention_and_a_stranger_is_worth_knowing(overview, station):
    hear(station, hours=2)
    refuse("wrong_key", MAC)
    refuse("unknown_mac", "0a:00:00:00:00:01", count=1234)
    item = of_station(overview(), "refused-wrong_key")
    assert item.what == "Garden"
    assert item.detail.startswith("from 192.0.2.1, 3 times in 2\N{NO-BREAK SPACE}hours, the last one ")
    assert pressing(overview())["refused-wrong_key"].advice == Reason.WRONG_KEY.advice
    assert "refused-unknown_mac-once" in notes(overview())
    assert "1\N{NARROW NO-BREAK SPACE}234 times" in notes(overview())["refused-unknown_mac-once"].items[0].detail
    RefusedReport.objects.update(last_at=timezone.now() - timedelta(hours=25))
    assert "refused-wrong_key" not in pressing(overview())
    assert "refused-unknown_mac-once" not in notes(overview())


def is_refused(overview):
    """Return where refused reports are shown: under what needs attention, or under what is worth knowing."""
    places = {"pressing": pressing(overview), "notes": notes(overview)}
    return [place for place, found in places.items() if any(kind.startswith("refused-") for kind in found)]


def test_a_board_that_is_registered_by_now_is_not_to_be_registered(overview):
    stranger = "0a:00:00:00:00:01"
    refuse("unknown_mac", stranger, ago=timedelta(seconds=1), count=900)
    assert is_refused(overview()) == ["notes"]
    Station.objects.create(name="Registered", mac=stranger)
    assert is_refused(overview()) == []


@pytest.mark.parametrize("reason", ["wrong_key", "malformed", "field", "too_large", "too_often"])
def test_a_person_s_own_tries_are_worth_knowing_and_need_no_attention(overview, station, reason):
    refuse(reason, MAC, count=40, during=timedelta(minutes=9), part="7")
    assert is_refused(overview()) == ["notes"]
    RefusedReport.objects.all().delete()
    refuse(reason, MAC, count=2, during=timedelta(hours=3), part="7")
    assert is_refused(overview()) == ["notes"]
    RefusedReport.objects.all().delete()
    refuse(reason, MAC, count=3, during=timedelta(minutes=10), part="7")
    assert is_refused(overview()) == ["pressing"], "a board goes on"


def test_a_wrong_key_is_done_when_the_board_has_the_right_one(overview, station):
    hear(station, minutes=10)
    refuse("wrong_key", MAC, ago=timedelta(minutes=5))
    assert is_refused(overview()) == ["pressing"]
    hear(station, minutes=4)
    assert is_refused(overview()) == []


def test_an_inactive_station_s_reports_are_done_when_it_is_active(overview, station):
    Station.objects.update(active=False)
    refuse("inactive", MAC)
    assert is_refused(overview()) == ["pressing"]
    Station.objects.update(active=True)
    assert is_refused(overview()) == []


def test_an_unknown_field_is_done_when_the_station_has_it(overview, station):
    hear(station, seconds=1)
    refuse("field", MAC, ago=timedelta(seconds=2), part="12")
    refuse("field", MAC, ago=timedelta(seconds=2), part="2")
    assert [item.what for item in pressing(overview())["refused-field"].items] == ["Garden", "Garden"]
    station.fields.create(number=12, name="pressure")
    assert len(pressing(overview())["refused-field"].items) == 1
    station.fields.create(number=2, name="humidity")
    assert is_refused(overview()) == []


@pytest.mark.parametrize("reason", ["malformed", "field", "too_large", "too_often"])
def test_what_a_board_sent_wrong_is_done_when_it_reports_and_nothing_more_is_refused(overview, station, reason):
    refuse(reason, MAC, ago=timedelta(minutes=2), part="9")
    hear(station, seconds=1)
    assert is_refused(overview()) == ["pressing"], "every other report may be right"
    RefusedReport.objects.update(last_at=timezone.now() - timedelta(minutes=4))
    assert is_refused(overview()) == []


@pytest.mark.parametrize("reason", ["credentials", "guessing", "method", "various"])
def test_what_no_station_is_known_for_is_worth_knowing_for_a_day(overview, reason):
    refuse(reason, count=900)
    assert is_refused(overview()) == ["notes"]
    RefusedReport.objects.update(last_at=timezone.now() - timedelta(hours=25))
    assert is_refused(overview()) == []


def test_a_database_that_stores_again_is_done(overview, station):
    hear(station, hours=2)
    refuse("database")
    assert is_refused(overview()) == ["pressing"]
    hear(station, seconds=1)
    assert is_refused(overview()) == []


def test_a_clock_for_which_nothing_more_is_refused_is_done(overview):
    refuse("clock", ago=timedelta(minutes=9))
    assert is_refused(overview()) == ["pressing"]
    RefusedReport.objects.update(last_at=timezone.now() - timedelta(minutes=11))
    assert is_refused(overview()) == []


@pytest.mark.parametrize("reason", ["clock", "database"])
def test_what_the_server_itself_could_not_take_comes_first(overview, reason):
    hear(Station.objects.create(name="Late"), minutes=10)
    refuse(reason, ago=timedelta(minutes=5))
    assert [concern.kind for concern in overview().pressing] == [f"refused-{reason}", "late"]


def test_a_clock_that_is_known_to_be_in_the_past(overview, monkeypatch):
    assert overview().pressing == []
    monkeypatch.setattr(Clock, "is_behind", lambda self, now_ms: True)
    Station.objects.create(name="Ahead", last_heard_at=timezone.now() + timedelta(hours=2))
    (concern,) = overview().pressing
    assert (concern.kind, concern.urgency) == ("clock", Urgency.NOW)
    assert concern.title.startswith(f"This server's clock is in the past: it says {timezone.now():%Y-%m-%d}")


def test_readings_dated_ahead_are_listed_by_their_stations_before_and_after_they_are_noted(overview):
    at = timezone.now() + timedelta(hours=2)
    garden = Station.objects.create(name="Garden", last_heard_at=at)
    Station.objects.create(name="Pond", last_heard_at=timezone.now())
    (concern,) = overview().pressing
    assert (concern.kind, [item.what for item in concern.items]) == ("ahead", [f"{garden.pk} Garden"])
    assert f"python manage.py remove_readings {garden.pk} --ahead " in concern.advice
    assert concern.items[0].detail == f"up to {at:%Y-%m-%d %H:%M}, its own time"
    hear(garden, seconds=1)
    assert overview().pressing == []
    StoredAhead(station=garden, by_field={}).add({1: [to_millis(at)]}, timezone.now())
    (concern,) = overview().pressing
    assert concern.items[0].detail == f"1 reading, from {at:%Y-%m-%d %H:%M} to {at:%Y-%m-%d %H:%M}, its own time"


def test_the_admin_s_first_page_says_in_short_what_needs_attention(keeping):
    hear(Station.objects.create(name="Ridge"), hours=3)
    page = html(keeping.get("/admin/"))
    assert "1 needs attention." in page
    assert f'<a href="{URL}#silent">Silent stations</a>' in page
    assert f'href="{URL}">Overview</a>' in page, "in the header"


def test_whoever_may_see_neither_keys_nor_refused_reports_is_told_of_none(station):
    user = User.objects.create_user("viewer", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_station"))
    refuse("wrong_key", MAC)
    Key.objects.issue(station)
    Key.objects.update(issued_at=timezone.now() - timedelta(days=3))
    page = html(client_of(user).get(URL))
    assert "Nothing needs attention." in page
    assert "192.0.2.1" not in page


def test_staff_without_rights_see_no_overview_and_no_way_there(station):
    user = User.objects.create_user("other", is_staff=True)
    browser = client_of(user)
    assert browser.get(URL).status_code == 403
    hear(station, hours=9)
    page = html(browser.get("/admin/"))
    assert "attention" not in page
    assert URL not in page


def test_for_everybody_else_it_is_the_login(client, db):
    login = f"/admin/login/?next={URL}"
    assert client.get(URL)["Location"] == login
    client.force_login(User.objects.create_user("visitor"))
    assert client.get(URL)["Location"] == login


def test_no_cache_keeps_it(keeping):
    assert "no-store" in keeping.get(URL)["Cache-Control"]


def test_hostile_text_is_only_text(keeping):
    evil = "<script>alert(1)</script>"
    station = hear(Station.objects.create(name=evil, trouble=evil), hours=3)
    station.fields.update(name=evil, newest_value=85, newest_at=timezone.now(), largest=60)
    for url in (URL, "/admin/"):
        assert "<script>alert" not in html(keeping.get(url))


def queries_of(client, url):
    with CaptureQueriesContext(connection) as queries:
        html(client.get(url))
    return len(queries)


@pytest.mark.parametrize(("url", "most"), [(URL, 25), ("/admin/", 26)])
def test_it_asks_as_much_for_thirty_stations_as_for_one(keeping, url, most):
    fill(alive("One"), 5)
    fill(hear(Station.objects.create(name="Late"), minutes=5), 3)
    queries_of(keeping, url)
    for_one = queries_of(keeping, url)
    for n in range(29):
        station = hear(Station.objects.create(name=f"School {n}", mac=f"02:00:00:00:00:{n:02x}"), minutes=n * 5)
        fill(station, 3)
        Key.objects.issue(station)
        refuse("wrong_key", station.mac)
    Key.objects.update(issued_at=timezone.now() - timedelta(days=3))
    of_standbys = connection.vendor == "postgresql"
    assert queries_of(keeping, url) == for_one <= most + of_standbys
