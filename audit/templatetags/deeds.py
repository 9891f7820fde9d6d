"""The last deeds about a row, on its page."""

from __future__ import annotations

from typing import Any

from django import template
from django.db import models
from django.urls import reverse

from audit.shown import events_of

SHOWN = 5

register = template.Library()


@register.inclusion_tag("admin/audit/_last_deeds.html", takes_context=True)
def last_deeds(context: dict[str, Any], row: models.Model) -> dict[str, Any]:
    """Show the last deeds about a row, with a link to all of them."""
    options: Any = row._meta
    every = reverse(f"admin:{options.app_label}_{options.model_name}_history", args=[row.pk])
    return {"events": events_of(row)[:SHOWN], "all": every, "perms": context.get("perms")}
