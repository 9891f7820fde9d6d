"""MicroPython images for boards."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import models, transaction
from django.utils import timezone

from audit.deeds import record
from firmware.micropython.image_file import ImageFacts
from freetemp.fields import EpochMillisField

DEFAULT_BOARD = "ESP8266_GENERIC"


def image_storage() -> FileSystemStorage:
    return FileSystemStorage(location=settings.VAR_DIR / "firmware")


def _age(image: MicroPythonImage) -> tuple[tuple[int, ...], int]:
    return image.version_key, image.pk


class MicroPythonImageQuerySet(models.QuerySet["MicroPythonImage"]):
    def newest(self, board: str = DEFAULT_BOARD) -> MicroPythonImage | None:
        """Return a board's image with the highest version, the latest if there are two, or None."""
        return max(self.filter(board=board), key=_age, default=None)

    def folder(self) -> Path:
        """Return the folder of the files."""
        return Path(MicroPythonImage().file.storage.path(""))

    def taken(self) -> list[int]:
        """Return the number of each board's newest image."""
        return list({image.board: image.pk for image in sorted(self.all(), key=_age)}.values())

    def take(self, path: Path, facts: ImageFacts, board: str) -> MicroPythonImage:
        """Move a fetched file, on the same file system, to the images. An existing image is not duplicated."""
        image = self.filter(sha256=facts.sha256).first()
        if image is None:
            own = {"sha256": facts.sha256, "size": facts.size, "origin": MicroPythonImage.Origin.FETCHED}
            image = MicroPythonImage(board=board, version=facts.version, **own)
            image.file.name = image.file.storage.get_available_name(f"{board}-{facts.version}.bin")
        path.replace(image.path)
        with transaction.atomic():
            if image._state.adding:
                record("MicroPython image fetched", what=str(image), details={"SHA-256": image.sha256})
            image.save()
        return image


class MicroPythonImage(models.Model):
    """A file in VAR_DIR/firmware. The file itself cannot always tell its board and its version."""

    class Origin(models.TextChoices):
        FETCHED = "fetched"
        UPLOADED = "uploaded"

    file = models.FileField(storage=image_storage, max_length=200)
    board = models.CharField(max_length=60, default=DEFAULT_BOARD, help_text="As MicroPython calls it.")
    version = models.CharField(max_length=40, help_text="Like 1.28.0. Of a board's images the highest is taken.")
    sha256 = models.CharField("SHA-256", max_length=64, unique=True, editable=False)
    size = models.PositiveIntegerField(editable=False, help_text="Bytes.")
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.UPLOADED, editable=False)
    added_at = EpochMillisField("added", default=timezone.now, editable=False)

    objects = MicroPythonImageQuerySet.as_manager()

    class Meta:
        verbose_name = "MicroPython image"
        ordering = ["board", "-added_at"]

    def __str__(self) -> str:
        return f"{self.board} {self.version}"

    @property
    def path(self) -> Path:
        return Path(self.file.path)

    @property
    def version_key(self) -> tuple[int, ...]:
        """Return the version's numbers, for comparison. A preview counts as the release that it precedes."""
        return tuple(map(int, re.findall("[0-9]+", self.version.split("-")[0])[:3]))

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the image, and its file once the deletion is committed."""
        storage, name = self.file.storage, str(self.file.name)
        deleted = super().delete(*args, **kwargs)
        transaction.on_commit(lambda: storage.delete(name))
        return deleted
