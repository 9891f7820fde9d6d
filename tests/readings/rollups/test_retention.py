"""apply_retention: raw readings go, and the older history stays as it was."""

import base64
import io
import json
from datetime import UTC, datetime, timedelta
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from freetemp.fields import from_millis, to_millis
from readings import ingest
from readings.calendar.periods import Period
from readings.history.series import series
from readings.history.totals import History
from readings.ingest.reports import Batch, Measurement, Sample
from readings.ingest.store_group import store_together
from readings.models import Day, Quarter, Reading
from readings.rollups.rebuild import GoneError, rebuild
from readings.rollups.retention import oldest_kept
from stations.models import Claim, Key, Station
from tests.conftest import MAC
from tests.readings.rollups.counted import stored

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Kathmandu")
CUT = datetime(2026, 11, 11, 18, 15, tzinfo=UTC)  # Midnight there, ten days ago.
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _clock():
    with mock.patch("django.utils.timezone.now", return_value=NOW):
        yield


@pytest.fixture(scope="module")
def reported(kept_rows):
    """Thirty days, with a value of field 1 every ten minutes and of field 2 every hour."""
    station = Station.objects.create(name="Kept", timezone="Asia/Kathmandu")
    station.fields.update(smallest=-40, largest=60)
    station.fields.create(number=2, name="humidity", unit="%")
    start_ms = to_millis(NOW - timedelta(days=30)) + 1_234
    every = [Measurement(1, start_ms + n * 600_000, n % 71 / 7) for n in range(30 * 144)]
    every += [Measurement(2, start_ms + n * 3_600_000, n % 37) for n in range(30 * 24)]
    with mock.patch("django.utils.timezone.now", return_value=NOW):
        ingest.store(station, every)
    return station.pk


@pytest.fixture
def garden(reported):
    Station.objects.filter(pk=reported).update(name="Garden", mac=MAC)
    return Station.objects.get(pk=reported)


def run(*arguments):
    out = io.StringIO()
    call_command("apply_retention", *arguments, stdout=out)
    return out.getvalue().splitlines()


def history(garden):
    """Return everything that pages show of the month, except the moments of lows and highs."""
    station = Station.objects.get(pk=garden.pk)
    fields = list(station.fields.select_related("station"))
    period = Period("range", NOW - timedelta(days=31), NOW, station.zone)
    edges = [*(part.start for part in period.parts), period.end]
    extremes = History(station, fields).extremes(period.start, period.end)
    return (
        [stored(rollup, station) for rollup in (Quarter, Day)],
        History(station, fields).by_part(edges),
        {number: each.summary for number, each in extremes.items()},
        [series(field, period.start, period.end, 100) for field in fields],
        Reading.objects.span(station)[1],
    )


def older(garden):
    """Return the rollups of the removed readings."""
    rollups = [stored(rollup, garden) for rollup in (Quarter, Day)]
    return [{key: total for key, total in rows.items() if key[1] < to_millis(CUT)} for rows in rollups]


def test_it_is_off_by_default(garden):
    assert run() == ["Raw readings are kept for ever: set RETENTION_DAYS or give --days to remove old ones."]
    assert Reading.objects.count() == 30 * 168


def test_history_stays_as_it_was_and_only_raw_readings_go(garden, settings):
    settings.RETENTION_DAYS = 10
    old = Reading.objects.filter(measured_at__lt=CUT).count()
    before = history(garden)
    assert run() == [f"Garden: {old} readings before 2026-11-12 removed."]
    assert Reading.objects.count() == 30 * 168 - old
    assert not Reading.objects.filter(measured_at__lt=CUT).exists()
    assert Station.objects.get().raw_since == CUT
    assert history(garden) == before


def test_a_clock_that_is_ahead_by_years_does_not_remove_them_without_being_asked(garden, settings):
    settings.RETENTION_DAYS = 10
    run()
    count = Reading.objects.count()
    later = NOW + timedelta(days=3650)
    with mock.patch("django.utils.timezone.now", return_value=later):
        with pytest.raises(CommandError, match=f"days of Garden would go at once.*If it is {later:%Y-%m-%d}, as this"):
            run()
        assert Reading.objects.count() == count
        run("--days", "10")
    assert not Reading.objects.exists()


def test_again_it_removes_nothing_and_longer_brings_nothing_back(garden):
    run("--days", "10")
    before = history(garden)
    for days in ("10", "20"):
        assert run("--days", days) == ["Garden: 0 readings before 2026-11-12 removed."]
    assert Station.objects.get().raw_since == CUT
    assert history(garden) == before


def test_a_dry_run_counts_and_removes_nothing(garden):
    old = Reading.objects.filter(measured_at__lt=CUT).count()
    assert run("--days", "10", "--dry-run") == [f"Garden: {old} readings before 2026-11-12 would be removed."]
    assert Reading.objects.count() == 30 * 168
    assert Station.objects.get().raw_since is None


@pytest.mark.parametrize("days", ["0", "-1"])
def test_less_than_a_day_is_refused(garden, days):
    with pytest.raises(CommandError, match="At least one day"):
        run("--days", days)
    assert Reading.objects.count() == 30 * 168


def test_what_was_removed_in_part_is_removed_whole_the_next_time(garden, monkeypatch):
    monkeypatch.setattr("readings.ingest.corrections.ROWS_A_DELETE", 100)
    before = history(garden)
    removing = ingest.summarise(garden, CUT)
    assert next(removing) == 100
    removing.close()
    assert history(garden) == before, "in between too"
    run("--days", "10")
    assert not Reading.objects.filter(measured_at__lt=CUT).exists()
    assert history(garden) == before


def test_nothing_rebuilds_what_is_older(garden):
    run("--days", "10")
    before = history(garden)
    call_command("rebuild_rollups", stdout=io.StringIO())
    assert rebuild(Station.objects.get()) == []
    assert history(garden) == before


def test_rollups_are_mended_before_what_they_are_made_of_goes(garden):
    right = history(garden)
    Quarter.objects.filter(start__lt=CUT).update(count=1)
    run("--days", "10")
    assert history(garden) == right


def test_another_time_zone_cuts_days_out_of_the_quarters_that_are_left(garden):
    run("--days", "10")
    garden.refresh_from_db()
    quarters = stored(Quarter, garden)
    garden.timezone = "America/New_York"
    garden.save()
    assert stored(Quarter, garden) == quarters
    days = stored(Day, garden)
    assert sum(count for count, *_ in days.values()) == 30 * 168
    assert all((start - 5 * 3_600_000) % 86_400_000 == 0 or start < to_millis(CUT) for _, start in days)


def test_other_limits_change_what_is_kept_and_nothing_older(garden):
    run("--days", "10")
    old = {key: total for key, total in stored(Quarter, garden).items() if key[1] < to_millis(CUT)}
    field = garden.fields.get(number=1)
    field.largest = 0.5
    field.save()
    quarters = stored(Quarter, garden)
    assert {key: total for key, total in quarters.items() if key[1] < to_millis(CUT)} == old
    assert max(total[3] for key, total in quarters.items() if key[0] == 1 and key not in old) <= 0.5


def test_an_import_passes_over_what_is_older_and_says_so(garden, tmp_path, capsys):
    run("--days", "10")
    before = older(garden)
    file = tmp_path / "readings.csv"
    file.write_text(f"measured_at,temperature\n{(CUT - SECOND).isoformat()},1\n{(CUT + SECOND).isoformat()},2\n")
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 refused"):
        call_command("import_readings", "Garden", file, stdout=out)
    assert out.getvalue().endswith("Garden: 1 stored, 0 there already, 0 there with another value, 1 refused.\n")
    assert capsys.readouterr().err == "line 2: measured_at: older than what this server keeps\n"
    ingest.remove(garden, 1, CUT + SECOND, CUT + 2 * SECOND)
    assert ingest.store(garden, [Measurement(1, to_millis(CUT) - 1, 5.0)]) == 0
    assert older(garden) == before


def test_a_late_report_from_before_is_rejected_as_old(garden, client):
    run("--days", "10")
    before = older(garden)
    key = Key.objects.issue(garden)
    readings = [{"field": 1, "at": at.timestamp(), "value": 1.0} for at in (CUT - SECOND, CUT)]
    answer = client.post(
        "/api/v1/readings/",
        json.dumps({"readings": readings}),
        content_type="application/json",
        headers={"Authorization": "Basic " + base64.b64encode(f"6cef7f3b9de8:{key}".encode()).decode()},
    ).json()
    assert ([each["code"] for each in answer["rejected"]], answer["stored"]) == (["old"], 1)
    assert ingest.remove(garden, 1, CUT, CUT + SECOND) == 1
    assert older(garden) == before


def test_what_is_gone_is_not_corrected_nor_removed(garden):
    run("--days", "10")
    before = history(garden)
    with pytest.raises(GoneError):
        ingest.correct(garden, 1, CUT - SECOND, 1.0)
    with pytest.raises(GoneError):
        ingest.remove(garden, 1, CUT - SECOND, NOW)
    assert history(garden) == before


def test_a_field_that_has_summaries_only_keeps_a_newest_value(garden):
    run("--days", "10")
    ingest.remove(garden, 2, CUT, NOW)
    last = Quarter.objects.filter(field=2).latest("start")
    field = garden.fields.get(number=2)
    assert (field.newest_at, field.newest_value) == (last.start, last.sum / last.count)


def test_lows_and_highs_come_with_their_moment_and_older_ones_with_their_quarter(garden):
    rows = [Measurement(1, to_millis(CUT - timedelta(minutes=7)), -30.0), Measurement(1, to_millis(CUT) + 1, 59.0)]
    ingest.store(garden, rows)
    run("--days", "10")
    garden.refresh_from_db()
    extremes = History(garden, garden.fields.all()).extremes(NOW - timedelta(days=30), NOW)[1]
    assert (extremes.summary.min, extremes.min_at) == (-30.0, CUT - timedelta(minutes=15))
    assert (extremes.summary.max, extremes.max_at) == (59.0, from_millis(to_millis(CUT) + 1))


def test_the_page_and_its_csv_go_on(garden, client):
    run("--days", "10")
    for query in ("?period=all", "?date=2026-11-01", "?start=2026-11-11T10:07&end=2026-11-12T12:01"):
        response = client.get(f"{garden.get_absolute_url()}{query}")
        assert response.status_code == 200
        assert response.context["has_readings"]
    assert client.get(f"/stations/{garden.pk}/readings.csv?period=all").getvalue().count(b"\n") > 1_000


@pytest.mark.parametrize("name", ["Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe", "Antarctica/Casey"])
def test_it_cuts_at_a_midnight_that_is_a_quarter(station, name):
    station.timezone = name
    for days in range(1, 400, 9):
        cut = oldest_kept(station, days, timezone.now())
        assert to_millis(cut) % 900_000 == 0
        assert f"{cut.astimezone(station.zone):%H:%M}" == "00:00"
        assert timedelta(days=days) <= NOW - cut < timedelta(days=days + 1, hours=3)


@pytest.mark.parametrize(("days", "day"), [(1, 21), (2, 20)])
@pytest.mark.parametrize("hour", [0, 23])
def test_so_many_whole_days_are_kept_besides_today(station, days, day, hour):
    station.timezone = "UTC"
    now = datetime(2026, 11, 22, hour, tzinfo=UTC)
    assert oldest_kept(station, days, now) == datetime(2026, 11, day, tzinfo=UTC)


def test_what_an_earlier_retention_left_is_the_least_that_is_gone(station):
    station.timezone = "UTC"
    for raw_since, cut in ((21, 21), (19, 20)):
        station.raw_since = datetime(2026, 11, raw_since, tzinfo=UTC)
        assert oldest_kept(station, 2, NOW) == datetime(2026, 11, cut, tzinfo=UTC)


def test_a_midnight_within_a_quarter_is_no_edge(station):
    """Kiritimati was 10 hours and 40 minutes off UTC until October 1979: no midnight was a quarter's start."""
    station.timezone = "Pacific/Kiritimati"
    now = datetime(1979, 10, 5, 12, tzinfo=UTC)
    assert oldest_kept(station, 3, now) == datetime(1979, 10, 2, 10, tzinfo=UTC)
    assert oldest_kept(station, 4, now) == datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("days", [20_780, 60_000, 10**9])
@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Pacific/Kiritimati"])
def test_more_days_than_there_are_since_the_epoch_keep_all(station, name, days):
    """Before 1900 hardly any midnight was a quarter's start: a search for one reached the end of the calendar."""
    station.timezone = name
    assert oldest_kept(station, days, NOW) == datetime(1970, 1, 1, tzinfo=UTC)


def test_a_counter_keeps_the_reading_from_which_the_next_one_counts(garden):
    """A total of rain that began long ago: what falls after the retention is still right."""
    field = garden.fields.create(number=5, name="rain total", unit="mm")
    moments = [CUT - timedelta(hours=1), CUT - timedelta(minutes=5), CUT, CUT + timedelta(minutes=20)]
    values = [100.0, 100.6, 100.8, 101.8]
    rows = [Measurement(5, to_millis(at), value) for at, value in zip(moments, values, strict=True)]
    ingest.store(garden, [rows[0], rows[1], rows[3]])
    before = [stored(rollup, garden) for rollup in (Quarter, Day)]
    run("--days", "10")
    station = Station.objects.get(pk=garden.pk)
    assert rebuild(station) == []
    assert [stored(rollup, garden) for rollup in (Quarter, Day)] == before
    ingest.store(station, [rows[2]])  # It belongs to a quarter whose readings are gone.
    assert [stored(rollup, garden) for rollup in (Quarter, Day)] == before
    sample = Sample(seq=1, field=5, value=values[2], time_ms=to_millis(CUT), is_age=False)
    (receipt,) = store_together([Batch(Claim.of(station.mac, Key.objects.issue(station)), 7, [sample])])
    assert [each.code for each in receipt.rejected] == ["old"]
    with pytest.raises(GoneError):
        ingest.correct(station, 5, CUT, 101.0)
    ingest.correct(station, 5, moments[3], 102.0)
    assert sum(Quarter.objects.of(field).values_list("sum", flat=True)) == pytest.approx(2.0)
