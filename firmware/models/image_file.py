"""The contents of MicroPython images, in the database: every node has them, and a backup of the database too."""

from __future__ import annotations

from typing import IO, Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from django.db import models
from django.utils.deconstruct import deconstructible

from firmware.micropython.image_file import MAX_BYTES


class ImageFile(models.Model):
    """The content of an image, by the name that its row has for it. A list of images reads none."""

    name = models.CharField(max_length=200, unique=True)
    content = models.BinaryField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


@deconstructible
class DatabaseStorage(Storage):
    """Django's interface to them. What is saved or deleted here is so with the transaction around it."""

    def exists(self, name: str) -> bool:
        return ImageFile.objects.filter(name=name).exists()

    def delete(self, name: str) -> None:
        ImageFile.objects.filter(name=name).delete()

    def put(self, name: str, content: bytes) -> None:
        """Keep a content under a name, in place of what is there."""
        if len(content) > MAX_BYTES:
            raise ValueError(f"{name} has more than {MAX_BYTES} bytes")
        ImageFile.objects.update_or_create(name=name, defaults={"content": content})

    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        """Return the content. Raises FileNotFoundError."""
        found = ImageFile.objects.filter(name=name).first()
        if found is None:
            raise FileNotFoundError(name)
        return ContentFile(bytes(found.content), name)

    def _save(self, name: str, content: IO[bytes]) -> str:
        content.seek(0)  # The form has read it, to look what it is.
        self.put(name, content.read())
        return name
