"""Counts of refused reports, for the staff who look after boards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import models, transaction
from django.db.models.functions import Cast
from django.utils.translation import gettext_noop

from freetemp.fields import EpochMillisField
from freetemp.sql import execute_values
from stations.models import Field, Key, Station
from stations.models.status import AHEAD, LATE_AFTER

MOST_ROWS = 1_000
OWN_TRIES = timedelta(minutes=10)  # of a person who types an address until it is right
FEW = 3


class Reason(models.TextChoices):
    """The reason for a refusal. Staff see differences that boards do not: they always get `unknown station or key`."""

    UNKNOWN_MAC = "unknown_mac", gettext_noop("unknown MAC")
    WRONG_KEY = "wrong_key", gettext_noop("wrong key")
    INACTIVE = "inactive", gettext_noop("inactive station")
    CREDENTIALS = "credentials", gettext_noop("no MAC and key")
    KEY_ALONE = "key_alone", gettext_noop("unknown key")
    GUESSING = "guessing", gettext_noop("too many wrong keys")
    FIELD = "field", gettext_noop("unknown field")
    MALFORMED = "malformed", gettext_noop("malformed report")
    REJECTED = "rejected", gettext_noop("rejected reading")
    NAME = "name", gettext_noop("unknown name")
    BOARD = "board", gettext_noop("wrong state of a board")
    TOO_LARGE = "too_large", gettext_noop("report too large")
    TOO_OFTEN = "too_often", gettext_noop("too often")
    METHOD = "method", gettext_noop("wrong method")
    CLOCK = "clock", gettext_noop("server's clock behind")
    DATABASE = "database", gettext_noop("database unable")
    VARIOUS = "various", gettext_noop("too many to list")

    @property
    def advice(self) -> str:
        return _ADVICE[self]


_ADVICE = {
    Reason.UNKNOWN_MAC: gettext_noop("If the board is yours, register it: it gets a new key."),
    Reason.WRONG_KEY: gettext_noop(
        "If the board is this station's, issue a new key and put it onto the board, or flash it again."
    ),
    Reason.INACTIVE: gettext_noop("Activate the station, or switch its board off."),
    Reason.CREDENTIALS: gettext_noop(
        "Have the program send HTTP Basic: the MAC's hex digits as the user, the key as the password."
    ),
    Reason.KEY_ALONE: gettext_noop(
        "If it is a device of yours, make its key that of a station here, or type a station's key into it: Keys, on "
        "the station's page, lists all that it asks for. A key that has ended or whose station is inactive is refused, "
        "too."
    ),
    Reason.GUESSING: gettext_noop(
        "Find the board that goes on with a wrong key: its first refusals are listed with its MAC. "
        "If there is none, somebody tries keys, and a firewall may keep the address out."
    ),
    Reason.FIELD: gettext_noop("Add the field to the station, or correct the field's number on the board."),
    Reason.MALFORMED: gettext_noop(
        "Correct what the board sends. Its row has the answer, which says what was expected."
    ),
    Reason.REJECTED: gettext_noop(
        "Its row says why these readings of an accepted report were not stored. Correct it, and send them "
        "again under a new seq. A board of freetemp dates those with the code clock anew by itself."
    ),
    Reason.NAME: gettext_noop(
        "Nothing has to be done. A station's device sends this name too, and it is none that freetemp keeps, "
        "or the station adds no fields by itself. The other values of the report are stored."
    ),
    Reason.BOARD: gettext_noop(
        "No reading is lost: a part of what the board says of itself is left out. Its row says what was expected. "
        "Correct the board's program."
    ),
    Reason.TOO_LARGE: gettext_noop("Have the program send fewer readings at once."),
    Reason.TOO_OFTEN: gettext_noop("Correct the station's reporting interval, or have the board report less often."),
    Reason.METHOD: gettext_noop("Correct the program: single values come by GET, reports of many by POST."),
    Reason.CLOCK: gettext_noop(
        "Set this server's clock if it is still in the past. Until it is right, nothing is stored."
    ),
    Reason.DATABASE: gettext_noop("See whether this server's disk is full and its database runs. The log says more."),
    Reason.VARIOUS: gettext_noop(
        "More kinds of refused reports came in a second than are told apart. Look for their source."
    ),
}


class Refusal(NamedTuple):
    """The properties that refusals are counted by. The MAC is well-formed, or empty if it was not or is meaningless."""

    reason: str
    mac: str
    network: str
    part: str


class Unproven(NamedTuple):
    """What is known of a key that names no station: the device that sent it, its end, and its digest.

    A key that is too short for a station has neither an end nor a digest here: both would give it away.
    """

    device: str = ""
    hint: str = ""
    digest: str = ""


NOTHING_UNPROVEN = Unproven()


@dataclass(slots=True)
class Tally:
    """The count of a refusal, its first and last moment in Unix milliseconds, and an example. No text holds a key."""

    count: int
    first_ms: int
    last_ms: int
    answer: str
    example: str
    device: str = ""
    digest: str = ""


class RefusedReportQuerySet(models.QuerySet["RefusedReport"]):
    def add(self, tallies: Mapping[Refusal, Tally]) -> None:
        """Add counts to the stored ones, and forget the refusals that were longest unseen."""
        with transaction.atomic():
            execute_values(
                "INSERT INTO readings_refusedreport"
                " (reason, mac, network, part, count, first_at, last_at, answer, example, device, digest)"
                " VALUES {places}"
                " ON CONFLICT (reason, mac, network, part) DO UPDATE SET last_at = excluded.last_at,"
                " count = readings_refusedreport.count + excluded.count,"
                " answer = excluded.answer, example = excluded.example,"
                " device = excluded.device, digest = excluded.digest",
                # Sorted: all workers lock rows in the same order.
                [
                    (
                        *(*refusal, tally.count, tally.first_ms, tally.last_ms, tally.answer, tally.example),
                        *(tally.device, tally.digest),
                    )
                    for refusal, tally in sorted(tallies.items(), key=lambda item: item[0])
                ],
            )
            if self.count() > MOST_ROWS:
                kept = self.order_by("-last_at", "-pk").values("pk")[:MOST_ROWS]
                self.exclude(pk__in=kept)._raw_delete(self.db)

    def with_station(self) -> RefusedReportQuerySet:
        """Add what is known of the station that now has the MAC, or None; and whether it has the field in `part`."""
        stations = Station.objects.filter(mac=models.OuterRef("mac")).order_by()
        fields = Field.objects.filter(station__mac=models.OuterRef("mac")).annotate(
            text=Cast("number", models.CharField())
        )
        columns = ("id", "name", "active", "last_heard_at", "interval_s")
        return self.annotate(
            **{f"station_{column}": models.Subquery(stations.values(column)[:1]) for column in columns},
            station_has_field=models.Exists(fields.filter(text=models.OuterRef("part"))),
            is_claimed=models.Exists(
                Key.objects.alone().filter(digest=models.OuterRef("digest"), station__active=True)
            ),
        )

    def unknown(self, mac: str) -> RefusedReportQuerySet:
        return self.filter(reason=Reason.UNKNOWN_MAC, mac=mac)


class RefusedReport(models.Model):
    """Refusals from one network for one reason, and their number. Every text in it may come from an attacker."""

    reason = models.CharField(max_length=16, choices=Reason)
    mac = models.CharField("MAC address", max_length=17, blank=True)
    network = models.CharField("from", max_length=43, blank=True, help_text="An IPv4 address, or the /64 of IPv6.")
    part = models.CharField(
        max_length=16, blank=True, help_text="The part of the report, the number of the field, or the end of the key."
    )
    count = models.PositiveBigIntegerField("times")
    first_at = EpochMillisField("first")
    last_at = EpochMillisField("last", db_index=True)
    answer = models.CharField(max_length=120, blank=True, help_text="What the board was told.")
    example = models.CharField("newest example", max_length=300, blank=True, help_text="Keys are masked.")
    # An earlier freetemp, which knows neither column, can add rows too.
    device = models.CharField(
        max_length=20,
        blank=True,
        default="",
        db_default="",
        help_text="What sent it, if it was a device of another maker: a key of stations.devices.",
    )
    digest = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="SHA-256 of a key that names no station, in hex: somebody may make it a station's key.",
    )

    objects = RefusedReportQuerySet.as_manager()

    class Meta:
        ordering = ["-last_at", "-pk"]
        verbose_name = "refused report"
        constraints = [
            models.UniqueConstraint(fields=["reason", "mac", "network", "part"], name="refused_report_counted_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} {self.mac or self.part} from {self.network}".replace("  ", " ")

    @property
    def refused_part(self) -> str:
        """Return what was refused: a part of the report, a field, or an unknown key by its device and its end."""
        if self.reason == Reason.KEY_ALONE:
            return " ".join(filter(None, [self.device, self.part and f"…{self.part}"]))
        is_number = self.part and self.reason in (Reason.FIELD, Reason.TOO_OFTEN)
        return f"field {self.part}" if is_number else self.part

    @property
    def advice(self) -> str:
        return Reason(self.reason).advice

    @property
    def is_repeated(self) -> bool:
        """Tell whether a board or a program goes on with it, which is more than a person's own tries."""
        return self.count >= FEW and self.last_at - self.first_at >= OWN_TRIES

    def is_heard_since(self, at: datetime) -> bool:
        """Tell whether the station was heard after the last refusal. Only rows of with_station() know."""
        row: Any = self
        # A later moment than now is of a clock that was ahead: it says nothing.
        return bool(self.last_at < (row.station_last_heard_at or self.last_at) <= at + AHEAD)

    def is_done(self, at: datetime) -> bool:
        """Tell whether the advice was followed since the last refusal. Only rows of with_station() know."""
        row: Any = self
        if self.reason == Reason.KEY_ALONE:
            return bool(row.is_claimed)
        if row.station_id is None:
            return False  # A stranger: it is forgotten by staff, or after a day.
        if self.reason in (Reason.UNKNOWN_MAC, Reason.INACTIVE):
            return self.reason == Reason.UNKNOWN_MAC or bool(row.station_active)
        if self.reason == Reason.FIELD and row.station_has_field:
            return True
        is_heard = self.is_heard_since(at)
        if self.reason == Reason.WRONG_KEY:
            return is_heard
        # Between two refused reports a board may well have one accepted.
        return is_heard and at - self.last_at > timedelta(seconds=LATE_AFTER * row.station_interval_s)
