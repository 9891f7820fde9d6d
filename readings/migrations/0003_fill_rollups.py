"""Fill the rollups of readings that were stored before there were rollups."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.db import migrations

QUARTERS = """
    INSERT INTO readings_quarter (station_id, field, start, count, "sum", "min", "max")
    SELECT station_id, field, measured_at - measured_at %% 900000, count(*), sum(value), min(value), max(value)
    FROM readings_reading
    WHERE station_id = %s AND field = %s
        AND value >= coalesce(%s, value) AND value <= coalesce(%s, value)
    GROUP BY 1, 2, 3
"""
DAYS = """
    INSERT INTO readings_day (station_id, field, start, count, "sum", "min", "max")
    SELECT station_id, field, %s, sum(count), sum("sum"), min("min"), max("max")
    FROM readings_quarter
    WHERE station_id = %s AND field = %s AND start >= %s AND start < %s
    GROUP BY 1, 2
"""


def day_starts_ms(zone: ZoneInfo, first_ms: int, last_ms: int) -> Iterator[int]:
    """Yield the starts of local days, from one quarter's day to the day after another's, in Unix milliseconds.

    A migration has its own copy: the application's code for days may change later.
    """
    local = datetime.fromtimestamp(first_ms / 1000, UTC).astimezone(zone).date()
    # The next day may have begun already, if clocks were then set back over its midnight.
    day = local + timedelta(days=1) if _midnight_ms(local + timedelta(days=1), zone) <= first_ms else local
    start_ms = _midnight_ms(day, zone)
    while start_ms <= last_ms:
        yield start_ms
        before_ms = start_ms
        while start_ms <= before_ms:  # Samoa once skipped a whole day.
            day += timedelta(days=1)
            start_ms = _midnight_ms(day, zone)
    yield start_ms


def _midnight_ms(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), zone).astimezone(UTC).timestamp()) * 1000


def fill(apps: Any, schema_editor: Any) -> None:
    """Fill by set-based statements, a field at a time: some 2 s for each million readings."""
    # Rollups without their readings, after a retention, cannot be rebuilt.
    fields = apps.get_model("stations", "Field").objects.filter(station__raw_since=None).order_by("pk")
    columns = ("station_id", "number", "smallest", "largest", "station__timezone")
    with schema_editor.connection.cursor() as cursor:
        for station, number, smallest, largest, zone in fields.values_list(*columns):
            for table in ("readings_quarter", "readings_day"):
                cursor.execute(f"DELETE FROM {table} WHERE station_id = %s AND field = %s", [station, number])  # noqa: S608
            cursor.execute(QUARTERS, [station, number, smallest, largest])
            cursor.execute(
                "SELECT min(start), max(start) FROM readings_quarter WHERE station_id = %s AND field = %s",
                [station, number],
            )
            first, last = cursor.fetchone()
            days = [] if first is None else pairwise(day_starts_ms(ZoneInfo(zone), first, last))
            cursor.executemany(DAYS, [(start, station, number, start, end) for start, end in days])


class Migration(migrations.Migration):
    dependencies = [
        ("readings", "0002_rollups"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
