"""The moment at which a token or a link was last used, written rarely: a program may ask every second."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import DatabaseError, models
from django.db.models import Q

logger = logging.getLogger(__name__)

EVERY = timedelta(minutes=5)

Row = TypeVar("Row", bound=models.Model)


class LastUseQuerySet(models.QuerySet[Row]):
    """Rows with a `last_used_at`."""

    def note_use(self, row: Row, at: datetime) -> None:
        """Write that a row is used, unless it was a moment ago. A database that takes nothing refuses nobody."""
        last: datetime | None = row.last_used_at  # type: ignore[attr-defined]
        if last is not None and timedelta() <= at - last < EVERY:
            return
        # A clock that was ahead may have written another. Of two at once, one writes.
        is_old = Q(last_used_at=None) | Q(last_used_at__lte=at - EVERY) | Q(last_used_at__gt=at)
        try:
            self.filter(is_old, pk=row.pk).update(last_used_at=at)
        except DatabaseError as error:
            logger.warning("A use of %s is not dated: %s", row._meta.verbose_name, error)
