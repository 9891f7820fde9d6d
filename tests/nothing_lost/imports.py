"""Rows of a file that are refused, changed or passed over by import_readings: docs/nothing-lost.md."""

import gzip
from datetime import timedelta
from unittest import mock

from django.db import OperationalError

from readings import ingest
from tests.nothing_lost.walk import day

HEAD = "measured_at,temperature\n"
AT = "2025-06-01T12:00:00Z"


def import_moment(walk):
    moments = ["yesterday", "01/06/2025 14:00", "1969-01-01T00:00:00Z", (walk.now() + timedelta(days=1)).isoformat()]
    yield {"command": walk.imports(HEAD + "".join(f"{moment},21.4\n" for moment in moments))}
    yield "1 stored" in walk.imports(f"{HEAD}01/06/2025 14:00,21.4\n", "--date-order", "dmy")


def import_value(walk):
    said = walk.imports(f"{HEAD}{AT},warm\n{AT},1e999\n")
    said += walk.imports(f"measured_at;temperature\n2025-06-01T13:00Z;20.5\n{AT};21,4\n")
    yield {"command": said}
    yield "1 stored" in walk.imports(f"measured_at;temperature\n{AT};21,4\n")


def import_columns(walk):
    yield {"command": walk.imports(f'{HEAD}{AT}\n{AT},"{"x" * 140_000}\n')}
    yield "1 stored" in walk.imports(f"{HEAD}{AT},21.4\n")


def import_spring(walk):
    yield {"command": walk.imports(f"{HEAD}2025-03-30 02:30,21.4\n")}
    yield "1 stored" in walk.imports(f"{HEAD}2025-03-30 02:30,21.4\n", "--timezone", "Etc/GMT-1")


def import_autumn(walk):
    yield {"command": walk.imports(f"{HEAD}2025-10-26 02:30,21.4\n")}
    yield "1 stored" in walk.imports(f"{HEAD}2025-10-26 02:30+01:00,21.4\n")


def import_old(walk):
    list(ingest.summarise(walk.station, day(walk, ago=10)))
    yield {"command": walk.imports(f"{HEAD}{day(walk, ago=11).isoformat()},21.4\n")}
    assert walk.values() == []
    yield False


def import_other_value(walk):
    walk.imports(f"{HEAD}{AT},21.4\n")
    yield {"command": walk.imports(f"{HEAD}{AT},21.5\n")}
    walk.command("remove_readings", "Garden", "--below", 21.45, "--yes")
    assert "1 stored" in walk.imports(f"{HEAD}{AT},21.5\n")
    yield walk.values() == [21.5]


def import_repeat(walk):
    walk.imports(f"{HEAD}{AT},21.4\n")
    yield {"command": walk.imports(f"{HEAD}{AT},21.4\n")}
    yield walk.values() == [21.4]


def import_left_out(walk):
    file = f"measured_at,temperature,wind\n{AT},21.4,3\n2025-06-01T13:00:00Z,22,4\n"
    yield {"command": walk.imports(file, "--time-column", "measured_at", "--only", "temperature=22")}
    walk.station.fields.create(number=2, name="wind", unit="m/s")
    walk.imports(file)
    yield (walk.values(), walk.values(2)) == ([21.4, 22.0], [3.0, 4.0])


def import_no_reading(walk):
    cells = ["", "null", "--", "unavailable", "unknown", "none", "n/a"]
    assert "0 stored" in walk.imports(HEAD + "".join(f"{AT},{cell}\n" for cell in cells))
    yield {}
    yield False


def import_file(walk):
    named = ["--column", "temperature=temperature"]
    files = [
        ("", []),
        ("date,temperature\n", []),
        ("date,temperature\n", ["--time-column", "when"]),
        (b"Me\xdfzeit,temperature\n", []),
        (HEAD, ["--column", "x=temperature"]),
        ("measured_at,temperature,temperature\n", named),
        ("measured_at,temperature,Temperature [degC]\n", []),
        ("measured_at,wind\n", []),
        ("measured_at,wind\n", ["--time-column", "measured_at"]),
        ("measured_at,a,b\n", ["--column", "a=temperature", "--column", "b=temperature"]),
        ("measured_at,temperature [hPa]\n", []),
    ]
    files += [
        ("created_at,entry_id,field1\n", []),
        ("created_at,entry_id,field1\n", ["--format", "weewx"]),
        ("{}", []),
        (b"SQLite format 3\0", []),
        (gzip.compress(b"SQLite format 3\0"), []),
        (gzip.compress(HEAD.encode())[:-9], []),
    ]
    said = [walk.imports(file, *options) for file, options in files]
    with mock.patch("readings.exports.lines.MOST_BYTES_OF_JSON", 1):
        said.append(walk.imports("{}"))
    with mock.patch("readings.exports.lines.MOST_BYTES_UNPACKED", 1):
        said.append(walk.imports(gzip.compress(HEAD.encode())))
    yield {"command": "\n".join(said)}
    yield "1 stored" in walk.imports(f"date,temperature\n{AT},21.4\n", "--time-column", "date")


def import_database(walk):
    with mock.patch("readings.ingest.store_and_compare", side_effect=OperationalError("disk I/O error")):
        said = walk.imports(f"{HEAD}{AT},21.4\n")
    yield {"command": said}
    yield "1 stored" in walk.imports(f"{HEAD}{AT},21.4\n")


def units_converted(walk):
    yield {"command": walk.imports(f"measured_at,temperature [degF]\n{AT},70.52\n")}
    walk.command("remove_readings", "Garden", "--above", 0, "--yes")
    walk.imports(f"measured_at,temperature [degC]\n{AT},70.52\n")
    yield walk.values() == [70.52]


def reasons_beyond_a_hundred(walk):
    bad = "".join(f"line {number},21.4\n" for number in range(101))
    yield {"command": walk.imports(HEAD + bad)}
    yield "1 stored" in walk.imports(f"{HEAD}{AT},21.4\n")
