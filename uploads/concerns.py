"""Concerns of uploads for an operator: what a network refuses, and uploads that nobody sends."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from freetemp.ages import length
from freetemp.overview.concerns import Concern, Item, Survey, Urgency, about
from uploads.models import Upload

SOME = 5  # failures in a row, a quarter of an hour of them


def upload_concerns(survey: Survey) -> Iterator[Concern | None]:
    """Yield the uploads that fail, and those that nobody sends."""
    rows = Upload.objects.active().select_related("station")
    active = [each for each in rows if survey.has(each.station_id)]
    yield about(
        [each for each in active if each.is_denied or each.failures >= SOME],
        _failing,
        "uploads",
        Urgency.SOON,
        _("Uploads that a network does not take"),
        _(
            "Mend the ID or the secret on the upload's page, then try “Send now”. What a network cannot take for a "
            "while is sent again by itself."
        ),
    )
    yield about(
        [each for each in active if each.is_unsent(survey.at)],
        lambda each: Item(
            str(each), _("due for %(length)s") % {"length": length(survey.at - each.next_at)}, _form(each)
        ),
        "unsent",
        Urgency.SOON,
        _("Uploads that nobody sends"),
        _(
            "No process sends them: python3 bootstrap.py serve does, and so does deploy/freetemp-uploads.service "
            "(docs/uploads.md)."
        ),
    )


def _failing(upload: Upload) -> Item:
    return Item(str(upload), upload.error, _form(upload))


def _form(upload: Upload) -> str:
    return reverse("admin:uploads_upload_change", args=[upload.pk])
