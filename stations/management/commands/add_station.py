"""Register a station, for a server without a browser."""

import math
from argparse import ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.management import CommandError, CommandParser
from django.db import transaction

from freetemp.command import BaseCommand
from stations.devices import BOARD, DEVICES, what_to_type
from stations.models import Key, Station
from stations.validators import validate_key


def finite(text: str) -> float:
    """Parse a finite number. Python's float() accepts nan and inf too, and nan passes every check of limits."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ArgumentTypeError(f"{text!r} is not a number: give it like 52.5208")
    return number


class Command(BaseCommand):
    help = "Register a station and issue its key, which is printed this once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--mac", help="The board's address, like 6c:ef:7f:3b:9d:e8. A board has to have one.")
        parser.add_argument(
            "--device",
            default=BOARD,
            choices=[BOARD, *DEVICES],
            help="What reports. For a device of another maker, everything that it asks for is printed.",
        )
        parser.add_argument("--identity", help="What names its device on an MQTT broker, like Tasmota's MAC address.")
        parser.add_argument("--place", default="", help="Shown to viewers, like “Roof of the school”.")
        parser.add_argument("--latitude", type=finite, help="Degrees, north positive.")
        parser.add_argument("--longitude", type=finite, help="Degrees, east positive.")
        parser.add_argument("--elevation", type=finite, dest="elevation_m", help="Metres above sea level.")
        parser.add_argument(
            "--timezone",
            help="That of its place, like Europe/Berlin or Berlin; unless given, the newest station's.",
        )
        parser.add_argument("--interval", type=int, default=60, dest="interval_s", help="Seconds between two reports.")
        parser.add_argument("--key", help="The key of a board that has one already, instead of a new one.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["device"] == BOARD and options["mac"] is None:
            raise CommandError("A board needs its MAC address: give --mac, or --device for a device of another maker.")
        names = (
            "name",
            "device",
            "mac",
            "identity",
            "place",
            "latitude",
            "longitude",
            "elevation_m",
            "timezone",
            "interval_s",
        )
        given = {name: options[name] for name in names if options[name] is not None}
        station = Station(**{"timezone": Station.objects.likely_time_zone()} | given)
        try:
            if options["key"] is not None:
                validate_key(options["key"])
                _check_key_alone(station, options["key"])
            station.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(_sentences(error))) from error
        with transaction.atomic():
            station.register()
            key = Key.objects.issue(station, options["key"])
        self.stdout.write(f"station {station.pk}\nkey {key}")
        if station.is_foreign:
            self._print_what_to_type(station, key)
        if options["timezone"] is None:
            self.stderr.write(
                f"Its days are those of {station.timezone}: --timezone names another, and so does the admin."
            )

    def _print_what_to_type(self, station: Station, key: str) -> None:
        self.stdout.write("\nType into the device:")
        for name, text in what_to_type(station.device, settings.SERVER_URL, station.pk, key):
            self.stdout.write(f"  {name}: {text}")
        page = DEVICES[station.device].page
        self.stdout.write(f"docs/devices/{page} says where. Its first report adds the station's fields.")


def _check_key_alone(station: Station, key: str) -> None:
    if station.is_foreign and Key.objects.is_taken_alone(key):
        raise ValidationError("Another station's device has this key, which alone would name both: give another.")


def _sentences(error: ValidationError) -> list[str]:
    """Return an error's sentences, each with the field that it is about."""
    if not hasattr(error, "error_dict"):
        return error.messages
    about = {NON_FIELD_ERRORS: "", "elevation_m": "elevation: ", "interval_s": "interval: "}
    return [about.get(name, f"{name}: ") + text for name, texts in error.message_dict.items() for text in texts]
