"""A station's sensor, and everything that its board has to know."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models

from firmware.build.recipe import Recipe
from firmware.encryption import EncryptionError
from firmware.models.network import StationNetwork
from firmware.sensors.catalogue import SENSORS, UNITS, SensorType
from firmware.sensors.wiring import check_wiring
from stations.models import Field, Station
from stations.models.field import MAX_NUMBER

DEFAULT_SENSOR = "mcp9808"


class NotReadyError(Exception):
    """A station cannot be flashed yet. The message is a sentence that says what to do first."""


class EquipmentQuerySet(models.QuerySet["Equipment"]):
    def of(self, station: Station) -> Equipment:
        """Return a station's equipment, or the unsaved default."""
        return self.filter(station=station).first() or Equipment(station=station)

    def recipe(self, station: Station, key: str, server_url: str) -> Recipe:
        """Return everything that the station's board needs to know. Raises NotReadyError if something is missing."""
        return self.of(station).recipe(key, server_url)


class Equipment(models.Model):
    """A station's equipment: its sensor, the wiring, and whether it sleeps between readings."""

    station = models.OneToOneField(Station, models.CASCADE, related_name="equipment")
    # Without choices: the catalogue lists the sensors, and a new one needs no migration.
    sensor = models.CharField(max_length=30, default=DEFAULT_SENSOR)
    wiring = models.JSONField(default=dict, blank=True, help_text="What differs from the catalogue, by GPIO number.")
    battery = models.BooleanField(
        "runs on a battery",
        default=False,
        help_text="On: it sleeps between readings, and wakes only if its pin D0 (GPIO16) is wired to RST.",
    )

    objects = EquipmentQuerySet.as_manager()

    class Meta:
        verbose_name = "sensor and wiring"
        verbose_name_plural = "sensors and wiring"

    def __str__(self) -> str:
        return f"{self.type.label} of {self.station}"

    @property
    def type(self) -> SensorType:
        return SENSORS.get(self.sensor) or SENSORS[DEFAULT_SENSOR]

    def clean(self) -> None:
        if self.sensor not in SENSORS:
            raise ValidationError({"sensor": f"“{self.sensor}” is not a sensor in the catalogue: choose another."})
        check_wiring(self.type, self.wiring)

    def add_missing_fields(self) -> list[Field]:
        """Add a field for each quantity that the sensor measures and no field stores. Return the new fields."""
        there = list(self.station.fields.all())
        units = {field.unit for field in there}
        names = {field.name for field in there}
        free = iter(sorted(set(range(1, MAX_NUMBER + 1)) - {field.number for field in there}))
        missing = [quantity for quantity in self.type.quantities if UNITS[quantity] not in units]
        return [
            self.station.fields.create(
                number=number, name=f"{name} {number}" if name in names else name, unit=UNITS[name]
            )
            for name, number in zip(missing, free, strict=False)
        ]

    def check_active(self) -> None:
        if not self.station.active:
            raise NotReadyError(f"{self.station} is inactive, so its reports are refused: activate it in the admin.")

    def recipe(self, key: str, server_url: str) -> Recipe:
        self.check_active()
        if not self.station.mac:
            raise NotReadyError(f"{self.station} has no MAC address yet: flashing a board gives it one.")
        return Recipe(
            server_url=server_url,
            mac=self.station.mac,
            key=key,
            networks=self.networks(),
            sensor=self.sensor,
            wiring={**self.type.wiring, **self.wiring},
            fields=self.fields(),
            interval_s=self.station.interval_s,
            battery=self.battery,
        )

    def fields(self) -> dict[str, int]:
        """Map each quantity that the sensor measures to the number of the station's lowest field for it."""
        if self.sensor not in SENSORS:  # A sensor of another version of freetemp.
            raise NotReadyError(
                f"{self.station} has a sensor {self.sensor} that is not known: choose another in the admin."
            )
        by_unit: dict[str, int] = {}
        for number, unit in self.station.fields.order_by("number").values_list("number", "unit"):
            by_unit.setdefault(unit, number)
        fields = {name: by_unit[UNITS[name]] for name in self.type.quantities if UNITS[name] in by_unit}
        if not fields:
            units = " or ".join(UNITS[name] for name in self.type.quantities)
            raise NotReadyError(f"{self.station} has no field in {units}: add one on its page in the admin.")
        return fields

    def networks(self) -> tuple[tuple[str, str], ...]:
        """Return SSID and password of each of the station's networks, the preferred one first."""
        chosen = list(StationNetwork.objects.filter(station=self.station).select_related("network"))
        if self.station.simulated and not chosen:
            return (("simulated", ""),)  # The simulator has every network in range.
        if not chosen:
            raise NotReadyError(f"{self.station} has no WiFi network: choose one on its page in the admin.")
        return tuple(_named_and_decrypted(each) for each in chosen)


def _named_and_decrypted(chosen: StationNetwork) -> tuple[str, str]:
    try:
        return chosen.network.ssid, chosen.network.password()
    except EncryptionError as error:
        raise NotReadyError(f"The password of the WiFi network {chosen.network} cannot be read. {error}") from error
