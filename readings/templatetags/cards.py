"""The words above the cards of the home page, and the cards."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django import template
from django.template import Context
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import ngettext_lazy

from readings.pages.card_html import CardHtml
from readings.pages.home_page import Card
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

_FRESH = {Status.ALIVE, Status.LATE}


@register.simple_tag
def count_words(status: str, count: int) -> str:
    """Return the number of stations with a status, in words: “3 alive”."""
    return str(_COUNTS[status] % {"count": count})


@register.simple_tag(takes_context=True)
def list_items(context: Context, cards: Sequence[Card], found: Collection[Card]) -> SafeString:
    """Return the items of the list of cards. Those that are not found are there all the same: the filter shows them."""
    write, has_map = CardHtml(context.get("units"), context["now"]), bool(context.get("tiles"))
    return SafeString("".join(write.item(card, is_found=card in found, is_on_map=has_map) for card in cards))
