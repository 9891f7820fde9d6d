"""Encrypt every kept secret with the first of ENCRYPTION_KEYS, so that the others may go (docs/firmware.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import CommandError
from django.db import models, transaction

from freetemp import deeds
from freetemp.command import BaseCommand
from freetemp.encryption import NO_KEY, EncryptedField, EncryptionError, elsewhere, rotate


class Command(BaseCommand):
    help = "Encrypt every kept secret with the first of ENCRYPTION_KEYS. All of them change, or none."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.ENCRYPTION_KEYS:
            raise CommandError(NO_KEY)
        if len(settings.ENCRYPTION_KEYS) == 1:
            raise CommandError(
                "ENCRYPTION_KEYS holds one key: put a new one and a comma in front of it, restart the server, then "
                "run this again. docs/firmware.md has the line that makes a key."
            )
        counts = ", ".join(f"{count} of {name}" for name, count in self.rotate().items())
        self.stdout.write(
            f"All secrets are encrypted with the first key now: {counts}. Remove the others from ENCRYPTION_KEYS and "
            "restart the server; backups of the database made before still need them."
        )

    @transaction.atomic
    def rotate(self) -> dict[str, int]:
        """Rotate the secrets of every table that has any, and count them by the name of what they belong to."""
        counts, lost = {}, []
        for model, column in _encrypted_columns():
            rows = model._default_manager.exclude(**{column: ""}).select_for_update()
            counts[str(model._meta.verbose_name_plural)] = len(rows)
            lost += [f"{model._meta.verbose_name} {row}" for row in rows if not _rotate_row(row, column)]
        for name, rotate_all in elsewhere.items():
            try:
                counts[name] = rotate_all(rotate)
            except EncryptionError as error:
                lost.append(str(error))
        if lost:
            raise CommandError(
                f"Nothing was changed: no key of ENCRYPTION_KEYS decrypts the secret of {', '.join(lost)}. Put the key "
                "back that does, or enter the secret again in the admin, then run this again."
            )
        deeds.done.send(sender=None, deed="secrets encrypted anew", details=counts)
        return counts


def _encrypted_columns() -> Iterator[tuple[type[models.Model], str]]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedField):
                yield model, field.name


def _rotate_row(row: models.Model, column: str) -> bool:
    """Rotate one row's secret, and tell whether a key decrypts it."""
    try:
        setattr(row, column, rotate(getattr(row, column)))
    except EncryptionError:
        return False
    row.save(update_fields=[column])
    return True
