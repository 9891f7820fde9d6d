"""Parts of a page that are drawn once for the same values: what a month of last year had is the same every minute.

    {% kept field first month %}...{% endkept %}

The values are all that the part shows; of a field, that is all but its newest value, and of a period's navigation,
whether the period is over. Other values, another language, other units and another path in the server's address are
another part, so that none is ever out of date.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from django import template
from django.db.models import Model
from django.template import Context
from django.template.base import FilterExpression, Node, NodeList, Parser, Token
from django.urls import get_script_prefix
from django.utils.safestring import SafeString

from freetemp.kept import Kept
from freetemp.translations import active_language
from readings.calendar.navigation import Navigation
from stations.models import Field

register = template.Library()

_OF_A_FIELD = ("number", "name", "unit", "decimals", "quantity", "smallest", "largest", "rolls_over_at")
_shown_of = attrgetter(*_OF_A_FIELD)
_PLAIN = {str, SafeString, int, float, bool, type(None)}
MOST_CHARACTERS = 1_500_000  # of each process: some 1,000 parts


kept_parts: Kept[tuple[Any, ...], SafeString] = Kept(MOST_CHARACTERS, len)


class KeptNode(Node):
    def __init__(self, values: list[FilterExpression], nodelist: NodeList) -> None:
        self.values, self.nodelist = values, nodelist

    def render(self, context: Context) -> SafeString:
        values = [_as_value(each.resolve(context)) for each in self.values]
        key = (self, active_language(), context.get("units"), get_script_prefix(), *values)
        part = kept_parts.get(key)
        if part is None:
            part = self.nodelist.render(context)
            kept_parts.put(key, part)
        return part


def _as_value(shown: Any) -> Any:
    """Return a value that is equal only to what looks the same: a row of the database is equal to itself changed."""
    if type(shown) in _PLAIN:
        return shown
    if isinstance(shown, Field):
        return _shown_of(shown)
    if isinstance(shown, Navigation):
        return shown.shown_by
    if isinstance(shown, Model):
        raise TypeError("a kept part shows values, not rows of the database")
    # A named tuple has values only, and is one.
    if type(shown) in {list, tuple}:
        return tuple([_as_value(each) for each in shown])
    return shown


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    """Keep what is between this tag and `endkept`, by the values of this tag."""
    values = [parser.compile_filter(each) for each in token.split_contents()[1:]]
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(values, nodelist)
