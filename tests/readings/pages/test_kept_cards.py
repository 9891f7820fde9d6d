"""What processes keep of cards is never seen: each shows what one shows that has kept nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import translation

from freetemp.fields import from_millis, to_millis
from readings import ingest
from readings.calendar.span import EVER, Span
from readings.ingest.reports import Measurement, SingleValue
from readings.ingest.store_group import store_together
from readings.models import Sensor, SetAside
from readings.rollups.pending import follow_pending
from readings.treatment.decisions import undo
from readings.treatment.ledger import add_sensor
from readings.treatment.marks import set_aside
from stations.models import Claim, Key, Station
from stations.units import METRIC, SYSTEMS, Units
from tests.readings.pages.processes import Browser, Process, anew

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 3, 10, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEMPERATURE, RAIN, WIND = 1, 2, 3


@pytest.fixture
def garden():
    station = Station.objects.create(
        name="Garden", mac="6c:ef:7f:3b:9d:e8", timezone="Europe/Berlin", latitude=52.5, longitude=13.25
    )
    station.fields.create(number=RAIN, name="rain", unit="mm")
    station.fields.create(number=WIND, name="gust", unit="m/s")
    roof = Station.objects.create(name="Roof")
    roof.fields.update(name="rain total", unit="mm", quantity="rain_counter")
    for each, number in ((station, TEMPERATURE), (station, RAIN), (station, WIND), (roof, 1)):
        rows = [(NOW - n * HOUR / 12, 10 + (n * 7) % 11 if each == station else 400.0 - n) for n in range(330)]
        store(each, *rows, number=number)
    Station.objects.update(last_heard_at=NOW)
    return station


def store(station, *rows, number=TEMPERATURE):
    ingest.store(station, [Measurement(number, to_millis(at), value) for at, value in rows])


def changed(station, **values):
    """Change columns as the admin does, and not of an object that somebody else has."""
    station = Station.objects.get(pk=station.pk)
    vars(station).update(values)
    station.save()


def changed_field(station, number=TEMPERATURE, **values):
    field = station.fields.get(number=number)
    vars(field).update(values)
    field.save()


def an_hour(ago, length=HOUR):
    return Span(to_millis(NOW - ago * HOUR), to_millis(NOW - ago * HOUR + length))


def undo_all(station):
    for row in (*SetAside.objects.filter(state="active"), *Sensor.objects.filter(state="active", field=1)):
        undo(row, "anna")


# In this order: each is made after the ones before it, and some take back what another did.
CHANGES = {
    "the newest value": lambda garden: store(garden, (NOW + timedelta(seconds=1), 12.5)),
    "a late value in a quarter that is over": lambda garden: store(garden, (NOW - 9.01 * HOUR, 47.0)),
    "a late value in the present quarter": lambda garden: store(garden, (NOW - timedelta(seconds=10), 48.0)),
    "values of hours, the newest among them": lambda garden: store(
        garden, (NOW - timedelta(minutes=66), 49.0), (NOW + timedelta(seconds=2), 12.0)
    ),
    "rain": lambda garden: store(garden, (NOW + timedelta(seconds=1), 0.5), number=RAIN),
    "late rain": lambda garden: store(garden, (NOW - 7.03 * HOUR, 5.0), number=RAIN),
    "what a counter counted": lambda garden: store(
        Station.objects.get(name="Roof"), (NOW + HOUR / 60, 402.0), number=1
    ),
    "an hour that is set aside": lambda garden: set_aside(garden, 1, an_hour(5), "spike", "anna", above=11),
    "the newest values, set aside": lambda garden: set_aside(garden, 1, an_hour(1, 9 * HOUR), "sun", "anna"),
    "a new value after them": lambda garden: store(garden, (NOW + 9 * HOUR, 3.0)),
    "all of it restored": undo_all,
    "a calibration": lambda garden: add_sensor(
        garden, 1, Span(an_hour(12).start_ms, EVER.end_ms), "BME280", "anna", factor=0.5, offset=1.0
    ),
    "no calibration": undo_all,
    "another value for an old reading": lambda garden: ingest.correct(garden, 1, NOW - 4 * HOUR, 99.0),
    "a removal": lambda garden: ingest.remove(garden, 1, NOW - 4 * HOUR, NOW - 3 * HOUR),
    "limits": lambda garden: changed_field(garden, largest=15.0),
    "no limits": lambda garden: changed_field(garden, largest=None),
    "decimals": lambda garden: changed_field(garden, decimals=3),
    "a field's name": lambda garden: changed_field(garden, name="wet bulb"),
    "a field's unit": lambda garden: garden.fields.filter(number=WIND).update(unit="km/h"),
    "a field's quantity": lambda garden: changed_field(garden, number=RAIN, quantity="other"),
    "one more field": lambda garden: garden.fields.create(number=4, name="light", unit="lx"),
    "one field less": lambda garden: garden.fields.get(number=4).delete(),
    "a station's name": lambda garden: changed(garden, name="Yard"),
    "its place": lambda garden: changed(garden, place="Behind <the> shed"),
    "that it is simulated": lambda garden: changed(garden, simulated=True),
    "its place on the map": lambda garden: changed(garden, on_map=True),
    "its coordinates": lambda garden: changed(garden, latitude=53.0),
    "its interval": lambda garden: changed(garden, interval_s=1),
    "when it was heard": lambda garden: Station.objects.filter(pk=garden.pk).update(last_heard_at=NOW - 2 * HOUR),
    "maintenance": lambda garden: set_aside(garden, None, an_hour(0.5), "maintenance", "anna"),
    "maintenance that is over": undo_all,
    "its time zone": lambda garden: changed(Station.objects.get(name="Roof"), timezone="Asia/Tokyo"),
    "another station": lambda garden: Station.objects.create(name="Attic"),
    "no other station": lambda garden: Station.objects.get(name="Attic").delete(),
    "that it is not public": lambda garden: changed(garden, public=False),
    "that it is switched off": lambda garden: changed(Station.objects.get(name="Roof"), active=False),
}


def test_each_thing_that_a_card_depends_on_is_seen_at_once_by_every_process(garden):
    staff, processes, browser = User(is_staff=True), (Process(), Process()), Browser()
    now = NOW + timedelta(seconds=5)
    before = anew(now)
    for name, change in CHANGES.items():
        for process in processes:
            assert process.shows(now) == before
        change(garden)
        follow_pending()
        after = anew(now)
        assert after != before, name
        for process in processes:
            assert process.shows(now) == after, name
            assert process.shows(now, staff) == anew(now, staff), name
            assert browser.sees(process, now) == Process().answers(now).content, name
        before = after
    assert "Yard" not in before
    assert "Yard" in processes[0].shows(now, staff)


def test_units_and_languages_are_each_viewers_own(garden):
    process = Process()
    viewers = [
        (language, units) for language in ("en-gb", "de") for units in (METRIC, SYSTEMS["us"], Units.parse("degF:kn"))
    ]
    for turn in range(2):
        for language, units in viewers:
            with translation.override(language):
                assert process.shows(NOW, units=units) == anew(NOW, units=units), (turn, language, units)


def test_what_time_alone_changes_is_seen_when_it_does(garden):
    """Ages, silence, the line that moves to the left, the quarter that leaves it, midnight, the end of maintenance."""
    set_aside(garden, RAIN, Span(to_millis(NOW), to_millis(NOW + timedelta(minutes=16))), "maintenance", "anna")
    minute, since, until = timedelta(minutes=1), NOW + timedelta(seconds=67), NOW + timedelta(seconds=251)
    Station.objects.filter(pk=garden.pk).update(maintenance_since=since, maintenance_until=until)
    Station.objects.update(last_heard_at=NOW - timedelta(seconds=25))
    Station.objects.filter(name="Roof").update(interval_s=1)
    process, browser, seen, now, moments = Process(), Browser(), set(), NOW, []
    for turn in range(120):
        now += timedelta(milliseconds=17_389 if turn < 60 else 50_123 * (turn - 59))
        moments.append(now)
    edges = [since, until, *(NOW + n * minute + timedelta(seconds=away) for n in range(6) for away in (0, -25))]
    moments += [edge + timedelta(milliseconds=n) for edge in edges for n in (-1, 0)]
    for now in sorted(moments):
        shown = process.shows(now)
        assert shown == anew(now), now
        if now < NOW + HOUR / 6:
            assert browser.sees(process, now) == Process().answers(now).content, now
        seen.add(shown)
    assert len(seen) > 60


def test_a_clock_that_was_set_back_leaves_no_hole(garden, monkeypatch):
    """A value is stored before what was the newest, in a quarter that a process has read already."""
    claim, process = Claim.of(garden.mac, Key.objects.issue(garden)), Process()

    def at(minutes, value):
        now_ms = to_millis(NOW + timedelta(minutes=minutes))
        monkeypatch.setattr("readings.ingest.store_group._arrival_ms", lambda told_ms: now_ms)
        (moment_ms,) = store_together([SingleValue(claim, TEMPERATURE, value)])
        assert isinstance(moment_ms, int), moment_ms
        return from_millis(moment_ms)

    now = at(9, 11.0)  # 10:16
    assert process.shows(now) == anew(now)
    at(7, 77.0)
    now = at(10, 11.0)
    assert process.shows(now) == anew(now)
    assert "77" in process.shows(now)


def test_only_so_much_is_kept():
    process = Process(most=3)
    for n in range(5):
        store(Station.objects.create(name=f"Station {n}"), (NOW - HOUR, float(n)))
    assert process.shows(NOW) == process.shows(NOW) == anew(NOW)
    assert [len(kept._values) for kept in process.kept] == [3, 3]
    units = [Units.parse(f"{temperature}:{wind}") for temperature in ("degC", "degF") for wind in ("m/s", "km/h", "kn")]
    assert len({process.shows(NOW, units=each) for each in units}) == 2
    assert max(len(known.shown) for known in process.kept[0]._values.values()) <= 4
