"""Concerns for an operator about boards and their secrets."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from freetemp.overview.concerns import Concern, Survey, Urgency


def board_concerns(survey: Survey) -> Iterator[Concern | None]:
    """Yield obstacles to flashing boards."""
    if not settings.ENCRYPTION_KEYS:
        advice = "No WiFi password can be kept: run bootstrap.py serve, which adds a key, or see docs/firmware.md."
        yield Concern("encryption", Urgency.NOTE, "ENCRYPTION_KEYS is not set", advice)
