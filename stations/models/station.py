"""A weather station and its status."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from audit.deeds import record
from audit.wording import Change
from freetemp.fields import MILLISECOND, EpochMillisField, to_millis
from freetemp.zone_rules import DIGEST_LENGTH, rules_of
from stations.access import Viewer, access_of
from stations.devices import BOARD, DEVICES
from stations.mac import MOST_OF_AN_IDENTITY, parse_mac, reason_against, same_identity
from stations.models.station_queryset import StationQuerySet
from stations.models.status import LATE_AFTER, SILENT_AFTER, Status, latest_heard
from stations.models.zone_rules import ZoneRules, zone_by
from stations.validators import named_zone, validate_mac, validate_time_zone

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from stations.models.field import Field
    from stations.models.key import Key

MOST_OF_A_TROUBLE, MOST_OF_A_VERSION = 120, 20  # characters


def newest_at(fields: Iterable[Field]) -> datetime | None:
    """Return the time of the fields' newest value."""
    return max((field.newest_at for field in fields if field.newest_at), default=None)


def default_time_zone() -> str:
    return str(settings.STATION_TIME_ZONE)


class Station(models.Model):
    """A board at a place. Its days follow its own time zone."""

    id = models.AutoField(primary_key=True)  # Four bytes, since every reading holds it.
    name = models.CharField(max_length=80, unique=True)
    mac = models.CharField(
        "MAC address",
        max_length=17,
        unique=True,
        null=True,
        blank=True,
        validators=[validate_mac],
        help_text="Six hex pairs, like 6c:ef:7f:3b:9d:e8. Leave it empty and flashing the board fills it in.",
        error_messages={"unique": "Another station has this MAC address: search for it in the list of stations."},
    )
    place = models.CharField(max_length=120, blank=True, help_text="Shown to viewers, like “Roof of the school”.")
    latitude = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
        help_text="Degrees, north positive, like 52.5208.",
    )
    longitude = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
        help_text="Degrees, east positive, like 13.4094.",
    )
    elevation_m = models.FloatField("elevation", null=True, blank=True, help_text="Metres above sea level.")
    timezone = models.CharField(
        "time zone",
        max_length=64,
        default=default_time_zone,
        validators=[validate_time_zone],
        help_text="IANA name, like Europe/Berlin. It decides when the station's day begins.",
    )
    board = models.CharField(max_length=40, default="ESP8266", blank=True)
    device = models.CharField(
        max_length=20,
        default=BOARD,
        blank=True,  # A form without it makes a station for a board.
        db_default=BOARD,  # An earlier freetemp, which knows no such column, can add stations too.
        help_text="What reports: a board of freetemp, or a key of stations.devices.",
    )
    adds_fields = models.BooleanField(
        "adds fields",
        default=False,
        db_default=False,
        help_text="On: a quantity that its device reports and that it lacks becomes a field of it by itself.",
    )
    identity = models.CharField(
        "identity on the broker",
        max_length=MOST_OF_AN_IDENTITY,
        blank=True,
        default="",
        db_default="",  # An earlier freetemp, which knows no such column, can add stations too.
        help_text="What names its device on an MQTT broker, like a MAC address. Empty: its key does, or its number.",
    )
    interval_s = models.PositiveIntegerField(
        "reporting interval",
        default=60,
        validators=[MinValueValidator(1), MaxValueValidator(86_400)],
        help_text="Seconds between two reports. After 3 of them without one it is late, after 60 silent.",
    )
    active = models.BooleanField(default=True, help_text="Off: its reports are refused. Its readings stay.")
    public = models.BooleanField(default=True, help_text="Off: only staff see it.")
    on_map = models.BooleanField(
        "shown on the map", default=False, help_text="On: anyone sees its coordinates. Off: only staff do."
    )
    simulated = models.BooleanField(
        default=False, help_text="On: its readings are made up or replayed, and viewers are told."
    )
    notes = models.TextField(blank=True, help_text="For staff only.")
    raw_since = EpochMillisField(null=True, editable=False)  # Retention has removed the raw readings before it.
    # `readings` writes them: the maintenance that runs, or the next. Without an end, it is until further notice.
    maintenance_since = EpochMillisField(null=True, editable=False)
    maintenance_until = EpochMillisField(null=True, editable=False)
    trouble = models.CharField(
        max_length=MOST_OF_A_TROUBLE, blank=True, editable=False, help_text="What the board last said is wrong with it."
    )
    firmware = models.CharField(
        max_length=MOST_OF_A_VERSION,
        blank=True,
        default="",
        db_default="",  # An earlier freetemp, which knows no such column, can add stations too.
        editable=False,
        help_text="The version that the board last said it runs.",
    )
    # The digest of the ZoneRules by which its days are divided. Empty: days of an earlier freetemp, by unknown rules.
    zone_rules = models.CharField(max_length=DIGEST_LENGTH, blank=True, default="", db_default="", editable=False)
    last_heard_at = EpochMillisField("last heard", null=True, editable=False, db_index=True)

    objects = StationQuerySet.as_manager()

    if TYPE_CHECKING:
        fields: RelatedManager[Field]
        keys: RelatedManager[Key]

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="station_latitude_in_range", condition=Q(latitude=None) | Q(latitude__range=(-90, 90))
            ),
            models.CheckConstraint(
                name="station_longitude_in_range", condition=Q(longitude=None) | Q(longitude__range=(-180, 180))
            ),
            models.CheckConstraint(name="station_interval_in_range", condition=Q(interval_s__range=(1, 86_400))),
            models.UniqueConstraint(
                fields=["identity"],
                name="station_identity_once",
                condition=~Q(identity=""),
                violation_error_message="Another station has this identity on the broker.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the MAC in one form, and give a new station its first field: temperature.

        One for a device of another maker begins without any: its first report adds those that it has.
        """
        self.mac = parse_mac(self.mac) if self.mac else None
        self.identity = same_identity(self.identity)
        is_new = self._state.adding
        if is_new and self.is_foreign:
            self.adds_fields = True
        if not is_new and kwargs.get("update_fields") is None:
            kwargs["update_fields"] = self._changeable()
        with transaction.atomic():
            if is_new:
                self._keep_zone_rules()
            super().save(*args, **kwargs)
            if is_new and not self.is_foreign:
                self.fields.create(number=1, name="temperature", unit="degC")

    def get_absolute_url(self) -> str:
        return reverse("station", args=[self.pk])

    def register(self) -> None:
        """Save a new station, and write down that it was added. The admin's form does both by itself."""
        with transaction.atomic():
            self.save()
            record("station added", station=self, of=self, details={"device": self.device, "MAC address": self.mac})

    def take_mac(self) -> None:
        """Store the MAC that was given to this object: the station's board, from now on."""
        with transaction.atomic():
            before = Station.objects.filter(pk=self.pk).values_list("mac", flat=True).first()
            self.save(update_fields=["mac"])
            if self.mac != before:
                record("board given", station=self, details={"MAC address": Change(before, self.mac)})

    def take_zone_rules(self) -> None:
        """Have the station's days divided by this computer's rules from now on. The caller makes them anew."""
        self._keep_zone_rules()
        Station.objects.filter(pk=self.pk).update(zone_rules=self.zone_rules)

    def _keep_zone_rules(self) -> None:
        rules = rules_of(self.timezone)
        if rules is not None:
            ZoneRules.objects.keep(self.timezone, rules)
        self.zone_rules = rules.digest if rules else ""

    def _changeable(self) -> list[str]:
        """Return the loaded columns except `zone_rules`: a form that is saved must not bring back earlier rules."""
        names = {field.name for field in self._meta.concrete_fields if not field.primary_key}
        return sorted(names - {"zone_rules"} - self.get_deferred_fields())

    def clean(self) -> None:
        before = Station.objects.filter(pk=self.pk).first() or Station(timezone="")
        with contextlib.suppress(ValueError):  # validate_mac reports it; this code runs anyway.
            self.mac = parse_mac(self.mac) if self.mac else None
            self._check_new_mac(before)
        if self.timezone != before.timezone:
            self.timezone = named_zone(self.timezone)
        if (self.latitude is None) != (self.longitude is None):
            raise ValidationError("Give both latitude and longitude, or neither.")
        self._check_device()
        if self.on_map and self.latitude is None:
            raise ValidationError({"on_map": "Give the station's coordinates, or leave it off the map."})

    def _check_device(self) -> None:
        if self.device not in (BOARD, *DEVICES):
            raise ValidationError({"device": f"“{self.device}” is no device that freetemp knows."})
        if self.mac and self.is_foreign:
            raise ValidationError({"mac": "Such a device proves itself by its key alone: leave the MAC address empty."})
        self.identity = same_identity(self.identity)
        if self.identity and not (self.is_foreign and DEVICES[self.device].identity):
            raise ValidationError({"identity": "Only devices that announce themselves on an MQTT broker have one."})

    def _check_new_mac(self, before: Station) -> None:
        """Refuse a new MAC that no board can have. A station that has one already keeps it."""
        if self.mac and self.mac != before.mac and (reason := reason_against(self.mac)):
            raise ValidationError({"mac": f"“{self.mac}” is no board's own address: {reason}."})

    @property
    def is_foreign(self) -> bool:
        """Tell whether a device of another maker reports, which its key alone names."""
        return self.device != BOARD

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone, with the rules by which the station's days are divided."""
        return zone_by(self.timezone, self.zone_rules)

    @property
    def raw_since_ms(self) -> int:
        """Return the start of the kept raw readings in Unix milliseconds: 0 if all are kept."""
        return to_millis(self.raw_since) if self.raw_since else 0

    def shows_place_to(self, user: Viewer) -> bool:
        """Tell whether a viewer may see the exact coordinates."""
        return self.on_map or access_of(user).knows(self.pk)

    def location_for(self, user: Viewer) -> tuple[float, float] | None:
        """Return latitude and longitude if the station has them and the viewer may see them."""
        if self.latitude is None or self.longitude is None:
            return None
        return (self.latitude, self.longitude) if self.shows_place_to(user) else None

    def silence(self, at: datetime | None = None) -> timedelta | None:
        """Return how long nothing was heard, in whole milliseconds as in SQL, or None if nothing ever was."""
        if self.last_heard_at is None:
            return None
        millis = to_millis(at or timezone.now()) - to_millis(self.last_heard_at)
        return max(millis * MILLISECOND, timedelta())

    def is_heard_ahead(self, at: datetime | None = None) -> bool:
        """Tell whether it was last heard by a clock that was ahead, so that nobody knows when."""
        return self.last_heard_at is not None and self.last_heard_at > latest_heard(at)

    def take_fields(self, fields: list[Field]) -> None:
        """Let `fields.all()` return all its fields, which are known already, without a query."""
        for field in fields:
            field.station = self
        known = self.fields.all()
        known._result_cache = fields
        self._prefetched_objects_cache = {"fields": known}

    def lagging_fields(self) -> list[Field]:
        """Return the fields that have fallen silent while others of the station have not."""
        fields = list(self.fields.all())
        newest = newest_at(fields)
        return [field for field in fields if newest and self.active and field.lags_behind(newest, self.interval_s)]

    def in_maintenance(self, at: datetime | None = None) -> bool:
        """Tell whether it is under maintenance: its readings are set aside, and nobody is alarmed."""
        at = at or timezone.now()
        since, until = self.maintenance_since, self.maintenance_until
        return since is not None and since <= at and (until is None or at < until)

    def missed_reports(self, at: datetime | None = None) -> int:
        """Return how many reports should have come since the last one, 0 if none is expected."""
        silence = self.silence(at)
        return silence // timedelta(seconds=self.interval_s) if self.active and silence is not None else 0

    def status(self, at: datetime | None = None) -> Status:
        """Return whether it is heard from, at a moment or now."""
        return self.status_after(self.silence(at), at)

    def status_after(self, silence: timedelta | None, at: datetime | None = None) -> Status:
        """Return its status at a moment, given its silence then."""
        if not self.active:
            return Status.INACTIVE
        if silence is None:
            return Status.NEVER
        if self.is_heard_ahead(at):
            return Status.SILENT
        intervals = silence / timedelta(seconds=self.interval_s)
        if intervals > SILENT_AFTER:
            return Status.SILENT
        return Status.LATE if intervals > LATE_AFTER else Status.ALIVE
