"""The pages' information about freetemp itself."""

from django import template
from django.templatetags.static import static

from freetemp import __version__

register = template.Library()


@register.simple_tag
def version() -> str:
    """Return the version of freetemp."""
    return __version__


@register.simple_tag
def file_if_collected(path: str) -> str:
    """Return the address of a static file, or an empty text: an error's page must not fail for want of a file."""
    try:
        return static(path)
    except ValueError:
        return ""
