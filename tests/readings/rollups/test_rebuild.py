"""rebuild_rollups, and the changes that rebuild rollups by themselves: a time zone, plausible limits, the migration."""

import importlib
import io
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from freetemp.fields import from_millis, to_millis
from readings import ingest
from readings.calendar.span import Span
from readings.ingest.reports import Measurement
from readings.models import Day, Quarter, Reading
from readings.rollups.rebuild import newest, rebuild
from stations.models import Station
from tests.readings.rollups.counted import assert_rollups_equal_the_readings, stored

pytestmark = pytest.mark.django_db

START_MS = to_millis(datetime(2026, 10, 20, tzinfo=UTC))
HOUR_MS = 3_600_000


@pytest.fixture
def garden(station):
    """Ten days around a change of clocks, with a value every 40 minutes that is not always plausible."""
    station.fields.update(smallest=-40, largest=60)
    station.fields.create(number=2, name="humidity", unit="%")
    measurements = [
        Measurement(number, START_MS + n * 2_400_000, n % 77 - 0.3 * number) for n in range(360) for number in (1, 2)
    ]
    ingest.store(station, measurements)
    return station


def run(*arguments):
    out = io.StringIO()
    call_command("rebuild_rollups", *arguments, stdout=out)
    return out.getvalue().splitlines()


def spoil(garden):
    """Make a count wrong, drop a quarter, make one up, and set a day's sum a little off."""
    first = Quarter.objects.filter(station=garden, field=1).order_by("start").first()
    Quarter.objects.filter(pk=first.pk).update(count=9)
    Quarter.objects.filter(station=garden, field=2).order_by("start").last().delete()
    Quarter.objects.create(station=garden, field=2, start=START_MS - HOUR_MS, count=1, sum=1, min=1, max=1)
    day = Day.objects.filter(station=garden, field=1).order_by("start").last()
    Day.objects.filter(pk=day.pk).update(sum=day.sum * (1 + 1e-6))


def test_what_is_right_is_left_alone(garden):
    with CaptureQueriesContext(connection) as queries:
        assert run() == ["0 rollups mended."]
    assert not [each for each in queries if each["sql"].startswith(("INSERT", "DELETE", "UPDATE"))]
    assert run("--check") == ["0 rollups differ."]


def test_every_difference_is_named_in_a_line_and_mended(garden):
    spoil(garden)
    lines = run("Garden")
    assert lines[0] == (
        f"station {garden.pk} field 1 quarter 2026-10-20T00:00Z:"
        " stored 9 readings, sum -0.3, -0.3 to -0.3, right 1 readings, sum -0.3, -0.3 to -0.3"
    )
    assert any(": stored none, right 1 readings" in line for line in lines)
    assert any(line.endswith("stored 1 readings, sum 1.0, 1.0 to 1.0, right none") for line in lines)
    assert any(" day " in line for line in lines)
    assert lines[-1] == f"{len(lines) - 1} rollups mended."
    assert_rollups_equal_the_readings(garden)


def test_check_names_and_mends_nothing_and_ends_with_1(garden):
    spoil(garden)
    before = [stored(rollup, garden) for rollup in (Quarter, Day)]
    with pytest.raises(CommandError, match="rollups differ") as failure:
        run("--check")
    assert failure.value.returncode == 1
    assert [stored(rollup, garden) for rollup in (Quarter, Day)] == before


def test_one_station_is_rebuilt_and_no_other(garden):
    other = Station.objects.create(name="Other")
    ingest.store(other, [Measurement(1, START_MS, 1.0)])
    Quarter.objects.filter(station=other).update(count=5)
    assert run(str(garden.pk)) == ["0 rollups mended."]
    assert len(run("Other")) == 2
    with pytest.raises(CommandError, match="There is no station “Roof”"):
        run("Roof")


def test_all_is_made_again_where_nothing_is_left(garden):
    Quarter.objects.all().delete()
    Day.objects.all().delete()
    assert rebuild(garden)
    assert_rollups_equal_the_readings(garden)


@pytest.mark.parametrize("quarters", [13, 97])
def test_in_chunks_of_any_length_each_rollup_is_made_once(garden, monkeypatch, quarters):
    monkeypatch.setattr("readings.rollups.rebuild.QUARTERS_A_CHUNK", quarters * 20)
    monkeypatch.setattr("readings.rollups.rebuild.QUARTERS_OF_DAYS_A_CHUNK", quarters)
    count = Quarter.objects.count() + Day.objects.count()
    Quarter.objects.all().delete()
    Day.objects.all().delete()
    told = []
    made = rebuild(garden, progress=told.append)
    assert sum(told) == pytest.approx(1)
    assert len(made) == len({(each.rollup, each.key) for each in made}) == count
    assert_rollups_equal_the_readings(garden)


def test_what_is_before_the_first_reading_and_after_the_last_is_looked_at_too(garden):
    """Leftover rollups are before the first reading and after the last."""
    edges = [START_MS - 40 * 24 * HOUR_MS, START_MS + 40 * 24 * HOUR_MS]
    for rollup, width_ms in ((Quarter, 900_000), (Day, 24 * HOUR_MS)):
        for at in edges:
            rollup.objects.create(
                station=garden, field=1, start=at // width_ms * width_ms, count=1, sum=1, min=1, max=1
            )
    assert len(rebuild(garden)) == 4
    assert_rollups_equal_the_readings(garden)


OF_BOTH = [(rollup, name) for rollup in (Quarter, Day) for name in ("count", "sum", "min", "max")]


@pytest.mark.parametrize(("rollup", "name"), [*OF_BOTH, (Day, "hours"), (Day, "hour_sum")])
def test_each_column_of_a_rollup_is_compared(garden, rollup, name):
    row = rollup.objects.filter(station=garden, field=1).order_by("start")[3]
    rollup.objects.filter(pk=row.pk).update(**{name: getattr(row, name) + 1})
    difference, *_ = rebuild(garden, mend=False)
    assert (difference.rollup, difference.key) == (rollup, (garden.pk, 1, to_millis(row.start)))
    assert len(rebuild(garden)) == 1, "the days were right" if rollup is Quarter else ""
    assert_rollups_equal_the_readings(garden)


@pytest.mark.parametrize(("off", "differs"), [(1e-12, False), (5e-10, False), (2e-9, True), (-2e-9, True)])
@pytest.mark.parametrize("values", [(1000.0, 1001.0), (1000.0, -1000.0), (-1000.0, 0.0)])
def test_a_sum_is_compared_by_the_size_of_what_was_added(station, values, off, differs):
    """Values around zero may sum up to anything near zero, which is not a difference."""
    ingest.store(station, [Measurement(1, START_MS + n, value) for n, value in enumerate(values)])
    row = Quarter.objects.get()
    Quarter.objects.update(sum=row.sum + off * 2 * max(map(abs, values)))
    assert bool(rebuild(station, mend=False)) == differs


def test_the_newest_is_the_last_reading_and_without_any_the_mean_of_the_last_quarter(garden):
    last = Reading.objects.filter(station=garden, field=2).order_by("measured_at").last()
    assert newest(garden.pk, 2) == (to_millis(last.measured_at), last.value)
    Reading.objects.filter(station=garden).delete()
    quarter = Quarter.objects.filter(station=garden, field=2).order_by("start").last()
    assert newest(garden.pk, 2) == (to_millis(quarter.start), quarter.sum / quarter.count)
    assert newest(garden.pk, 3) is None


def test_the_limits_themselves_are_in_the_rollups_that_are_made_again(station):
    station.fields.update(smallest=-40, largest=60)
    values = [-40.1, -40.0, 0.0, 60.0, 60.1]
    ingest.store(station, [Measurement(1, START_MS + n, value) for n, value in enumerate(values)])
    for _ in range(2):
        assert [list(total) for total in stored(Quarter, station).values()] == [[3, 20.0, -40.0, 60.0]]
        assert_rollups_equal_the_readings(station)
        Quarter.objects.all().delete()
        rebuild(station)


def test_only_days_are_made_out_of_quarters_as_they_are(garden):
    spoil(garden)
    quarters = stored(Quarter, garden)
    Day.objects.all().delete()
    assert {each.rollup for each in rebuild(garden, only_days=True)} == {Day}
    assert stored(Quarter, garden) == quarters
    assert sum(count for count, *_ in stored(Day, garden).values()) == sum(count for count, *_ in quarters.values())


def test_a_part_is_rebuilt_and_the_rest_is_not(garden):
    spoil(garden)
    last = Quarter.objects.filter(station=garden, field=1).order_by("start").last()
    Quarter.objects.filter(pk=last.pk).update(count=7)
    end_ms = to_millis(last.start) + 900_000
    quarter, *_ = rebuild(garden, [1], Span(end_ms - 900_000, end_ms))
    assert (quarter.key, quarter.stored.n) == ((garden.pk, 1, to_millis(last.start)), 7)
    assert Quarter.objects.filter(station=garden, field=1, count=9).exists()


def test_progress_adds_up_to_the_whole(garden):
    told = []
    rebuild(garden, progress=told.append)
    assert sum(told) == pytest.approx(1)
    rebuild(Station.objects.create(name="Unborn"), progress=told.append)
    assert sum(told) == pytest.approx(2)


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Pacific/Kiritimati", "America/New_York", "Australia/Lord_Howe"])
def test_a_change_of_the_time_zone_cuts_the_days_anew(garden, zone):
    quarters = stored(Quarter, garden)
    garden.timezone = zone
    garden.save()
    assert_rollups_equal_the_readings(garden)
    assert stored(Quarter, garden) == quarters


@pytest.mark.parametrize("other", ["Before", "Zebra"])
def test_a_change_follows_whatever_other_stations_and_fields_are_set_to(garden, other):
    """The comparison is with the station's own row, and its own field's."""
    pond = Station.objects.create(name=other, timezone="Asia/Kathmandu")
    pond.fields.update(smallest=0, largest=20)
    garden.fields.filter(number=2).update(smallest=0, largest=20)
    rebuild(garden)
    for changed in (garden, garden.fields.get(number=1)):
        if changed is garden:
            changed.timezone = "Asia/Kathmandu"
        else:
            changed.smallest, changed.largest = 0, 20
        changed.save()
        assert_rollups_equal_the_readings(Station.objects.get(pk=garden.pk))


def test_a_change_of_columns_that_are_not_saved_is_none(garden):
    before = [stored(rollup, garden) for rollup in (Quarter, Day)]
    garden.timezone = "Asia/Kathmandu"
    garden.save(update_fields=["name"])
    field = garden.fields.get(number=1)
    field.largest = 0
    field.save(update_fields=["decimals"])
    assert [stored(rollup, garden) for rollup in (Quarter, Day)] == before
    field.save(update_fields=["decimals", "largest"])
    assert_rollups_equal_the_readings(Station.objects.get(pk=garden.pk))


def test_the_admin_changes_a_time_zone_and_limits_with_what_follows(admin_client, garden):
    address = f"/admin/stations/station/{garden.pk}/change/"
    form = admin_client.get(address).context["adminform"].form
    data = {name: "" if (value := form[name].value()) is None else value for name in form.fields}
    data |= {"timezone": "Asia/Kathmandu", "fields-TOTAL_FORMS": 2, "fields-INITIAL_FORMS": 2}
    data |= {
        f"{inline}-{name}_FORMS": 0
        for inline in ("equipment", "further_sensors", "wifi")
        for name in ("TOTAL", "INITIAL")
    }
    for index, field in enumerate(garden.fields.all()):
        names = ("id", "number", "name", "unit", "decimals", "smallest", "largest")
        shown = {name: getattr(field, name) for name in names} | {"station": garden.pk, "largest": 20}
        data |= {f"fields-{index}-{name}": "" if value is None else value for name, value in shown.items()}
    data = {name: value for name, value in data.items() if value is not False}
    response = admin_client.post(address, data)
    assert response.status_code == 302, response.context["errors"]
    garden.refresh_from_db()
    assert (garden.timezone, garden.fields.first().largest) == ("Asia/Kathmandu", 20)
    assert_rollups_equal_the_readings(garden)


def test_a_change_of_the_limits_takes_in_and_leaves_out(garden):
    field = garden.fields.get(number=1)
    for limits in ((0, 10), (None, None), (-40, 60), (1_000, None)):
        field.smallest, field.largest = limits
        field.save()
        assert_rollups_equal_the_readings(garden)
    assert not Quarter.objects.filter(field=1).exists()


def test_a_save_that_changes_neither_looks_at_no_reading(garden):
    field = garden.fields.get(number=1)
    for each, change in ((garden, {"name": "Yard"}), (field, {"decimals": 2})):
        for name, value in change.items():
            setattr(each, name, value)
        with CaptureQueriesContext(connection) as queries:
            each.save()
        assert not [sql for sql in (query["sql"] for query in queries) if "readings_" in sql]


def test_a_corrected_reading_is_corrected_everywhere(garden):
    newest = Reading.objects.filter(station=garden, field=1).order_by("-measured_at").first()
    assert ingest.correct(garden, 1, newest.measured_at, 12.5)
    field = garden.fields.get(number=1)
    assert (field.newest_at, field.newest_value) == (newest.measured_at, 12.5)
    assert_rollups_equal_the_readings(garden)
    assert not ingest.correct(garden, 1, newest.measured_at + timedelta(seconds=1), 1.0)
    for value in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="finite"):
            ingest.correct(garden, 1, newest.measured_at, value)


def test_readings_that_are_removed_are_in_nothing_and_the_one_before_is_the_newest(garden):
    start = from_millis(START_MS + 100 * HOUR_MS + 1)
    gone = Reading.objects.filter(station=garden, field=1, measured_at__gte=start).count()
    assert ingest.remove(garden, 1, start, start + timedelta(days=100)) == gone > 0
    field = garden.fields.get(number=1)
    assert field.newest_at == Reading.objects.filter(station=garden, field=1).latest("measured_at").measured_at
    assert field.newest_at < start
    assert_rollups_equal_the_readings(garden)
    ingest.remove(garden, 1, from_millis(0), start)
    assert garden.fields.get(number=1).newest_at is None


def test_the_migration_fills_the_rollups_of_readings_from_before(garden):
    before = [stored(rollup, garden) for rollup in (Quarter, Day)]
    Day.objects.all().delete()
    Quarter.objects.filter(field=1).delete()
    for name in ("0003_fill_rollups", "0006_means_over_time"):
        fill = importlib.import_module(f"readings.migrations.{name}").fill
        fill(apps, SimpleNamespace(connection=connection))
    assert_rollups_equal_the_readings(garden)
    assert [rows.keys() for rows in before] == [stored(rollup, garden).keys() for rollup in (Quarter, Day)]


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe", "America/St_Johns"])
def test_the_migration_finds_the_hours_of_the_days_from_before(garden, zone):
    garden.timezone = zone
    garden.save()
    before = list(Day.objects.order_by("pk").values_list("pk", "hours", "hour_sum"))
    Day.objects.update(hours=1, hour_sum=0)
    damaged = Day.objects.create(station=garden, field=1, start=0, count=2, sum=9, min=4, max=5)
    fill = importlib.import_module("readings.migrations.0006_means_over_time").fill
    fill(apps, SimpleNamespace(connection=connection))
    damaged.refresh_from_db()
    assert (damaged.hours, damaged.hour_sum) == (1, 4.5), "the mean of its readings: it has no quarter"
    damaged.delete()
    assert len(before) > 20
    for (key, hours, hour_sum), day in zip(before, Day.objects.order_by("pk"), strict=True):
        assert (day.pk, day.hours, day.hour_sum) == (key, hours, pytest.approx(hour_sum, abs=1e-9))


def test_a_wrong_mean_is_named_and_mended(garden):
    day = Day.objects.filter(station=garden, field=1).order_by("start")[3]
    Day.objects.filter(pk=day.pk).update(hour_sum=day.hour_sum + 1e-3)
    line, last = run("Garden")
    assert f", {day.hours} hours, their means' sum {day.hour_sum + 1e-3!r}, right " in line
    assert last == "1 rollups mended."
    assert_rollups_equal_the_readings(garden)
