"""remove_readings takes out what should not be there, keeps it in a file, and what follows is right at once."""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from freetemp.fields import from_millis, to_millis
from readings import ingest
from readings.files import removal
from readings.ingest.reports import Measurement
from readings.models import Reading, StoredAhead
from tests.readings.ingest.test_corrections import assert_all_follows

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)  # 13:00 in Berlin
HOURS = [NOON + timedelta(hours=n) for n in range(48)]


@pytest.fixture(autouse=True)
def _var(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def garden(station):
    station.fields.create(number=2, name="humidity", unit="%")
    measurements = [(number, to_millis(at), float(n)) for number in (1, 2) for n, at in enumerate(HOURS)]
    ingest.store(station, [Measurement(*each) for each in measurements])
    return station


def run(*arguments):
    said = StringIO()
    call_command("remove_readings", *map(str, arguments), stdout=said)
    return said.getvalue()


def everything():
    return list(
        Reading.objects.order_by("station", "field", "measured_at").values_list("field", "measured_at", "value")
    )


def left(number=1):
    return [HOURS.index(at) for field, at, _ in everything() if field == number]


def the_file(tmp_path):
    (path,) = (tmp_path / "removed").iterdir()
    return path


def test_it_counts_and_removes_nothing_in_a_dry_run(garden, tmp_path):
    before = everything()
    said = run("Garden", "--from", "2026-01-15T14:00", "--to", "2026-01-15T16:00", "--dry-run").splitlines()
    span = "2026-01-15 14:00:00+01:00 to 2026-01-15 15:00:00+01:00 (Europe/Berlin)"
    assert said[:2] == [
        f"Garden, temperature: 2 readings, {span}, from 1 to 2 degC",
        f"Garden, humidity: 2 readings, {span}, from 1 to 2 %",
    ]
    assert said[2:] == ["Nothing was removed."]
    assert everything() == before
    assert not (tmp_path / "removed").exists()


def test_it_removes_a_span_of_all_fields_and_what_follows_is_right_at_once(garden):
    said = run(garden.pk, "--from", "2026-01-15T14:00", "--to", "2026-01-16T13:00", "--yes")
    assert left(1) == left(2) == [0, *range(24, 48)]
    assert "46 readings removed from Garden." in said
    assert_all_follows([garden])


def test_the_newest_value_goes_with_it(garden):
    run("Garden", "--from", "2026-01-15T14:00", "--yes")
    field = garden.fields.get(number=1)
    assert (field.newest_at, field.newest_value) == (NOON, 0.0)
    assert_all_follows([garden])


@pytest.mark.all_parameters
@pytest.mark.parametrize(
    ("arguments", "gone"),
    [
        (["--from", "2026-01-16", "--to", "2026-01-16"], range(11, 35)),
        (["--to", "2026-01-15"], range(11)),
        (["--from", "2026-01-16T13:00:00+01:00"], range(24, 48)),
        (["--below", "2.5"], [0, 1, 2]),
        (["--above", "45.5"], [46, 47]),
        (["--below", "1", "--above", "46"], [0, 47]),
        (["--above", "40", "--to", "2026-01-17T07:00"], [41]),
    ],
)
def test_days_are_whole_and_local_and_values_choose(garden, arguments, gone):
    run("Garden", *arguments, "--field", "temperature", "--yes")
    assert left(1) == [n for n in range(48) if n not in gone]
    assert left(2) == list(range(48)), "another field is as it was"
    assert_all_follows([garden])


def test_what_it_removed_comes_back_by_import_readings(garden, tmp_path):
    before = everything()
    ingest.correct(garden, 1, NOON, 0.1 + 0.2)
    before[0] = (1, NOON, 0.1 + 0.2)
    said = run("Garden", "--to", "2026-01-16", "--yes")
    path = the_file(tmp_path)
    assert f"`python manage.py import_readings {garden.pk} {path}` brings them back" in said
    with path.open() as file:
        assert next(csv.reader(file)) == ["measured_at", "temperature [degC]", "humidity [%]"]
    call_command("import_readings", garden.pk, str(path), stdout=StringIO())
    assert everything() == before
    assert_all_follows([garden])


def test_many_go_in_chunks_and_none_is_lost_in_an_interruption(garden, monkeypatch, tmp_path):
    monkeypatch.setattr(removal, "READINGS_A_CHUNK", 10)
    real, calls = ingest.remove_each, []

    def third_fails(*arguments):
        calls.append(arguments)
        if len(calls) == 3:
            raise OperationalError("database is locked")
        return real(*arguments)

    before = everything()
    monkeypatch.setattr(ingest, "remove_each", third_fails)
    with pytest.raises(CommandError, match="Run this again later"):
        run("Garden", "--from", "2026-01-15", "--yes")
    assert left(1) == list(range(20, 48))
    monkeypatch.setattr(ingest, "remove_each", real)
    run("Garden", "--from", "2026-01-15", "--yes", "--output", tmp_path / "rest.csv")
    assert everything() == []
    for path in (the_file(tmp_path), tmp_path / "rest.csv"):
        call_command("import_readings", garden.pk, str(path), stdout=StringIO())
    assert everything() == before


def test_chunks_of_scattered_values_do_not_span_years(garden, monkeypatch):
    monkeypatch.setattr(removal, "WIDEST_CHUNK_MS", 3_600_000 * 5)
    spans, real = [], ingest.remove_each
    monkeypatch.setattr(ingest, "remove_each", lambda *each: spans.append(each[2][-1] - each[2][0]) or real(*each))
    run("Garden", "--above", "0.5", "--yes")
    assert left(1) == left(2) == [0]
    assert max(spans) < 3_600_000 * 5


@pytest.mark.parametrize(("answer", "is_gone"), [("y", True), ("yes", True), ("", False), ("n", False)])
def test_it_asks_first(garden, monkeypatch, answer, is_gone):
    monkeypatch.setattr("builtins.input", lambda question: answer)
    if is_gone:
        run("Garden", "--to", "2026-01-15")
    else:
        with pytest.raises(CommandError, match="Nothing was removed"):
            run("Garden", "--to", "2026-01-15")
    assert (len(everything()) < 96) is is_gone


def test_without_a_terminal_nothing_is_removed(garden, monkeypatch):
    def end(question):
        raise EOFError

    monkeypatch.setattr("builtins.input", end)
    with pytest.raises(CommandError, match="Nothing was removed"):
        run("Garden", "--to", "2026-01-15")
    assert len(everything()) == 96


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Say which"),
        (["--from", "yesterday"], "--from: a date and time expected"),
        (["--from", "2026-03-29T02:30"], "the clocks skip it"),
        (["--to", "2026-10-25T02:30"], "is there twice in Europe/Berlin: put \\+02:00 or \\+01:00 behind it"),
        (["--from", "2026-01-16", "--to", "2026-01-15"], "--from has to be before --to"),
        (["--to", "9999-12-31"], "--to: "),
        (["--to", "2026-01-15", "--field", "rain"], "has no field “rain”: it has 1 temperature, 2 humidity"),
        (["--ahead"], "No readings of Garden are noted"),
        (["--keep"], "--keep goes with --ahead"),
    ],
)
def test_what_it_does_not_understand_it_says(garden, arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        run("Garden", *arguments, "--yes")
    assert len(everything()) == 96


def test_a_file_that_is_there_is_not_overwritten_and_one_that_cannot_be_written_removes_nothing(garden, tmp_path):
    (tmp_path / "mine.csv").write_text("mine")
    with pytest.raises(CommandError, match=r"mine.csv is there already: give --output another name"):
        run("Garden", "--to", "2026-01-15", "--yes", "--output", tmp_path / "mine.csv")
    assert (tmp_path / "mine.csv").read_text() == "mine"
    with pytest.raises(CommandError, match="Give --output a file elsewhere"):
        run("Garden", "--to", "2026-01-15", "--yes", "--output", tmp_path / "mine.csv" / "x.csv")
    assert len(everything()) == 96


def test_where_there_is_nothing_it_says_so(garden):
    assert run("Garden", "--above", "1000", "--yes") == "Garden has no such readings.\nNothing was removed.\n"


def test_summaries_of_a_time_whose_readings_are_gone_stay(garden):
    for _ in ingest.summarise(garden, HOURS[24]):
        pass
    said = run("Garden", "--to", "2026-01-16T15:00", "--field", "1", "--yes")
    assert "Before 2026-01-16 13:00 only summaries are left, and they stay." in said
    assert left(1) == list(range(26, 48))
    with pytest.raises(CommandError, match="--from has to be before"):
        run("Garden", "--from", "2026-01-16", "--to", "2026-01-15", "--yes")


def test_readings_dated_ahead_go_by_their_moments_and_no_right_one_among_them(garden, tmp_path):
    wrong = HOURS[3:6]
    StoredAhead(station=garden, by_field={}).add({1: [to_millis(at) for at in wrong]}, timezone.now())
    said = run("Garden", "--ahead", "--dry-run")
    assert "Garden, temperature: 3 readings, 2026-01-15 16:00:00+01:00 to 2026-01-15 18:00:00+01:00" in said
    assert StoredAhead.objects.exists()
    run("Garden", "--ahead", "--yes")
    assert left(1) == [0, 1, 2, *range(6, 48)]
    assert left(2) == list(range(48))
    assert not StoredAhead.objects.exists(), "there is nothing left to look at"
    assert the_file(tmp_path).read_text().count("\n") == 4


def test_readings_dated_ahead_that_are_right_are_taken_off_the_list(garden):
    StoredAhead(station=garden, by_field={}).add({1: [to_millis(HOURS[3])]}, timezone.now())
    assert run("Garden", "--ahead", "--keep") == "1 reading of Garden stays, and is off the list.\n"
    assert len(everything()) == 96
    assert not StoredAhead.objects.exists()


def test_a_span_that_is_removed_takes_its_part_off_the_list(garden):
    StoredAhead(station=garden, by_field={}).add({1: [to_millis(at) for at in HOURS[3:6]]}, timezone.now())
    ingest.remove(garden, 1, HOURS[3], HOURS[5])
    assert StoredAhead.objects.get().by_field == {"1": [to_millis(HOURS[5])]}
    assert from_millis(StoredAhead.objects.get().by_field["1"][0]) == StoredAhead.objects.get().first_at


def test_two_moments_of_the_double_hour_are_told_apart_and_one_reading_is_one(station):
    moments = [datetime(2025, 10, 26, hour, 15, tzinfo=UTC) for hour in (0, 1)]
    ingest.store(station, [Measurement(1, to_millis(at), -9999.0) for at in moments])
    said = run("Garden", "--below", "-900", "--dry-run")
    assert "2 readings, 2025-10-26 02:15:00+02:00 to 2025-10-26 02:15:00+01:00 (Europe/Berlin)" in said
    said = run("Garden", "--from", "2025-10-26T02:15+01:00", "--yes")
    assert "temperature: 1 reading, 2025-10-26 02:15:00+01:00 to" in said
    assert "\n1 reading removed from Garden." in said
    assert said.endswith(" brings it back.\n")


def test_a_date_in_another_form_is_answered_with_one_that_works(garden):
    with pytest.raises(
        CommandError, match=r"^--from: a date and time expected, like .*, or a date alone, like 2026-10-25\.$"
    ):
        run("Garden", "--from", "25.10.2026")
