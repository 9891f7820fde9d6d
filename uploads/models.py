"""An upload of a station to a network, and what came of it last."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from freetemp import encryption
from freetemp.fields import EpochMillisField, from_millis
from stations.models import Station
from uploads.networks import NETWORKS
from uploads.networks.base import FIGURES, Account, Network, Outcome, Verdict
from uploads.networks.opensensemap import ID

MOST_OF_AN_ERROR = 300  # characters
MOST_INTERVAL = timedelta(days=1)
AGAIN, LONGEST, DENIED = timedelta(minutes=1), timedelta(hours=1), timedelta(hours=6)
HELD = timedelta(minutes=5)  # One that sends has it for so long. If it dies meanwhile, another takes over.
TOO_LONG = timedelta(minutes=15)
BETWEEN_MISSED = timedelta(seconds=2)


class UploadQuerySet(models.QuerySet["Upload"]):
    def wanted(self) -> UploadQuerySet:
        """Return the uploads that are switched on, even of a station that is inactive for now."""
        return self.filter(is_active=True)

    def active(self) -> UploadQuerySet:
        """Return the uploads that are to be sent, of active stations."""
        return self.wanted().filter(station__active=True)

    def due(self, at: datetime) -> UploadQuerySet:
        """Return the active uploads whose time has come, the longest due first."""
        return self.active().filter(next_at__lte=at).order_by("next_at")

    def take(self, upload: Upload, at: datetime) -> bool:
        """Take an upload for a while, and tell whether no other process was faster."""
        return bool(self.filter(pk=upload.pk, next_at=upload.next_at).update(next_at=at + HELD))


class Upload(models.Model):
    """A station's observations for a network. The secret is decrypted only to send them.

    There is no queue of observations: what is to be sent follows from the readings and `sent_until`.
    """

    station = models.ForeignKey(Station, models.CASCADE, related_name="uploads")
    network = models.CharField(max_length=20)  # Without choices: a new network needs no migration.
    identity = models.CharField("ID", max_length=100)
    encrypted_secret = encryption.EncryptedField(editable=False, blank=True)
    server = models.CharField("another server", max_length=200, blank=True)
    sensors = models.TextField(blank=True)
    interval_s = models.PositiveIntegerField(
        "interval in seconds", validators=[MaxValueValidator(int(MOST_INTERVAL.total_seconds()))]
    )
    is_active = models.BooleanField("active", default=True)
    sent_until = EpochMillisField(null=True, editable=False)  # the moment of the last observation that is done with
    accepted_at = EpochMillisField(null=True, editable=False)
    accepted_of = EpochMillisField(null=True, editable=False)  # the moment of the observation that was accepted last
    next_at = EpochMillisField(default=timezone.now, editable=False)
    again = models.BooleanField(default=False, editable=False)  # Somebody asks for it now, be it sent already.
    failures = models.PositiveIntegerField(default=0, editable=False)  # in a row
    error = models.CharField(max_length=MOST_OF_AN_ERROR, blank=True, editable=False)
    failed_at = EpochMillisField(null=True, editable=False)

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["station", "network", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["network", "server", "identity"],
                name="upload_once",
                violation_error_message="This ID has an upload already: two stations cannot share one.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.station} to {self.of_network.label}"

    @property
    def of_network(self) -> Network:
        return NETWORKS[self.network]

    @property
    def is_denied(self) -> bool:
        """Tell whether the network refuses the ID or the secret, so that it is asked again only after hours."""
        return bool(self.error) and self.failed_at is not None and self.next_at - self.failed_at > LONGEST

    def is_unsent(self, at: datetime) -> bool:
        """Tell whether nobody sends it although it is due."""
        return at - self.next_at > TOO_LONG

    @property
    def interval(self) -> timedelta:
        return timedelta(seconds=self.interval_s)

    @sensitive_variables()
    def set_secret(self, secret: str) -> None:
        """Encrypt the secret. Raises EncryptionError without a key."""
        self.encrypted_secret = encryption.encrypt(secret)

    @sensitive_variables()
    def account(self) -> Account:
        """Return what the network needs. Raises EncryptionError if the secret's key is lost."""
        secret = encryption.decrypt(self.encrypted_secret)
        place = (self.station.latitude, self.station.longitude) if self.of_network.needs_place else (None, None)
        return Account(self.identity, secret, self.server, *place, sensors=sensors_in(self.sensors))

    def clean(self) -> None:
        network = NETWORKS.get(self.network)
        if network is None:
            raise ValidationError({"network": "Choose a network."})
        self.identity, self.server = self.identity.strip(), self.server.strip()
        if not network.identity_form.fullmatch(self.identity):
            raise ValidationError({"identity": f"{network.label} has no such ID: it wants {network.identity}."})
        if self.server and not network.server_form.fullmatch(self.server):
            like = f"Give it like {network.server_example}, without a query, or leave it empty."
            raise ValidationError({"server": like})
        self._check_station(network)
        if self.interval < network.least_interval:
            least = int(network.least_interval.total_seconds())
            raise ValidationError({"interval_s": f"{network.label} wants at least {least} seconds between two."})
        if network.needs_sensors:
            self._check_sensors()

    def _check_station(self, network: Network) -> None:
        if not self.station_id:
            return
        if self.station.simulated and not self.server:
            raise ValidationError({"station": "It is simulated: nobody's network gets made-up weather."})
        if network.needs_place and self.station.latitude is None:
            raise ValidationError({"station": f"{network.label} needs the station's coordinates: give it them first."})

    def _check_sensors(self) -> None:
        try:
            found = sensors_in(self.sensors)
        except ValueError as error:
            raise ValidationError({"sensors": str(error)}) from error
        if not found:
            raise ValidationError({"sensors": "Give a line for each of the box's sensors."})

    def settle(self, outcome: Outcome, at_ms: int, at: datetime, more: bool) -> None:
        """Write down what came of an observation of a moment. `more` says that another one waits already."""
        done = outcome.verdict in (Verdict.ACCEPTED, Verdict.UNFIT)
        if done:
            self.sent_until = from_millis(at_ms)
        if outcome.verdict is Verdict.ACCEPTED:
            self.accepted_at, self.accepted_of = at, from_millis(at_ms)
            self.failures, self.error = 0, ""
        else:
            self.failures += 1
            self.failed_at, self.error = at, outcome.why[:MOST_OF_AN_ERROR]
        self.next_at = at + self._wait(outcome.verdict, more)
        self._write()

    def ask(self) -> None:
        """Have it sent at once, by the process that sends: the one that answers people may not reach the internet."""
        self.again, self.next_at = True, timezone.now()
        self.save(update_fields=["again", "next_at"])

    def rest(self, at: datetime) -> None:
        """Look again soon: the station has nothing new."""
        self.next_at = at + min(max(self.interval / 10, timedelta(seconds=5)), AGAIN)
        self._write()

    def _wait(self, verdict: Verdict, more: bool) -> timedelta:
        if verdict is Verdict.NO_ENTRY:
            return DENIED
        if verdict is Verdict.LATER:
            return min(AGAIN * (1 << min(self.failures - 1, 10)), LONGEST)
        return BETWEEN_MISSED if more else self.interval

    def _write(self) -> None:
        """Write only what sending changes: staff may be changing the rest. What was asked for meanwhile stays due."""
        names = ("sent_until", "accepted_at", "accepted_of", "failures", "error", "failed_at")
        changed = {name: getattr(self, name) for name in names}
        row = Upload.objects.filter(pk=self.pk)
        if row.filter(again=self.again).update(again=False, next_at=self.next_at, **changed):
            self.again = False
        else:
            row.update(**changed)


def sensors_in(text: str) -> dict[str, str]:
    """Return the IDs of sensors by the names of their figures, one a line. Raises ValueError with a sentence."""
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, sensor = line.partition(" ")
        if name not in FIGURES:
            raise ValueError(f"“{name}” is none of {', '.join(FIGURES)}.")
        if not ID.fullmatch(sensor.strip()):
            raise ValueError(f"“{line}”: a sensor's ID has 24 digits from 0 to f, after a space.")
        found[name] = sensor.strip()
    return found
