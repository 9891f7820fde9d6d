"""Reports of other makers' devices that are refused or changed: docs/nothing-lost.md."""

from unittest import mock

from django.db import OperationalError

from freetemp.fields import now_millis
from readings.models import Reading
from stations.models import Key, Station
from tests.nothing_lost.walk import line_of

STORE = "readings.ingest.group_commit.store_together"


class Console:
    """A console that speaks Weather Underground's format."""

    def __init__(self, walk):
        self.walk, self.station = walk, Station.objects.create(name="Roof", device="wunderground")
        self.key = Key.objects.issue(self.station)

    def send(self, query="tempf=50", key=None, date="now"):
        path = "/weatherstation/updateweatherstation.php"
        return line_of(self.walk.client.get(f"{path}?ID=x&PASSWORD={key or self.key}&dateutc={date}&{query}"))

    def values(self):
        return list(Reading.objects.filter(station=self.station).values_list("value", flat=True))

    def again(self):
        return self.send() == "200 success\n" and 10.0 in self.values()


def device_key(walk):
    console = Console(walk)
    yield {"board": console.send(key="wrong")}
    yield console.again()


def device_database(walk):
    console = Console(walk)
    with mock.patch(STORE, side_effect=OperationalError("database or disk is full")):
        said = console.send()
    yield {"board": said}
    yield console.again()


def device_rejected(walk):
    console = Console(walk)
    yield {"board": console.send(date="2009-01-01%2000:00:00")}
    yield console.again()


def device_unit(walk):
    console = Console(walk)
    console.station.fields.create(number=1, name="Air", unit="hPa", source="tempf")
    yield {"board": console.send()}
    console.station.fields.update(unit="degC")
    yield console.again()


def device_name(walk):
    console = Console(walk)
    yield {"board": console.send("tempf=50&flux=7")}
    assert console.values() == [10.0]
    yield False


def device_ahead(walk):
    console = Console(walk)
    console.send(date="2999-01-01%2000:00:00")
    yield {}
    assert Reading.objects.get(station=console.station).measured_at.timestamp() * 1000 <= now_millis()
    yield False


def device_units(walk):
    console = Console(walk)
    console.send()
    yield {}
    assert console.values() == [10.0]
    yield False


def thingspeak_key(walk):
    console = Console(walk)
    lines = [walk.client.get(f"/update{form}?api_key=wrong&field1=21.4") for form in ("", ".json")]
    yield {"board": "\n".join(map(line_of, lines))}
    yield walk.client.get(f"/update?api_key={console.key}&field1=21.4").status_code == 200 and console.values() == [
        21.4
    ]


def thingspeak_database(walk):
    console = Console(walk)
    with mock.patch(STORE, side_effect=OperationalError("database or disk is full")):
        lines = [walk.client.get(f"/update{form}?api_key={console.key}&field1=21.4") for form in ("", ".json")]
    yield {"board": "\n".join(map(line_of, lines))}
    yield walk.client.get(f"/update?api_key={console.key}&field1=21.4").status_code == 200 and console.values() == [
        21.4
    ]


def _bulk(walk, key, updates):
    report = {"write_api_key": key, "updates": updates}
    return walk.client.post("/channels/1/bulk_update.json", report, "application/json")


def thingspeak_bulk(walk):
    console = Console(walk)
    yield {"board": line_of(_bulk(walk, console.key, 1))}
    yield _bulk(walk, console.key, [{"delta_t": 0, "field1": 21.4}]).status_code == 202 and console.values() == [21.4]


def thingspeak_bulk_moments(walk):
    console = Console(walk)
    _bulk(walk, console.key, [{"created_at": "2021-05-01T12:00:00Z", "field1": value} for value in (1, 2)])
    yield {}
    assert sorted(console.values()) == [1, 2]
    yield False


def ecowitt_refused(walk):
    console = Console(walk)
    lines = [line_of(walk.client.post("/in/wrong/data/report/", {"tempf": "50"}))]
    with mock.patch(STORE, side_effect=OperationalError("database or disk is full")):
        lines.append(line_of(walk.client.post(f"/in/{console.key}/data/report/", {"tempf": "50"})))
    yield {"board": "\n".join(lines)}
    assert console.values() == []
    yield False
