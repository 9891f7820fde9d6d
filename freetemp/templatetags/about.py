"""The pages' information about freetemp itself."""

from django import template

from freetemp import __version__

register = template.Library()


@register.simple_tag
def version() -> str:
    """Return the version of freetemp."""
    return __version__
