"""manage.py import_readings, with files like those that people have."""

import io
from datetime import UTC, datetime
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from readings.models import Reading
from stations.models import Station

pytestmark = pytest.mark.django_db


@pytest.fixture
def garden(station):
    station.fields.create(number=2, name="humidity", unit="%")
    return station


@pytest.fixture
def run(tmp_path, garden, capsys):
    def run(text, *options, station="Garden", encoding="utf-8"):
        """Return the last line without the station's name, the error and the log."""
        file = tmp_path / "readings.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        out, error = io.StringIO(), ""
        try:
            call_command("import_readings", station, file, *options, stdout=out)
        except CommandError as exception:
            error = str(exception)
        run.lines = out.getvalue().splitlines()
        return run.lines[-1].removeprefix("Garden: ") if run.lines else "", error, capsys.readouterr().err

    return run


def stored():
    return list(Reading.objects.order_by("measured_at", "field").values_list("field", "measured_at", "value"))


GOOD = "measured_at,temperature [degC],humidity\n2026-06-01T12:00:00Z,21.4,60\n2026-06-01 14:01,,61\n"
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_a_file_is_stored_with_local_moments_in_the_zone_of_the_station(run):
    assert run(GOOD)[:2] == ("3 stored, 0 there already, 0 there with another value, 0 refused.", "")
    assert stored() == [(1, AT, 21.4), (2, AT, 60.0), (2, AT.replace(minute=1), 61.0)]


def test_a_file_imported_again_stores_nothing_twice(run):
    run(GOOD)
    assert run(GOOD)[:2] == ("0 stored, 3 there already, 0 there with another value, 0 refused.", "")
    assert len(stored()) == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_file_of_a_spreadsheet_is_read(run, encoding):
    assert run(GOOD.replace("\n", "\r\n"), encoding=encoding)[0].startswith("3 stored")


def test_each_refused_row_is_named_with_its_line_and_reason_and_the_good_ones_are_stored(run):
    out, error, log = run(
        "measured_at,temperature,humidity\n"
        "2026-06-01T12:00:00Z,21.4,60\n"
        "yesterday,1,2\n"
        "2026-03-29T02:30,1,2\n"
        "2026-06-01T12:02:00Z,21,4,60\n"
        "2026-06-01T12:03:00Z,nan,62\n"
        "2999-06-01T12:03:00Z,1,2\n"
        "\n"
        '2026-06-01T12:04:00Z,"21,4",63\n'
        "2199-06-01T12:05:00Z,1,2\n"
    )
    assert out == "4 stored, 0 there already, 0 there with another value, 7 refused."
    assert error.startswith("7 refused")
    assert log.splitlines() == [
        "line 3: measured_at: a date and time expected, like 2026-11-22T14:30:00+01:00",
        "line 4: 2026-03-29 02:30:00 does not exist in Europe/Berlin: the clocks skip it",
        "line 5: 4 columns, 3 expected",
        "line 6: temperature: a decimal number expected, like 21.4 or -0.5",
        "line 7: measured_at: a moment between 1970 and 2200 expected",
        "line 9: temperature: a decimal number expected, like 21.4 or -0.5",
        "line 10: measured_at: it is in the future",
    ]


def test_bytes_that_are_not_utf_8_cost_their_row_and_no_other(run):
    out, _, log = run(GOOD.encode() + b"2026-06-01T12:05:00Z,\xff\xfe,64\n")
    assert out == "4 stored, 0 there already, 0 there with another value, 1 refused."
    assert log.startswith("line 4: temperature: a decimal number")


def test_a_cell_without_end_costs_no_more_than_what_it_swallows(run):
    out, error, log = run(GOOD + '2026-06-01T12:05:00Z,"' + "1" * 200_000)
    assert out == "3 stored, 0 there already, 0 there with another value, 1 refused."
    assert "field larger than field limit" in log
    assert error


def test_a_thousand_refusals_are_counted_and_a_hundred_shown(run):
    out, _, log = run("measured_at,temperature\n" + "x,1\n" * 1_000)
    assert out == "0 stored, 0 there already, 0 there with another value, 1000 refused."
    assert len(log.splitlines()) == 101


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "This file has nothing in it"),
        ("time,temperature\n", "Here it has “time”, “temperature”: name the one with the moments"),
        ("id;measured at;temperature\n", "such as --time-column id."),
        ("id;Date;temperature\n", "such as --time-column Date."),
        ("id;Date Time;temperature\n", "such as --time-column 'Date Time'."),
        ("measured_at\n", "No column is a field of Garden, which has temperature, humidity."),
        ("measured_at,measured_at,temperature\n", "A column “measured_at” is there twice"),
        ("measured_at,wind\n", "Garden has no field “wind”: it has temperature, humidity."),
        ("measured_at,temperature [%]\n", "“temperature [%]” is not in degC, the unit of temperature"),
        ("measured_at,humidity [hPa]\n", "“humidity [hPa]” is not in %, the unit of humidity, and hPa cannot be"),
        ("measured_at,temperature,temperature [degC]\n", "“temperature” and “temperature [degC]” are both temperature"),
        ("measured_at,temperature,Temperature\n", "are both temperature: remove one"),
        ("Zeit,Luftfeuchte f\xfcr au\xdfen\n".encode("latin-1"), "The first line is not UTF-8"),
        ("measured_at,temperature\n".encode("utf-16-le"), "The first line is not UTF-8"),
    ],
)
def test_a_file_of_another_kind_is_refused_as_a_whole(run, text, sentence):
    assert sentence in run(text)[1]
    assert stored() == []


def test_a_file_or_a_station_that_is_not_there_is_named(run, tmp_path):
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("import_readings", "Garden", tmp_path / "none.csv")
    with pytest.raises(CommandError, match="cannot be read: Is a directory"):
        call_command("import_readings", "Garden", tmp_path)
    assert "There is no station “Roof”" in run(GOOD, station="Roof")[1]


def test_a_station_is_found_by_its_number_too(run, garden):
    assert run(GOOD, station=str(garden.pk))[0].startswith("3 stored")


def test_a_database_that_cannot_take_more_ends_with_a_sentence(run):
    with mock.patch("readings.ingest.store_and_compare", side_effect=OperationalError("database or disk is full")):
        assert run(GOOD)[1].startswith("The database cannot take more: database or disk is full")


def test_what_is_exported_is_imported_as_it_was(run, client, garden):
    run(GOOD)
    before = stored()
    csv = b"".join(client.get(f"/stations/{garden.pk}/readings.csv?period=all").streaming_content)
    Reading.objects.all().delete()
    assert run(csv)[0].startswith("3 stored")
    assert stored() == before
    assert Station.objects.count() == 1
