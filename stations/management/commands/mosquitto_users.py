"""Write the files by which mosquitto knows the stations, each with a user of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError, CommandParser

from freetemp.command import BaseCommand
from stations.devices import DEVICES, ON_A_BROKER
from stations.models import Key, Station
from stations.mosquitto import password_hash


class Command(BaseCommand):
    help = (
        "Write mosquitto's files of passwords and rights into a folder: a user for each active station of an MQTT "
        "device, whose name is the station's number and whose password is its newest key, and the user of MQTT_URL, "
        "which may do everything. Then have mosquitto read them: systemctl reload mosquitto."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="Like /etc/mosquitto/freetemp.")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        own = settings.MQTT_BROKER
        if own is None or not (own.user and own.password):
            raise CommandError(
                "freetemp's own user is missing: write it into MQTT_URL, like mqtt://freetemp:PASSWORD@127.0.0.1."
            )
        if own.user.isdecimal():
            raise CommandError("A number is the user of a station: give MQTT_URL another user, like freetemp.")
        users = list(self.users())
        passwords = [f"{own.user}:{password_hash(own.password)}", *(f"{each}:{hashed}" for each, _, hashed in users)]
        rights = [f"user {own.user}\ntopic readwrite #"]
        rights += ["\n".join([f"user {each}", *map("topic {}".format, topics)]) for each, topics, _ in users]
        folder.mkdir(parents=True, exist_ok=True)
        write(folder / "passwords", "\n".join(passwords) + "\n")
        write(folder / "rights", "\n\n".join(rights) + "\n")
        self.stdout.write(f"{len(users)} stations and {own.user} are in {folder}. Now: systemctl reload mosquitto")
        for station in self.without_hash():
            self.stderr.write(f"{station} has a key of before this, whose hash is not known: issue it another.")

    def users(self) -> Iterator[tuple[int, list[str], str]]:
        """Yield the number of each station that may publish, its topics, and the hash of its newest usable key."""
        keys = Key.objects.usable().filter(station__active=True, station__device__in=ON_A_BROKER)
        newest = {key.station: key for key in keys.select_related("station").order_by("issued_at", "pk")}
        for station, key in sorted(newest.items(), key=lambda item: item[0].pk):
            if key.broker_hash:
                yield station.pk, rights_of(station), key.broker_hash

    def without_hash(self) -> list[Station]:
        stations = Station.objects.filter(active=True, device__in=ON_A_BROKER)
        return list(stations.filter(keys__in=Key.objects.usable().filter(broker_hash="")).distinct())


def rights_of(station: Station) -> list[str]:
    """Return the rights of a station's user, as mosquitto's file has them behind `topic`."""
    filters = DEVICES[station.device].filters
    mac = station.identity.upper()  # As Tasmota writes it.
    return [each.format(station.pk, mac=mac) for each in filters if mac or "{mac}" not in each]


def write(path: Path, text: str) -> None:
    """Write a file as a whole, for its owner and the folder's group: mosquitto reads it when it likes."""
    beside = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640), "w") as stream:
        stream.write(text)
    beside.chmod(0o640)  # Whatever the umask is.
    os.chown(beside, -1, path.parent.stat().st_gid)
    beside.replace(path)
