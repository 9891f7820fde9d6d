"""Readings that are changed while they are stored, or hidden afterwards: docs/nothing-lost.md."""

import re
from datetime import timedelta
from unittest import mock

from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.reports import Measurement
from readings.models import Day, Quarter, Reading
from stations.models import Station
from tests.nothing_lost.reports import one
from tests.nothing_lost.walk import GOOD, day, line_of, words

HOUR = timedelta(hours=1)


def set_aside(walk):
    walk.get()
    said = walk.command("set_aside", "Garden", "--above", 0, "--reason", "import")
    assert (walk.values(), Day.objects.count(), walk.field().newest_at) == ([GOOD], 0, None)
    yield {"command": said}
    (number,) = re.findall(r"restore_readings \d+ (\d+)", said)
    walk.command("restore_readings", "Garden", number)
    yield (Day.objects.get().sum, walk.field().newest_value) == (GOOD, GOOD)


def maintenance(walk):
    said = walk.command("set_aside", "Garden", "--reason", "maintenance")
    assert walk.get() == "200 OK"
    assert (walk.values(), Day.objects.count()) == ([GOOD], 0)
    yield {"command": said, "page": words(walk.client.get("/"))}
    walk.command("restore_readings", "Garden", "--all")
    yield Day.objects.get().sum == GOOD


def calibrate(walk):
    walk.get()
    start = (walk.now() - timedelta(days=1)).date()
    said = walk.command("calibrate", "Garden", "--field", 1, "--sensor", "MCP9808", "--from", start, "--offset", -0.4)
    assert (walk.values(), Day.objects.get().sum, walk.field().newest_value) == ([GOOD], 21.0, 21.0)
    yield {"command": said}
    (number,) = re.findall(r"--undo (\d+)", said)
    walk.command("calibrate", "Garden", "--undo", number)
    yield (Day.objects.get().sum, walk.field().newest_value) == (GOOD, GOOD)


def moments_ms(walk):
    return [to_millis(at) for at in Reading.objects.order_by("measured_at").values_list("measured_at", flat=True)]


def next_millisecond(walk):
    now = walk.now()
    with mock.patch("django.utils.timezone.now", return_value=now):
        assert [walk.get(20), walk.get(21)] == ["200 OK", "200 OK"]
    assert (walk.values(), moments_ms(walk)) == ([20.0, 21.0], [to_millis(now), to_millis(now) + 1])
    yield {}
    yield False


def moment_of_arrival(walk):
    before = walk.now()
    walk.get()
    assert [to_millis(before) <= at <= to_millis(walk.now()) for at in moments_ms(walk)] == [True]
    yield {}
    yield False


def age_to_moment(walk):
    now = walk.now()
    with mock.patch("django.utils.timezone.now", return_value=now):
        walk.post(one(age=12.5))
    assert moments_ms(walk) == [to_millis(now) - 12_500]
    yield {}
    yield False


def fractions_of_a_millisecond(walk):
    walk.imports("measured_at,temperature\n2025-06-01T12:00:00.123987Z,21.4\n")
    assert [at % 1_000 for at in moments_ms(walk)] == [123]
    yield {}
    yield False


def _ahead(walk):
    """Have a clock that is an hour ahead store a value of 50, and set it back. Return the value's moment."""
    walk.move_clock(HOUR)
    walk.get(50)
    walk.move_clock(timedelta())
    walk.get(20)
    return moments_ms(walk)[-1]


def moved_by_a_millisecond(walk):
    ahead_ms = _ahead(walk)
    walk.move_clock(HOUR)
    assert '"stored":1' in walk.post(one(value=21.4, at=ahead_ms / 1_000))
    assert (walk.values(), moments_ms(walk)[1:]) == ([20.0, 21.4, 50.0], [ahead_ms, ahead_ms + 1])
    yield {}
    said = walk.command("remove_readings", "Garden", "--ahead", "--yes")
    yield "back.\n" in said and walk.values() == [20.0, 21.4]


def days_divided_again(walk):
    walk.imports("measured_at,temperature\n2025-06-01T12:00:00Z,21.4\n")
    readings, berlin = list(Reading.objects.values_list()), list(Day.objects.values_list("start", flat=True))
    walk.station.timezone = "Asia/Kathmandu"
    walk.station.save()
    assert list(Reading.objects.values_list()) == readings
    assert list(Day.objects.values_list("start", flat=True)) != berlin
    yield {"command": walk.command("follow_zone_rules", "--verbosity", 2)}
    walk.station.timezone = "Europe/Berlin"
    walk.station.save()
    yield list(Day.objects.values_list("start", flat=True)) == berlin


def corrected(walk):
    walk.get(20)
    at = Reading.objects.get().measured_at
    ingest.correct(walk.station, 1, at, 30.0)
    assert walk.values() == [30.0]
    yield {}
    ingest.correct(walk.station, 1, at, 20.0)
    yield walk.values() == [20.0]


def implausible(walk):
    field = walk.field()
    field.largest = 60
    field.save()
    said = walk.imports(f"measured_at,temperature\n{day(walk, ago=2).isoformat()},999\n")
    walk.get(999)
    assert (walk.values(), Quarter.objects.count()) == ([999.0, 999.0], 0)
    yield {"command": said, "page": words(walk.client.get(f"/stations/{walk.station.pk}/"))}
    field.largest = 2_000
    field.save()
    yield [each.count for each in Quarter.objects.all()] == [1, 1]


def not_public(walk):
    walk.get()
    Station.objects.update(public=False)
    path = f"/stations/{walk.station.pk}/"
    assert walk.keeping.get(path).status_code == 200
    yield {"page": line_of(walk.client.get(path))}
    Station.objects.update(public=True)
    yield walk.client.get(path).status_code == 200


def deactivated(walk):
    walk.get()
    Station.objects.update(active=False)
    yield {"page": words(walk.client.get(f"/stations/{walk.station.pk}/"))}
    Station.objects.update(active=True)
    yield walk.again()


def newest_is_ahead(walk):
    ahead_ms = _ahead(walk)
    assert walk.field().newest_value == 20.0
    yield {}
    walk.move_clock(HOUR * 2)
    assert moments_ms(walk)[-1] == ahead_ms
    assert walk.get(22) == "200 OK"
    yield walk.field().newest_value == 22.0 and 50.0 in walk.values()


def late(walk):
    walk.get(20)
    walk.post(one(value=21.4, age=3_600))
    assert (walk.field().newest_value, walk.values()) == (20.0, [21.4, 20.0])
    yield {}
    yield False


def buckets(walk):
    start_ms = to_millis(day(walk, ago=2))
    ingest.store(walk.station, [Measurement(1, start_ms + n * 60_000, float(n % 7)) for n in range(600)])

    def series(hours):
        span = f"start={start_ms // 1000}&end={start_ms // 1000 + hours * 3_600}"
        return line_of(walk.client.get(f"/api/v1/stations/{walk.station.pk}/series/?field=1&points=100&{span}"))

    yield {"API": series(10)}
    yield '"step_s":null' in series(1)


def rounded(walk):
    walk.get(21.4567)
    path = f"/stations/{walk.station.pk}/"
    assert "21.5" in words(walk.client.get(path))
    yield {}
    file = walk.client.get(f"{path}readings.csv?period=all")
    yield b"21.4567" in b"".join(file.streaming_content)
