"""Stations for the browser tests: `python -m tests.pages.seed`, on the database that DATABASE_URL names.

The first station is where it is noon now, so that its day never ends during a test. `python -m tests.pages.seed heavy`
adds two stations with the heaviest possible pages; `... young` makes stations with one, two and six readings.
"""

import sys
from datetime import UTC, datetime, timedelta
from math import cos, pi
from random import Random

import django
from django.utils import timezone

KEY = "0123456789abcdef0123456789abcdef"
MAC = "6c:ef:7f:3b:9d:e8"
NEAR = {"latitude": 52.5311, "longitude": 13.3849}
MINUTES = 3 * 24 * 60
GAP_MINUTES = range(150, 270)
WINDS = {2: ("rain", "mm"), 3: ("gust", "m/s"), 4: ("wind direction", "deg")}


def seed() -> None:
    from stations.models import Key, Station

    now = timezone.now()
    zone = f"Etc/GMT{now.hour - 12:+d}"
    at = {"latitude": 52.5207, "longitude": 13.4093}
    roof = Station.objects.create(
        name="Roof", place="Above the school", mac=MAC, timezone=zone, elevation_m=43, on_map=True, **at
    )
    Key.objects.issue(roof, KEY)
    roof.fields.create(number=2, name="humidity", unit="%", decimals=0)
    roof.fields.create(number=3, name="pressure", unit="hPa")
    fill(roof, now, now - timedelta(minutes=1))
    add_outages(roof, now)
    add_notice(roof, now)
    shed = Station.objects.create(
        name="Shed", place="Behind the beans", simulated=True, timezone="Asia/Kathmandu", **NEAR
    )
    fill(shed, now, now - timedelta(hours=9))
    Station.objects.create(name="Unborn", timezone="Europe/Berlin", on_map=True, latitude=52.4, longitude=13.1)
    Station.objects.create(name="Secret", public=False, on_map=True, **NEAR)
    fill_meadow(now)
    send_history(roof)


def send_history(station) -> None:
    """Leave a file that nobody has imported yet."""
    from readings.imports.jobs import begin, take

    content = b"dateTime,usUnits,interval,outTemp,signal1\n1749729600,17,5,20,1\n1749729900,17,5,x,1\n"
    take(begin(station, "keeper", "weewx.csv", len(content)), 0, content)


def add_outages(roof, now) -> None:
    """Add an outage of each cause, the last one two days ago."""
    from outages.causes import Cause
    from outages.models import Outage

    for days, cause in enumerate(Cause, 2):
        began_at = now - timedelta(days=days)
        own = {"expected": 191, "arrived": 191 * (days % 2), "together": 3, "of": 5}
        Outage.objects.create(
            station=roof, began_at=began_at, ended_at=began_at + timedelta(minutes=192), cause=cause, **own
        )


def add_notice(roof, now) -> None:
    """Add a message that was sent of a silence, for the page of its link."""
    from alerts.models import Incident, Notice, Recipient, Rule

    recipient = Recipient.objects.create(name="Anna", created_at=now)
    rule = Rule.objects.get(kind="silent")
    began_at = now - timedelta(hours=9)
    incident = Incident.objects.create(rule=rule, station=roof, began_at=began_at, found_at=began_at, ended_at=now)
    notice = Notice.objects.create(recipient=recipient, kind="began", created_at=now, subject="Roof is silent")
    notice.incidents.add(incident)


def fill_meadow(now) -> None:
    """Add a station that the home page does not show: three days of rain, gusts and winds around north."""
    from freetemp.fields import to_millis
    from readings import ingest
    from readings.ingest.reports import Measurement
    from stations.models import Station

    zone = f"Etc/GMT{now.hour - 12:+d}"
    meadow = Station.objects.create(name="Meadow", active=False, simulated=True, timezone=zone, interval_s=300)
    meadow.fields.all().delete()
    for number, (name, unit) in enumerate((("rain", "mm"), ("gust", "m/s"), ("wind direction", "deg")), 1):
        meadow.fields.create(number=number, name=name, unit=unit)
    moments = [(n, to_millis(now - timedelta(minutes=5 * n))) for n in range(3 * 288, 0, -1)]
    values = {1: (0.05, 0.05), 2: (4.0, 12.0), 3: (350.0, 10.0)}
    ingest.store(meadow, [Measurement(number, at, values[number][n % 2]) for n, at in moments for number in values])


def fill(station, now, until) -> None:
    """Store a year of hourly readings and three days by the minute, with two hours missing today."""
    from freetemp.fields import to_millis
    from readings import ingest
    from readings.ingest.reports import Measurement
    from stations.models import Station

    ages = [
        *(timedelta(hours=n) for n in range(365 * 24, 72, -1)),
        *(timedelta(minutes=n) for n in range(MINUTES, 0, -1)),
    ]
    kept = [age for age in ages if age // timedelta(minutes=1) not in GAP_MINUTES and now - age <= until]
    numbers = station.fields.values_list("number", flat=True)
    ingest.store(
        station,
        [Measurement(number, to_millis(now - age), weather(number, age)) for age in kept for number in numbers],
    )
    Station.objects.filter(pk=station.pk).update(last_heard_at=until)


def seed_young():
    """Make stations that reported once, twice and six times today, the last two with a minute between reports."""
    from freetemp.fields import to_millis
    from readings import ingest
    from readings.ingest.reports import Measurement
    from stations.models import Station

    now = timezone.now()
    for times in (1, 2, 6):
        young = Station.objects.create(name=f"Heard {times} times", timezone=f"Etc/GMT{now.hour - 12:+d}")
        young.fields.create(number=2, name="humidity", unit="%")
        young.fields.create(number=3, name="pressure", unit="hPa")
        values = {1: 21.4, 2: 55.0, 3: 1013.2}
        moments = [to_millis(now) - n * 60_000 for n in range(times, 0, -1)]
        ingest.store(young, [Measurement(number, at, values[number]) for at in moments for number in values])


def seed_heavy():
    """Add a year of two stations in Berlin, the second with rain, gusts and a vane. Return both.

    October has 745 hours there: no month has more.
    """
    from stations.models import Station

    at = {"place": "On the roof of the observatory", "timezone": "Europe/Berlin"}
    noisy, stormy = (Station.objects.create(name=name, **at) for name in ("Noisy", "Stormy"))
    noisy.fields.create(number=2, name="humidity", unit="%")
    noisy.fields.create(number=3, name="pressure", unit="hPa")
    for number, (name, unit) in WINDS.items():
        stormy.fields.create(number=number, name=name, unit=unit)
    fill_year(noisy, weather, [(8, 1), (32, 5), (365, 60)])
    fill_year(stormy, storm, [(8, 5), (32, 60), (365, 180)])
    return noisy, stormy


def fill_year(station, value, steps) -> None:
    """Store a year of noise until the end of 2025, which compresses as badly as in reality.

    `steps` say how often readings are before November: until so many days before, each so many minutes.
    """
    from freetemp.fields import to_millis
    from readings import ingest
    from readings.ingest.reports import Measurement

    noise, end = Random(31), datetime(2025, 11, 1, tzinfo=UTC)
    ages = [timedelta(hours=n) for n in range(-61 * 24, 0)]
    for days, minutes in steps:
        begun = ages[-1] + timedelta(minutes=1)
        ages += [age for n in range(0, days * 24 * 60, minutes) if (age := timedelta(minutes=n)) >= begun]
    numbers = station.fields.values_list("number", flat=True)
    ingest.store(
        station,
        [
            Measurement(number, to_millis(end - age), round(value(number, age) + noise.gauss(0, 0.2), 2))
            for age in reversed(ages)
            for number in numbers
        ],
    )


def storm(number: int, age: timedelta) -> float:
    """Return a value of WINDS, or a temperature: it rains every day, and the wind turns."""
    if number == 1:
        return weather(1, age)
    day = age / timedelta(days=1)
    return {2: 1 + cos(2 * pi * day), 3: 9 + 7 * cos(4 * pi * day), 4: 180 + 170 * cos(pi * day)}[number]


def weather(number: int, age: timedelta) -> float:
    """Return a field's value: warmest in the afternoon and coldest half a year ago, without randomness."""
    year, day = age / timedelta(days=365), age / timedelta(days=1)
    swing = cos(2 * pi * year) * 9 + cos(2 * pi * day) * 4 + cos(40 * pi * day) / 4
    return round({1: 9 + swing, 2: 65 - 2 * swing, 3: 1013 + swing / 2}[number], 2)


if __name__ == "__main__":
    django.setup()
    if "heavy" in sys.argv:
        print(*(station.pk for station in seed_heavy()))  # noqa: T201
    elif "young" in sys.argv:
        seed_young()
    else:
        seed()
