"""MicroPython images for boards."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from audit.deeds import record
from firmware.micropython.image_file import ImageFacts, is_whole, keep_whole
from firmware.models.image_file import DatabaseStorage, ImageFile
from freetemp.fields import EpochMillisField

DEFAULT_BOARD = "ESP8266_GENERIC"
MOST_IMAGES = 40  # Some 30 MB of the database: few are ever flashed.
TOO_MANY = f"There are {MOST_IMAGES} MicroPython images already: delete one that no board needs in the admin."


class TooManyImagesError(Exception):
    """There are as many images as the database shall keep. The message says what to do."""


def image_storage() -> DatabaseStorage:
    return DatabaseStorage()


def _age(image: MicroPythonImage) -> tuple[tuple[int, ...], int]:
    return image.version_key, image.pk


class MicroPythonImageQuerySet(models.QuerySet["MicroPythonImage"]):
    def newest(self, board: str = DEFAULT_BOARD) -> MicroPythonImage | None:
        """Return a board's image with the highest version, the latest if there are two, or None."""
        return max(self.filter(board=board), key=_age, default=None)

    def folder(self) -> Path:
        """Return the folder of this machine's copies, for programs that read files, and of downloads under way."""
        return Path(settings.VAR_DIR, "firmware")

    def taken(self) -> list[int]:
        """Return the number of each board's newest image."""
        return list({image.board: image.pk for image in sorted(self.all(), key=_age)}.values())

    def with_presence(self) -> MicroPythonImageQuerySet:
        """Add whether its content is there, as `has_content`."""
        return self.annotate(has_content=Exists(ImageFile.objects.filter(name=OuterRef("file"))))

    def take(self, path: Path, facts: ImageFacts, board: str) -> MicroPythonImage:
        """Keep a fetched file, which goes. An existing image is not duplicated. Raises TooManyImagesError."""
        image, content = self.filter(sha256=facts.sha256).first(), path.read_bytes()
        with transaction.atomic():
            if image is None:
                if self.count() >= MOST_IMAGES:
                    raise TooManyImagesError(TOO_MANY)
                own = {"sha256": facts.sha256, "size": facts.size, "origin": MicroPythonImage.Origin.FETCHED}
                image = MicroPythonImage(board=board, version=facts.version, **own)
                record("MicroPython image fetched", what=str(image), details={"SHA-256": image.sha256})
                image.file = ContentFile(content, f"{board}-{facts.version}.bin")
                image.save()
            else:
                image.keep(content)
        path.unlink()
        return image

    def take_in_files(self) -> list[MicroPythonImage]:
        """Keep the contents that an earlier freetemp has left in this machine's folder. Its files stay.

        Each node has those that were uploaded there, so each does this when it prepares.
        """
        without = self.exclude(file__in=ImageFile.objects.values("name"))
        found = [image for image in without if image.has_copy()]
        for image in found:
            image.keep(image.copy_path.read_bytes())
        return found


class MicroPythonImage(models.Model):
    """A file that is written onto boards. The file itself cannot always tell its board and its version."""

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
    def name(self) -> str:
        return str(self.file.name)

    @property
    def storage(self) -> DatabaseStorage:
        return cast(DatabaseStorage, self.file.storage)

    @property
    def is_there(self) -> bool:
        """Tell whether its content is there."""
        return self.storage.exists(self.name)

    @property
    def content(self) -> bytes:
        """Return its bytes. Raises FileNotFoundError."""
        with self.storage.open(self.name) as file:
            return bytes(file.read())

    def keep(self, content: bytes) -> None:
        """Keep its content again, which had gone."""
        self.storage.put(self.name, content)

    @property
    def copy_path(self) -> Path:
        return MicroPythonImage.objects.folder() / Path(self.name).name

    def has_copy(self) -> bool:
        """Tell whether this machine has a whole copy, for programs that read files."""
        return is_whole(self.copy_path, self.sha256)

    def copied(self) -> Path:
        """Return the path of this machine's copy, which is made if need be. Raises OSError."""
        path = self.copy_path
        if not self.has_copy():
            keep_whole(path, self.content)
        return path

    @property
    def version_key(self) -> tuple[int, ...]:
        """Return the version's numbers, for comparison. A preview counts as the release that it precedes."""
        return tuple(map(int, re.findall("[0-9]+", self.version.split("-")[0])[:3]))

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the image with its content, and this machine's copy once that is committed."""
        path = self.copy_path
        with transaction.atomic():
            self.storage.delete(self.name)
            deleted = super().delete(*args, **kwargs)
        transaction.on_commit(lambda: path.unlink(missing_ok=True))
        return deleted
