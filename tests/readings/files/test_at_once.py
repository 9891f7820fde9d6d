"""Rows that are read column by column give what they give one by one, and their rollups what their values give."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import prefetch_related_objects

from freetemp.fields import to_millis
from readings import ingest
from readings.files import csv_import
from readings.files.csv_header import Layout
from readings.files.csv_import import ReadingsFile
from readings.models import Day, Quarter

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")
NIGHTS = [datetime(2025, *night, tzinfo=UTC) for night in ((10, 25, 22), (3, 29, 22), (6, 1))]
MOMENTS = [
    lambda at: at.astimezone(BERLIN).isoformat(),
    lambda at: at.astimezone(BERLIN).isoformat(timespec="milliseconds"),
    lambda at: at.astimezone(BERLIN).strftime("%Y-%m-%d %H:%M"),
    lambda at: at.astimezone(BERLIN).strftime("%Y-%m-%d %H:%M:%S"),
    lambda at: at.strftime("%Y-%m-%d %H:%M:%S UTC"),
    lambda at: at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    lambda at: at.strftime("%Y/%m/%d %H:%M:%S"),
    lambda at: str(int(at.timestamp())),
    lambda at: str(to_millis(at)),
]
ODD_MOMENTS = [
    *("", "yesterday", "date", "2999-01-01T00:00:00Z", "1969-12-31 23:59:59", "1970-01-01 00:00:00", "9999999999"),
    *("2025-W22-7T00:00:00", " 2025-06-01T00:00:00Z ", "20250601T000000.000", "2025-06-01 02:00:00 PM"),
]
ODD_VALUES = ["", " 7.25 ", "--", "null", "nan", "1_0", "1e3", "٣", "+.5", "5.", "-", "1.2.3", "1" * 41, "0,5", "#"]
TITLES = ["date", "where", "t", "rh"]


def file_of(chance):
    """Return a random file's lines: mostly one form, and now and then something else."""
    form, delimiter, oddity = chance.choice(MOMENTS), chance.choice(",;\t"), chance.choice([0, 0, 0.005, 0.05])
    signs = ".." if delimiter == "," else chance.choice(["..", ",,", "..", ",,", ",.", ".,"])
    at = chance.choice(NIGHTS) + timedelta(seconds=chance.randrange(7_200), milliseconds=chance.choice([0, 250]))
    rows = []
    for _ in range(chance.randrange(1, 60)):
        at += timedelta(seconds=chance.choice([0, 60, 300, 600]))
        moment = chance.choice(ODD_MOMENTS) if chance.random() < oddity else form(at)
        values = [f"{chance.uniform(-9, 40):.2f}".replace(".", sign) for sign in signs]
        if chance.random() < oddity:
            values[chance.randrange(2)] = chance.choice(ODD_VALUES)
        rows.append([moment, chance.choice(["in", "out"]), *values])
        if chance.random() < oddity:
            comment = [moment, "#in", *values]
            rows.append(chance.choice([[], ["# a comment"], comment, TITLES, rows[-1][:2], ["", "", "", ""]]))
    if chance.random() < 0.2:
        rows.reverse()
    first = chance.choice([0, 1])  # The moments are in the first column, or in the last one.
    return [f"{delimiter.join(row[first:] + row[:first])}\n" for row in [TITLES, *rows]]


def read(station, lines, only, monkeypatch, *, one_by_one=False):
    layout = Layout("date", {"t": "temperature [degF]", "rh": "humidity"}, only=only)
    with monkeypatch.context() as patch:
        patch.setattr(csv_import, "READINGS_A_PART", 14)
        if one_by_one:
            patch.setattr(ReadingsFile, "_at_once", lambda self, lines: None)
        file = ReadingsFile(station, lines, layout=layout)
        parts = list(file)
    readings = [each for part in parts for each in part.readings.measurements()]
    return readings, [each for part in parts for each in part.refused], file.other_rows


def test_random_files_give_the_same_column_by_column_and_row_by_row(station, monkeypatch):
    station.fields.create(number=2, name="humidity", unit="%")
    prefetch_related_objects([station], "fields")
    chance, at_once = random.Random(14), []
    one = ReadingsFile._at_once
    monkeypatch.setattr(ReadingsFile, "_at_once", lambda self, lines: at_once.append(one(self, lines)) or at_once[-1])
    for _ in range(250):
        lines, only = file_of(chance), chance.choice([{}, {}, {"where": "out"}])
        expected = read(station, lines, only, monkeypatch, one_by_one=True)
        assert read(station, lines, only, monkeypatch) == expected, "".join(lines)
    assert sum(part is not None for part in at_once) > len(at_once) / 3


def test_many_rows_that_are_left_out_make_parts_too(station, monkeypatch):
    """An import is taken for dead if it does not say for a minute that it goes on."""
    monkeypatch.setattr(csv_import, "MOST_ROWS_A_PART", 10)
    rows = [f"2025-06-01T14:{minute}Z,{20 if minute == 35 else 'x'},{minute == 35}\n" for minute in range(10, 46)]
    layout = Layout("measured_at", only={"told": "True"})
    file = ReadingsFile(station, ["measured_at,temperature,told\n", *rows], layout=layout)
    assert [(len(part.readings.fields), len(part.refused)) for part in file] == [(0, 0), (0, 0), (1, 0), (0, 0), (0, 0)]
    assert file.other_rows == 35


def test_the_rollups_of_a_file_are_those_of_its_values(station, tmp_path):
    chance, start = random.Random(15), datetime(2025, 10, 25, 20, tzinfo=UTC)
    values = {start + timedelta(minutes=n): round(chance.gauss(10, 5), 2) for n in range(1_500) if n % 97}
    lines = [f"{at.astimezone(BERLIN).isoformat()},{value}\n" for at, value in values.items()]
    for part in ReadingsFile(station, ["measured_at,temperature\n", *lines]):
        ingest.store_and_compare(station, part.readings)
    for model, starts in ((Quarter, quarter_of), (Day, midnight_of)):
        expected = {}
        for at, value in values.items():
            expected.setdefault(starts(at), []).append(value)
        rows = model.objects.values_list("start", "count", "sum", "min", "max")
        assert {start: row for start, *row in rows} == {
            start: [len(found), pytest.approx(sum(found)), min(found), max(found)] for start, found in expected.items()
        }


def quarter_of(moment):
    return moment.replace(minute=moment.minute // 15 * 15)


def midnight_of(moment):
    return moment.astimezone(BERLIN).replace(hour=0, minute=0, fold=0).astimezone(UTC)
