"""The form of a letter that mail programs show in place of its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from alerts.models.notice import Notice

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class Letter(models.Model):
    """The HTML of a notice that is a letter. It is written with it, and goes out with each of its tries."""

    notice = models.OneToOneField(Notice, models.CASCADE, related_name="letter")
    html = models.TextField(help_text="It shows its pictures by “cid:” and their names.")

    if TYPE_CHECKING:
        pictures: RelatedManager[Picture]

    def __str__(self) -> str:
        return str(self.notice)


class Picture(models.Model):
    """A chart of a letter."""

    letter = models.ForeignKey(Letter, models.CASCADE, related_name="pictures")
    name = models.CharField(max_length=20)
    png = models.BinaryField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["letter", "name"], name="picture_of_letter_once")]

    def __str__(self) -> str:
        return f"{self.letter}: {self.name}"
