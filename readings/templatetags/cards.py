"""The words above the cards of the home page."""

from __future__ import annotations

from django import template
from django.utils.functional import Promise
from django.utils.translation import ngettext_lazy

from stations.models.status import IMPORTED, Status

register = template.Library()

# Each status has its own texts: a language may need different words for its plural.
_COUNTS: dict[str, Promise] = {
    Status.ALIVE: ngettext_lazy("%(count)d alive", "%(count)d alive", "count"),
    Status.LATE: ngettext_lazy("%(count)d late", "%(count)d late", "count"),
    Status.SILENT: ngettext_lazy("%(count)d silent", "%(count)d silent", "count"),
    IMPORTED: ngettext_lazy("%(count)d imported", "%(count)d imported", "count"),
    Status.NEVER: ngettext_lazy("%(count)d never heard from", "%(count)d never heard from", "count"),
}


@register.simple_tag
def count_words(status: str, count: int) -> str:
    """Return the number of stations with a status, in words: “3 alive”."""
    return str(_COUNTS[status] % {"count": count})
