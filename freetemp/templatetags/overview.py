"""The operator's overview, for the admin's templates."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import template

from freetemp.ages import length
from freetemp.overview.report import Overview

register = template.Library()
register.filter("length_of_time", length)


@register.simple_tag
def overview_for(user: Any) -> Overview | None:
    """Return the overview, or None for a user who may not see stations."""
    return Overview.of(user) if user.has_perm("stations.view_station") else None


@register.filter
def within(duration: timedelta) -> str:
    """Return a length of time in the words that follow “in the last”: “minute”, “3 minutes”."""
    minutes = duration // timedelta(minutes=1)
    return "minute" if minutes == 1 else length(duration)
