"""A station with weather for letters, and letters as the tests read them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import translation

from alerts.letters.draft import Draft
from alerts.letters.issue import Issue
from alerts.letters.text import text_of
from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.reports import Measurement
from stations.models import Field, Station
from tests.alerts.conftest import MINUTE, NOON

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, tzinfo=BERLIN)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
QUANTITIES = {"temperature": "degC", "gust": "m/s", "rain": "mm", "wind direction": "deg"}
THIN, MINUS = "\N{NARROW NO-BREAK SPACE}", "\N{MINUS SIGN}"


def make_weather(name="Roof", days=1, without=(), **own):
    """Add a station in Berlin that has measured each 15 minutes, from a minute after a Monday's midnight on."""
    own = {"timezone": "Europe/Berlin", "interval_s": 900, "place": "Allotment 7"} | own
    station = Station.objects.create(name=name, last_heard_at=NOON, **own)
    station.fields.all().delete()
    for number, (quantity, unit) in enumerate(QUANTITIES.items(), start=1):
        Field.objects.create(station=station, number=number, name=quantity, unit=unit)
    station.raw = {number: {} for number in range(1, 5)}
    for quarter in (each for each in range(96 * days) if each not in without):
        at = (MONDAY.astimezone(UTC) + (quarter * 15 + 1) * MINUTE).astimezone(UTC)
        hour = quarter % 96 / 4
        values = (abs(hour - 14.25) * -0.7 + 8.0, 3 + quarter % 7, 0.4 if quarter % 96 in (40, 41, 44) else 0.0, 225.0)
        for number, value in enumerate(values, start=1):
            station.raw[number][at] = round(value, 2)
    store(station, station.raw)
    return station


def store(station, raw):
    """Store values by their field's number and moment."""
    rows = [
        Measurement(number, to_millis(at), value) for number, of_field in raw.items() for at, value in of_field.items()
    ]
    if rows:
        ingest.store(station, rows)


def letter(recipient, rhythm="day", at=MONDAY + DAY + 7 * HOUR):
    found = Draft(recipient, Issue.newest(recipient, rhythm, at), at)
    while found.step():
        pass
    return found.content()


def text(content):
    with translation.override(content.recipient.language):
        return text_of(content).replace(THIN, " ").replace(MINUS, "-")
