"""set_aside, restore_readings and calibrate: what they count, do, and say to wrong input."""

import threading
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from freetemp.fields import from_millis, to_millis
from readings import ingest
from readings.calendar.span import Span
from readings.ingest.reports import Measurement
from readings.models import Day, Pending, Sensor, SetAside
from readings.rollups import pending
from readings.treatment import State, accept, decisions, refuse, set_aside, undo
from readings.treatment.effects import TreatmentError
from tests.readings.treatment.right import all_of, assert_all_follows

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)  # 13:00 in Berlin
HOURS = [NOON + timedelta(hours=n) for n in range(48)]


@pytest.fixture
def garden(station):
    station.fields.create(number=2, name="humidity", unit="%")
    measurements = [(number, to_millis(at), float(n)) for number in (1, 2) for n, at in enumerate(HOURS)]
    ingest.store(station, [Measurement(*each) for each in measurements])
    return station


def run(command, *arguments):
    said = StringIO()
    call_command(command, *map(str, arguments), stdout=said)
    return said.getvalue()


def left(station, number=1):
    return sum(Day.objects.filter(station=station, field=number).values_list("count", flat=True))


def test_a_wrong_import_is_counted_set_aside_and_brought_back(garden):
    before = all_of(garden)
    asked = ("Garden", "--from", "2026-01-16", "--to", "2026-01-16", "--reason", "import", "--note", "the pond's file")
    assert run("set_aside", *asked, "--dry-run").splitlines() == [
        "Garden, temperature: 24 readings, 2026-01-16 00:00:00+01:00 to 2026-01-16 23:00:00+01:00 (Europe/Berlin), "
        "from 11 to 34 degC",
        "Garden, humidity: 24 readings, 2026-01-16 00:00:00+01:00 to 2026-01-16 23:00:00+01:00 (Europe/Berlin), "
        "from 11 to 34 %",
        "Nothing was set aside.",
    ]
    assert all_of(garden) == before
    number = run("set_aside", *asked).partition("Set aside as number ")[2].partition(".")[0]
    assert (left(garden), left(garden, 2)) == (24, 24)
    assert_all_follows(garden)
    (line, last) = run("restore_readings", "Garden").splitlines()
    assert line.startswith(
        f"{number}: all fields, 2026-01-16 00:00 to 2026-01-17 00:00 (Europe/Berlin): wrong import, the pond's "
        "file. By manage.py"
    )
    assert last == "Nothing was brought back: give the numbers of what should be, or --all."
    assert run("restore_readings", "Garden", number).endswith("They count again.\n")
    assert all_of(garden) == before
    mark = SetAside.objects.get()
    assert (mark.state, mark.decided_by) == ("undone", mark.made_by)
    assert run("restore_readings", "Garden") == "Nothing of Garden is set aside.\n"


def test_values_below_and_above_of_one_field_are_set_aside(garden):
    run("set_aside", "Garden", "--field", "humidity", "--below", 10, "--above", 39)
    assert (left(garden), left(garden, 2)) == (48, 30)
    assert run("restore_readings", "Garden").startswith(f"{SetAside.objects.get().pk}: humidity below 10 or above 39, ")
    assert_all_follows(garden)


def test_maintenance_lasts_an_hour_or_until_further_notice(garden):
    run("set_aside", "Garden", "--reason", "maintenance", "--for", "90min")
    mark = SetAside.objects.get()
    assert mark.end - mark.start == timedelta(minutes=90)
    garden.refresh_from_db()
    assert [garden.in_maintenance(at) for at in (mark.start, mark.end)] == [True, False]
    run("restore_readings", "Garden", "--all")
    garden.refresh_from_db()
    assert not garden.in_maintenance(mark.start)
    assert "New readings are set aside too, until" in run("set_aside", "Garden", "--reason", "maintenance")
    later = SetAside.objects.get(state="active").start + timedelta(seconds=1)
    ingest.store(garden, [Measurement(1, to_millis(later), 1.0)])
    assert garden.fields.create(number=3, name="pressure").is_treated is False
    assert garden.fields.get(number=3).is_treated, "a new field is under maintenance too"
    run("restore_readings", "Garden", "--all", "--from-now")
    assert SetAside.objects.get(state="active").end is not None
    assert_all_follows(garden)


def test_a_sensor_is_corrected_by_two_points_and_the_next_one_ends_it(garden):
    said = run("calibrate", "Garden", "--field", "humidity", "--sensor", "SHT31", "--serial", "12",
               "--from", "2026-01-15", "--point", 11, 10, "--point", 31, 32)  # fmt: skip
    first = Sensor.objects.get()
    assert (first.factor, first.offset) == (1.1, 10 - 1.1 * 11)
    assert said.splitlines()[:2] == [
        "humidity: value * 1.1 - 2.1",
        "48 readings from 0 to 47 %, corrected from -2.1 to 49.6",
    ]
    run("calibrate", "Garden", "--field", 2, "--sensor", "BME280", "--from", "2026-01-16T12:00", "--offset", 3)
    assert_all_follows(garden)
    second = Sensor.objects.latest("pk")
    assert run("calibrate", "Garden").splitlines() == [
        f"{first.pk}: humidity, SHT31 12, 2026-01-15 00:00 to 2026-01-16 12:00 (Europe/Berlin): value * 1.1 - 2.1",
        f"{second.pk}: humidity, BME280, 2026-01-16 12:00 to today (Europe/Berlin): value * 1 + 3",
    ]
    run("calibrate", "Garden", "--undo", second.pk)
    first.refresh_from_db()
    assert first.end is None, "it hangs again"
    assert_all_follows(garden)


@pytest.mark.parametrize(
    ("command", "arguments", "sentence"),
    [
        ("set_aside", [], "Say which: --from and --to, --below or --above a value, or --reason maintenance."),
        ("set_aside", ["--from", "2026-01-17", "--to", "2026-01-15"], "--from has to be before --to."),
        ("set_aside", ["--from", "2026-01-17", "--to", "2026-01-18", "--for", "1h"], "--to and --for both say the end"),
        (
            "set_aside",
            ["--from", "2026-01-17", "--for", "1 hour"],
            "“1 hour” is no length of time: 30min, 1h",
        ),
        (
            "set_aside",
            ["--field", "wind", "--above", 1],
            "Garden has no field “wind”: it has 1 temperature",
        ),
        ("set_aside", ["--above", "nan"], "--below and --above take a number."),
        ("restore_readings", [4711], "Garden has nothing set aside as number 4711: leave it out for a list."),
        ("calibrate", ["--sensor", "X"], "Say which field the sensor measures: --field temperature."),
        ("calibrate", ["--sensor", "X", "--field", 1, "--factor", 0], "The factor has to be a number other than 0"),
        ("calibrate", ["--sensor", "X", "--field", 1, "--offset", "inf"], "The offset has to be a number, like -0.4."),
        (
            "calibrate",
            ["--sensor", "X", "--field", 1, "--offset", 1, "--point", 1, 2],
            "--point gives factor",
        ),
        ("calibrate", ["--sensor", "X", "--field", 1, "--point", 1, 2, "--point", 1, 3], "two different shown values."),
        ("calibrate", ["--undo", 4711], "The ledger of Garden has no entry 4711: without --undo it is listed."),
    ],
)
def test_wrong_input_gets_a_sentence_and_changes_nothing(garden, command, arguments, sentence):
    before = all_of(garden)
    with pytest.raises(CommandError) as error:
        run(command, "Garden", *arguments)
    assert sentence in str(error.value)
    assert all_of(garden) == before
    assert not SetAside.objects.exists()
    assert not Sensor.objects.exists()


def test_two_sensors_cannot_hang_at_once(garden):
    run("calibrate", "Garden", "--field", 1, "--sensor", "A", "--from", "2026-01-15", "--to", "2026-01-16")
    with pytest.raises(CommandError, match=r"A \(number \d+\) hung then, from 2026-01-15 00:00: undo that entry first"):
        run("calibrate", "Garden", "--field", 1, "--sensor", "B", "--from", "2026-01-16")


def test_what_a_retention_has_removed_stays_as_it_is(garden):
    list(ingest.summarise(garden, HOURS[11]))  # midnight
    before = all_of(garden)[0]
    assert run("set_aside", "Garden", "--from", "2026-01-15", "--to", "2026-01-15").splitlines() == [
        "Before 2026-01-16 00:00 only summaries are left, and they stay.",
        "Garden has no such readings.",
        "Nothing was set aside.",
    ]
    with pytest.raises(CommandError, match="Before 2026-01-16 00:00 only summaries are left, and they stay: begin"):
        run("calibrate", "Garden", "--field", 1, "--sensor", "X", "--from", "2026-01-15", "--offset", 1)
    run("set_aside", "Garden", "--above", -1)
    assert (left(garden), garden.fields.get(number=1).newest_at) == (11, HOURS[10] + timedelta(0))
    run("restore_readings", "Garden", "--all")
    assert all_of(garden)[0] == before


def test_what_was_interrupted_is_finished_by_the_next_run(garden, monkeypatch):
    def power_cut(*arguments, **options):
        rebuild(*arguments, **options)
        raise KeyboardInterrupt

    rebuild = pending.rebuild
    monkeypatch.setattr(pending, "rebuild", power_cut)
    with pytest.raises(KeyboardInterrupt):
        run("set_aside", "Garden", "--above", 20)
    assert Pending.objects.count() == 2
    monkeypatch.setattr(pending, "rebuild", rebuild)
    pending.follow_pending()
    assert not Pending.objects.exists()
    assert_all_follows(garden)


def test_rebuild_rollups_finishes_it_too(garden):
    set_aside(garden, None, garden_span(), "spike", "anna")
    assert Pending.objects.count() == 2
    run("rebuild_rollups")
    assert not Pending.objects.exists()
    assert_all_follows(garden)


def test_a_proposal_counts_for_nothing(garden):
    before = all_of(garden)
    set_aside(garden, None, garden_span(), "spike", "freetemp", state=State.PROPOSED)
    assert all_of(garden) == before
    assert not Pending.objects.exists()


def garden_span():
    return Span(to_millis(HOURS[3]), to_millis(HOURS[9]))


def test_an_undone_one_is_undone_once(garden):
    mark = set_aside(garden, None, garden_span(), "spike", "anna")
    undo(mark, "ben")
    with pytest.raises(TreatmentError, match="It is not active any more: it is undone"):
        undo(mark, "ben")
    assert from_millis(mark.span.start_ms) == HOURS[3]


@pytest.mark.django_db(transaction=True)
def test_what_is_being_accepted_is_not_refused_meanwhile(garden, monkeypatch):
    mark = set_aside(garden, 1, garden_span(), "spike", "freetemp", state=State.PROPOSED)
    said = []

    def refuse_it():
        try:
            refuse(SetAside.objects.get(pk=mark.pk), "ben")
        except TreatmentError as error:
            said.append(str(error))
        finally:
            connection.close()

    other = threading.Thread(target=refuse_it)
    check_kept = decisions.check_kept

    def check_kept_slowly(*arguments):
        other.start()
        other.join(0.3)  # It waits for the end of this transaction.
        check_kept(*arguments)

    monkeypatch.setattr(decisions, "check_kept", check_kept_slowly)
    accept(mark, "anna")
    other.join()
    assert said == ["It is not proposed any more: it is active."]
    assert SetAside.objects.get().decided_by == "anna"


def test_a_proposal_that_grew_a_moment_ago_is_accepted_as_it_was_seen(garden):
    seen = set_aside(garden, 1, garden_span(), "stuck", "freetemp", state=State.PROPOSED)
    SetAside.objects.update(end=HOURS[20])
    accept(seen, "anna")
    pending.follow_pending()
    assert SetAside.objects.get().span == garden_span()
    assert_all_follows(garden)


def test_a_station_goes_with_its_marks_and_its_ledger(garden):
    set_aside(garden, None, garden_span(), "spike", "anna")
    run("calibrate", "Garden", "--field", 1, "--sensor", "A", "--from", "2026-01-15", "--offset", 1)
    run("calibrate", "Garden", "--field", 1, "--sensor", "B", "--from", "2026-01-16", "--offset", 1)
    assert sum(ingest.delete_station(garden)) == 96
    assert [model.objects.count() for model in (SetAside, Sensor, Pending)] == [0, 0, 0]
