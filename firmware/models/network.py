"""WiFi networks, and the stations that join them."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.views.decorators.debug import sensitive_variables

from firmware.validators import MAX_SSID_BYTES, validate_ssid
from freetemp import encryption
from stations.models import Station, StationGroup


class WiFiNetwork(models.Model):
    """A network that boards may join. Its password is decrypted only to write a board's configuration."""

    ssid = models.CharField(
        "network name (SSID)",
        max_length=MAX_SSID_BYTES,
        validators=[validate_ssid],
        help_text="Exactly as the access point sends it, upper and lower case too. An ESP8266 knows 2.4 GHz only.",
    )
    place = models.CharField(
        max_length=60, blank=True, help_text="Tells it from another of the same name, like “Boat house”."
    )
    group = models.ForeignKey(
        StationGroup,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="networks",
        help_text="The group whose keepers may change it and give it to their stations. Empty: only staff do.",
    )
    encrypted_password = encryption.EncryptedField(editable=False, blank=True)  # Empty: an open network.

    class Meta:
        verbose_name = "WiFi network"
        ordering = ["ssid", "place"]
        constraints = [
            models.UniqueConstraint(
                fields=["ssid", "place"],
                name="wifinetwork_once",
                violation_error_message="This network is there already: change that one, or give this one a place.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.ssid} ({self.place})" if self.place else self.ssid

    @property
    def is_open(self) -> bool:
        return not self.encrypted_password

    @sensitive_variables()
    def set_password(self, password: str) -> None:
        """Encrypt the password; an empty one makes the network open. Raises EncryptionError without a key."""
        self.encrypted_password = encryption.encrypt(password)

    def password(self) -> str:
        """Return the password, "" for an open network. Raises EncryptionError if its key is lost."""
        return encryption.decrypt(self.encrypted_password)

    @property
    def trouble(self) -> str:
        """Return sentences that say why the password cannot be read, or nothing."""
        try:
            self.password()
        except encryption.EncryptionError as error:
            return f"It cannot be read. {error}"
        return ""


class StationNetwork(models.Model):
    """A network that a station joins. The station takes the one with the lowest position that is in range."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="wifi")
    network = models.ForeignKey(WiFiNetwork, models.PROTECT, related_name="stations", verbose_name="WiFi network")
    position = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1)], help_text="1 is tried first; of two with one number, the older."
    )

    class Meta:
        verbose_name = "WiFi network of a station"
        verbose_name_plural = "WiFi networks of stations"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["station", "network"],
                name="stationnetwork_once",
                violation_error_message="The station has this network already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.network}"
