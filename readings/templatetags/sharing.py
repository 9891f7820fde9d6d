"""Addresses for other sites, by field."""

from django import template

from readings.charts.sharing import Sharing
from stations.models import Field

register = template.Library()


@register.simple_tag
def picture(sharing: Sharing, field: Field) -> str:
    """Return the address of a field's chart over the shown period."""
    return sharing.picture_of(field)
