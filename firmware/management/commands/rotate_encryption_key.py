"""Encrypt every WiFi password with the first of ENCRYPTION_KEYS, so that the others may go (docs/firmware.md)."""

from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.db import transaction

from firmware.encryption import NO_KEY, EncryptionError, rotate
from firmware.models import WiFiNetwork
from freetemp.command import BaseCommand


class Command(BaseCommand):
    help = "Encrypt every WiFi password with the first of ENCRYPTION_KEYS. All of them change, or none."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.ENCRYPTION_KEYS:
            raise CommandError(NO_KEY)
        if len(settings.ENCRYPTION_KEYS) == 1:
            raise CommandError(
                "ENCRYPTION_KEYS holds one key: put a new one and a comma in front of it, restart the server, then "
                "run this again. docs/firmware.md has the line that makes a key."
            )
        count = self.rotate()
        self.stdout.write(
            f"{count} WiFi passwords are encrypted with the first key now. Remove the others from ENCRYPTION_KEYS and "
            "restart the server; backups of the database made before still need them."
        )

    @transaction.atomic
    def rotate(self) -> int:
        networks = WiFiNetwork.objects.exclude(encrypted_password="").select_for_update()
        lost = []
        for network in networks:
            try:
                network.encrypted_password = rotate(network.encrypted_password)
            except EncryptionError:
                lost.append(str(network))
            else:
                network.save(update_fields=["encrypted_password"])
        if lost:
            raise CommandError(
                f"Nothing was changed: no key of ENCRYPTION_KEYS decrypts the password of {', '.join(lost)}. Put the "
                "key back that does, or enter the password again in the admin, then run this again."
            )
        return len(networks)
