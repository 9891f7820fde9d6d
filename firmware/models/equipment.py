"""A station's sensors, and everything that its board has to know."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import models, transaction

from audit.deeds import record
from firmware.build.recipe import Mounted, Recipe
from firmware.models.network import StationNetwork
from firmware.sensors.catalogue import NAMES, SENSORS, UNITS, SensorType
from firmware.sensors.wiring import Wired, check_board, check_wiring
from freetemp.encryption import EncryptionError
from stations.models import Field, Station
from stations.models.field import MAX_NUMBER
from stations.quantities import QUANTITIES

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


class SensorModel(models.Model):
    """A sensor of the catalogue, wired to a board."""

    # Without choices: the catalogue lists the sensors, and a new one needs no migration.
    sensor = models.CharField(max_length=30, default=DEFAULT_SENSOR)
    wiring = models.JSONField(default=dict, blank=True, help_text="What differs from the catalogue, by GPIO number.")

    class Meta:
        abstract = True

    @property
    def type(self) -> SensorType:
        return SENSORS.get(self.sensor) or SENSORS[DEFAULT_SENSOR]

    @property
    def wired(self) -> Wired:
        """Return the sensor with its whole wiring."""
        return self.type, {**self.type.wiring, **self.wiring}

    def clean(self) -> None:
        if self.sensor not in SENSORS:
            raise ValidationError({"sensor": f"“{self.sensor}” is not a sensor in the catalogue: choose another."})
        check_wiring(self.type, self.wiring)


class Equipment(SensorModel):
    """A station's equipment: its first sensor with the wiring, and whether it sleeps between readings."""

    station = models.OneToOneField(Station, models.CASCADE, related_name="equipment")
    battery = models.BooleanField(
        "runs on a battery",
        default=False,
        help_text="On: it sleeps between readings, and wakes only if its pin D0 (GPIO16) is wired to RST. In its "
        "sleep it counts neither rain nor wind.",
    )

    objects = EquipmentQuerySet.as_manager()

    class Meta:
        verbose_name = "sensor and wiring"
        verbose_name_plural = "sensors and wiring"

    def __str__(self) -> str:
        return f"{self.type.label} of {self.station}"

    def all_sensors(self) -> list[SensorModel]:
        """Return the first sensor and the further ones."""
        return [self, *FurtherSensor.objects.filter(station=self.station)]

    def add_missing_fields(self) -> list[Field]:
        """Add a field for each quantity that a sensor measures and no field stores. Return the new fields."""
        there = list(self.station.fields.all())
        names = {field.name for field in there}
        free = iter(sorted(set(range(1, MAX_NUMBER + 1)) - {field.number for field in there}))
        sensors = self.all_sensors()
        missing = [
            quantity
            for sensor, fields in zip(sensors, self._numbers(sensors), strict=True)
            for quantity in sensor.type.quantities
            if quantity not in fields
        ]
        with transaction.atomic():
            added = [self._add_field(number, quantity, names) for quantity, number in zip(missing, free, strict=False)]
            if added:
                record("fields added", station=self.station, details={"fields": [str(field) for field in added]})
            return added

    def _add_field(self, number: int, quantity: str, names: set[str]) -> Field:
        name = NAMES.get(quantity, quantity)
        name = f"{name} {number}" if name in names else name
        names.add(name)
        return self.station.fields.create(number=number, name=name, unit=UNITS[quantity], quantity=quantity)

    def _numbers(self, sensors: Iterable[SensorModel]) -> list[dict[str, int]]:
        """Map, for each sensor, each of its quantities to the number of a field, if there is one.

        Each field goes to one quantity: the lowest number first.
        """
        free = list(self.station.fields.order_by("number").values_list("number", "quantity", "unit"))
        found = []
        for sensor in sensors:
            numbers = {}
            for quantity in sensor.type.quantities:
                if field := next((field for field in free if _stores(field[1], field[2], quantity)), None):
                    free.remove(field)
                    numbers[quantity] = field[0]
            found.append(numbers)
        return found

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
            sensors=self.sensors(),
            interval_s=self.station.interval_s,
            battery=self.battery,
        )

    def sensors(self) -> tuple[Mounted, ...]:
        """Return each sensor with its wiring and the numbers of its fields. Raises NotReadyError."""
        sensors = self.all_sensors()
        for each in sensors:
            if each.sensor not in SENSORS:  # A sensor of another version of freetemp.
                raise NotReadyError(
                    f"{self.station} has a sensor {each.sensor} that is not known: choose another in the admin."
                )
        try:
            check_board([each.wired for each in sensors], self.battery)
        except ValidationError as error:
            raise NotReadyError(f"The sensors of {self.station} do not fit onto one board. {error.message}") from error
        return tuple(self._mounted(*pair) for pair in zip(sensors, self._numbers(sensors), strict=True))

    def _mounted(self, sensor: SensorModel, fields: dict[str, int]) -> Mounted:
        if not fields:
            wanted = _wanted(sensor.type)
            raise NotReadyError(f"{self.station} has no field {wanted}: add one on its page in the admin.")
        return Mounted(sensor.sensor, sensor.wired[1], fields)

    def networks(self) -> tuple[tuple[str, str], ...]:
        """Return SSID and password of each of the station's networks, the preferred one first."""
        chosen = list(StationNetwork.objects.filter(station=self.station).select_related("network"))
        if self.station.simulated and not chosen:
            return (("simulated", ""),)  # The simulator has every network in range.
        if not chosen:
            raise NotReadyError(f"{self.station} has no WiFi network: choose one on its page in the admin.")
        return tuple(_named_and_decrypted(each) for each in chosen)


class FurtherSensor(SensorModel):
    """Another sensor on the same board."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="further_sensors")

    class Meta:
        verbose_name = "further sensor"
        ordering = ["pk"]
        default_permissions = ()  # It goes with the equipment.

    def __str__(self) -> str:
        return f"{self.type.label} of {self.station}"


# Their fields were found by the unit alone, before fields had quantities: a board that is flashed again goes on with
# the same field. Of rain and wind, several quantities have one unit.
_BY_UNIT = {"temperature", "humidity", "pressure", "illuminance"}


def _stores(field_quantity: str, unit: str, quantity: str) -> bool:
    """Tell whether a field of this quantity and unit stores what a sensor measures."""
    return unit == UNITS[quantity] and (quantity in _BY_UNIT or field_quantity == quantity)


def _wanted(sensor: SensorType) -> str:
    first = sensor.quantities[0]
    if first not in _BY_UNIT:
        return f"for {QUANTITIES[first].label} in {UNITS[first]}"
    return "in " + " or ".join(UNITS[each] for each in sensor.quantities)


def _named_and_decrypted(chosen: StationNetwork) -> tuple[str, str]:
    try:
        return chosen.network.ssid, chosen.network.password()
    except EncryptionError as error:
        raise NotReadyError(f"The password of the WiFi network {chosen.network} cannot be read. {error}") from error
