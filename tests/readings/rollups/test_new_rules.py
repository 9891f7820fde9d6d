"""Days follow newer rules of a time zone by themselves, and every process divides days by the same rules."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from freetemp import background
from freetemp.fields import to_millis
from freetemp.zone_rules import rules_of
from readings import ingest
from readings.calendar.days import midnight_ms
from readings.calendar.span import Span
from readings.ingest.reports import Measurement
from readings.models import Day, Pending
from readings.rollups import new_rules
from readings.rollups.new_rules import follow_rules, follow_rules_of
from readings.rollups.pending import follow_pending
from readings.treatment import set_aside, undo
from stations.models import Station, ZoneRules
from tests.programs import comes_true
from tests.readings.rollups.counted import assert_rollups_equal_the_readings, stored
from tests.server import Server

pytestmark = pytest.mark.django_db

ZONE = "Test/Town"
START, DAYS = datetime(2026, 10, 20, tzinfo=UTC), 20
CHANGE = datetime(2026, 11, 1, 3, tzinfo=UTC)
OLD = [(None, 2, "OLD"), (CHANGE, 1, "NEW")]
NEW = [(None, 2, "OLD")]  # The clocks were not set back after all.


@pytest.fixture
def town(own_rules):
    """A station whose days were divided by rules of 2001a, with two fields and a reading every half hour."""
    own_rules("2001a", {ZONE: OLD})
    town = Station.objects.create(name="Town", timezone=ZONE)
    town.fields.create(number=2, name="humidity", unit="%")
    store(town, START, DAYS * 48)
    return fresh(town)


def store(station, start, count):
    at = [start + timedelta(minutes=30 * n) for n in range(count)]
    ingest.store(station, [Measurement(number, to_millis(each), each.day + number) for each in at for number in (1, 2)])


def fresh(station):
    return Station.objects.get(pk=station.pk)


def clocks_in(station):
    """Return the name of the clocks in November, by the station's present rules."""
    return (CHANGE + timedelta(days=8)).astimezone(fresh(station).zone).tzname()


def day_starts(station):
    return sorted(start for number, start in stored(Day, station) if number == 1)


def midnights(station, since=START, days=DAYS):
    first = since.astimezone(station.zone).date()
    return [midnight_ms(first + timedelta(days=n), station.zone) for n in range(days + 1)]


def run(*arguments, command="follow_zone_rules"):
    out = io.StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_newer_rules_make_the_days_anew_from_the_first_that_differs(town, own_rules):
    own_rules("2001b", {ZONE: NEW})
    assert run()[1:] == [
        f"Town: divided 9 days from 2026-11-01 to 2026-11-09 anew, by the rules of {ZONE} as of 2001b."
    ]
    town = fresh(town)
    assert clocks_in(town) == "OLD"
    assert day_starts(town) == midnights(town)
    assert_rollups_equal_the_readings(town)
    assert run() == []


def test_days_before_it_are_not_even_looked_at(town, own_rules):
    Day.objects.filter(station=town, start__lt=to_millis(CHANGE) - 3 * 86_400_000).update(count=7)
    own_rules("2001b", {ZONE: NEW})
    assert " 9 days " in run()[1]
    assert [count for (_, start), (count, *_) in stored(Day, town).items()].count(7) == 2 * 10


@pytest.mark.parametrize(
    "new",
    [
        [(None, 2, "OLD"), (CHANGE, 1, "XYZ")],
        [(datetime(1999, 1, 1, tzinfo=UTC), 5, "XYZ"), (datetime(1999, 2, 2, tzinfo=UTC), 2, "OLD"), *OLD[1:]],
        [*OLD, (datetime(2031, 1, 1, tzinfo=UTC), 3, "XYZ")],
    ],
    ids=["another name", "long before", "in the future"],
)
def test_rules_that_change_no_day_change_no_rollup(town, own_rules, new):
    before = stored(Day, town)
    own_rules("2001b", {ZONE: [(None, 2, "OLD"), *new] if new[0][0] else new})
    with CaptureQueriesContext(connection) as queries:
        assert run() == []
    assert not [each for each in queries if "readings_day" in each["sql"] and "INSERT" in each["sql"]]
    assert stored(Day, town) == before
    assert ZoneRules.objects.get(pk=fresh(town).zone_rules).version == "2001b"


def test_without_a_change_it_is_one_query(town, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert list(follow_rules()) == []


def test_before_they_are_followed_reports_go_on_by_the_rules_of_the_days(town, own_rules):
    """A server that was updated has newer rules than the days: each day has all its readings, and only its own."""
    own_rules("2001b", {ZONE: NEW})
    store(fresh(town), START + timedelta(days=DAYS), 48)
    assert day_starts(town) == midnights(fresh(town), days=DAYS + 1)
    assert clocks_in(town) == "NEW"
    assert_rollups_equal_the_readings(fresh(town))


def test_a_process_with_the_old_rules_divides_by_the_new_ones_from_then_on(town, own_rules):
    """A worker that runs on while another one has been started anew."""
    own_rules("2001b", {ZONE: NEW})
    run()
    own_rules("2001a", {ZONE: OLD})
    store(fresh(town), START + timedelta(days=DAYS), 48)
    assert day_starts(town) == midnights(fresh(town), days=DAYS + 1)
    assert clocks_in(town) == "OLD"
    assert_rollups_equal_the_readings(fresh(town))


def test_older_rules_do_not_win_unless_somebody_says_so(town, own_rules):
    own_rules("2001b", {ZONE: NEW})
    run()
    own_rules("2001a", {ZONE: OLD})
    assert run() == []
    assert run(command="rebuild_rollups") == [
        f"Town: divided 9 days from 2026-11-01 to 2026-11-09 anew, by the rules of {ZONE} as of 2001a.",
        "0 rollups mended.",
    ]
    assert day_starts(fresh(town)) == midnights(fresh(town))
    assert clocks_in(town) == "NEW"


def test_days_by_unknown_rules_are_all_compared(town, own_rules):
    """Those of an earlier freetemp, which wrote down no rules."""
    Station.objects.update(zone_rules="")
    ZoneRules.objects.all().delete()
    own_rules("", {ZONE: NEW})
    assert run()[1:] == [f"Town: divided 9 days from 2026-11-01 to 2026-11-09 anew, by the rules of {ZONE}."]
    assert_rollups_equal_the_readings(fresh(town))


def test_an_interruption_leaves_everything_as_it_was_and_the_next_start_goes_on(town, own_rules, monkeypatch):
    def power_cut(*arguments, **options):
        rebuilt(*arguments, **options)
        raise KeyboardInterrupt

    before, rebuilt = stored(Day, town), new_rules.rebuild
    own_rules("2001b", {ZONE: NEW})
    monkeypatch.setattr(new_rules, "rebuild", power_cut)
    with pytest.raises(KeyboardInterrupt):
        run()
    assert (stored(Day, town), fresh(town).zone_rules) == (before, town.zone_rules)
    monkeypatch.setattr(new_rules, "rebuild", rebuilt)
    assert len(run()) == 2
    assert_rollups_equal_the_readings(fresh(town))


def test_a_form_that_was_open_meanwhile_does_not_bring_back_the_old_rules(town, own_rules):
    own_rules("2001b", {ZONE: NEW})
    run()
    town.place = "Over there"
    town.save()
    assert fresh(town).place == "Over there"
    assert clocks_in(town) == "OLD"


def test_another_zone_comes_with_its_own_rules(town, own_rules):
    other = fresh(town)
    other.timezone = "Asia/Kathmandu"
    other.save()
    assert ZoneRules.objects.get(pk=fresh(town).zone_rules).name == "Asia/Kathmandu"
    assert_rollups_equal_the_readings(fresh(town))
    assert run() == []


def test_a_zone_that_this_computer_lacks_is_in_the_database(town, own_rules):
    """A database may move to a computer whose rules lack the zone."""
    own_rules("2001b", {})
    assert rules_of(ZONE) is None
    assert clocks_in(town) == "NEW"
    store(fresh(town), START + timedelta(days=DAYS), 48)
    assert_rollups_equal_the_readings(fresh(town))
    assert run() == []


def test_a_station_that_is_gone_meanwhile_is_no_failure(db):
    assert follow_rules_of(4711) == ""


@pytest.mark.django_db(transaction=True)
def test_a_server_that_starts_with_newer_rules_follows_them(town, own_rules, tmp_path):
    """With two workers, and without any command before. So it does with readings that were restored before a crash."""
    mark = set_aside(town, None, Span(to_millis(START), to_millis(CHANGE)), "spike", "anna")
    follow_pending()
    undo(mark, "anna")
    assert Pending.objects.count() == 2
    folder = own_rules("2999b", {ZONE: NEW})
    with Server(tmp_path / "log", PYTHONTZPATH=str(folder), WEB_CONCURRENCY="2"):
        assert comes_true(lambda: "Town: divided 9 days from 2026-11-01" in (tmp_path / "log").read_text())
        assert comes_true(lambda: not Pending.objects.exists())
    assert (tmp_path / "log").read_text().count("divided") == 1
    assert_rollups_equal_the_readings(fresh(town))


def test_a_server_whose_database_is_away_tries_again(town, own_rules, monkeypatch, caplog):
    own_rules("2001b", {ZONE: NEW})
    monkeypatch.setattr(background.connections, "close_all", lambda: None)  # It is this test's own.
    tries = iter([DatabaseError("it is away"), None])

    def follow():
        if failure := next(tries):
            raise failure
        return follow_rules()

    monkeypatch.setattr(new_rules, "follow_rules", follow)
    monkeypatch.setattr(background.time, "sleep", lambda seconds: None)
    with caplog.at_level("INFO", "readings.rollups.new_rules"):
        new_rules._follow_at_last()
    assert [record.getMessage()[:30] for record in caplog.records] == [
        "The days of stations could not",
        "Town: divided 9 days from 2026",
    ]
