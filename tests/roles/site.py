"""A server with two groups. All rows of one's own have number 1, all of the other's number 2, as in addresses."""

from datetime import timedelta

from django.contrib.auth.models import Group, User
from django.core.management.color import no_style
from django.db import connection
from django.utils import timezone

from alerts.models import Incident, Rule
from firmware.models import Equipment, StationNetwork, WiFiNetwork
from freetemp.fields import to_millis
from outages.models import Outage
from readings import ingest
from readings.ingest.reports import Measurement
from readings.models import BoardState, HistoryImport, RefusedReport, Sensor, SetAside
from stations.access import Role
from stations.models import Field, Key, Membership, Station, StationGroup
from uploads.models import Upload

OWN, OTHER = 1, 2
# Whatever somebody without a role in the other group must never read.
SECRETS = (
    "Zwinger",
    "77.654321",
    "02:00:00:00:00:99",
    "Hinterhof",
    "zwinger-net",
    "abcd9999",
    "other-teacher",
    "box-zwinger",
)
KEYS = {OWN: "1" * 28 + "abcd1111", OTHER: "9" * 28 + "abcd9999"}

MODELS = (
    *(Station, StationGroup, Key, WiFiNetwork, StationNetwork, Equipment),
    *(SetAside, Sensor, HistoryImport, Upload, Outage, Incident, RefusedReport),
)


def make():
    """Make both groups, and a person for each role by its name."""
    for number, name in ((OWN, "Altan"), (OTHER, "Zwinger")):
        _of_group(number, name)
    with connection.cursor() as cursor:  # PostgreSQL counts on its own, whatever numbers are there.
        for statement in connection.ops.sequence_reset_sql(no_style(), [*MODELS, Membership]):
            cursor.execute(statement)
    people = {"anonymous": None, "other keeper": _person("other-teacher", OTHER, Role.KEEPER)}
    for role in Role:
        people[role.value] = _person(f"own-{role}", OWN, role)
    people["nobody"] = User.objects.create_user("own-nobody")
    people["staff"] = User.objects.create_user("own-staff", is_staff=True)
    people["station keepers"] = User.objects.create_user("own-station-keeper", is_staff=True)
    people["station keepers"].groups.add(Group.objects.get(name="Station keepers"))
    people["superuser"] = User.objects.create_superuser("own-root")
    return people


def _person(name, group, role):
    user = User.objects.create_user(name)
    Membership.objects.create(pk=group * 10 + list(Role).index(role), group_id=group, user=user, role=role)
    return user


def _of_group(number, name):
    is_own = number == OWN
    group = StationGroup.objects.create(pk=number, name=f"{name} school")
    station = Station.objects.create(
        pk=number,
        name=name,
        public=False,
        mac="02:00:00:00:00:11" if is_own else "02:00:00:00:00:99",
        place="Dach" if is_own else "Hinterhof",
        latitude=48.111111 if is_own else 77.654321,
        longitude=10.0,
        notes=f"{name}'s ladder",
    )
    group.stations.add(station)
    now = timezone.now()
    ingest.store(station, [Measurement(1, to_millis(now - timedelta(minutes=n)), 20.0 + n) for n in (1, 2)])
    Station.objects.filter(pk=number).update(last_heard_at=now - timedelta(hours=5))
    Key.objects.issue(station, KEYS[number])
    Key.objects.filter(station=station).update(id=number)
    network = WiFiNetwork.objects.create(pk=number, ssid=f"{name.lower()}-net", group=group)
    StationNetwork.objects.create(pk=number, station=station, network=network, position=1)
    Equipment.objects.create(station=station)
    since = {"began_at": now - timedelta(hours=9), "ended_at": now - timedelta(hours=8)}
    Outage.objects.create(pk=number, station=station, **since)
    rule = Rule.objects.filter(station=None, field=None).first()
    Incident.objects.create(pk=number, rule=rule, station=station, found_at=now, **since)
    made = {"station": station, "start": now - timedelta(days=2), "made_by": name, "made_at": now}
    SetAside.objects.create(pk=number, field=1, reason="other", state="proposed", end=now - timedelta(days=1), **made)
    Sensor.objects.create(pk=number, field=1, model=f"BME of {name}", **made)
    HistoryImport.objects.create(
        pk=number, station=station, name=f"{name}.csv", size=1, made_by=name, made_at=now, state="failed"
    )
    BoardState.objects.create(station=station, boot=1, start=1, first_at=now, last_at=now, rssi=-60)
    RefusedReport.objects.create(pk=number, reason="wrong_key", mac=station.mac, first_at=now, last_at=now, count=1)
    Upload.objects.create(
        pk=number,
        station=station,
        interval_s=600,
        network="wunderground",
        identity=f"box-{name.lower()}",
        is_active=False,
    )


def rows_of_other():
    """Return all columns of what belongs to the other group."""
    models = (
        Station,
        Key,
        WiFiNetwork,
        StationNetwork,
        SetAside,
        Sensor,
        HistoryImport,
        Upload,
        Equipment,
        StationGroup,
    )
    found = {model.__name__: list(model.objects.filter(**_of_other(model)).order_by("pk").values()) for model in models}
    found["Field"] = list(Field.objects.filter(station=OTHER).values())
    found["Membership"] = list(Membership.objects.filter(group=OTHER).values())
    found["stations"] = list(StationGroup.stations.through.objects.order_by("pk").values())
    return found


def _of_other(model):
    return {"station": OTHER} if any(field.name == "station" for field in model._meta.fields) else {"pk": OTHER}
