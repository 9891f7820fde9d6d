"""The pages' information about freetemp itself."""

from pathlib import Path

from django import template
from django.db import connection
from django.templatetags.static import static

from freetemp import __version__, read_only

register = template.Library()


@register.simple_tag
def version() -> str:
    """Return the version of freetemp."""
    return __version__


@register.simple_tag
def has_read_only_disk() -> bool:
    """Tell whether the disk of an SQLite database takes no readings, so that pages show old ones only."""
    return connection.vendor == "sqlite" and read_only.is_read_only(Path(connection.settings_dict["NAME"]).parent)


@register.simple_tag
def file_if_collected(path: str) -> str:
    """Return the address of a static file, or an empty text: an error's page must not fail for want of a file."""
    try:
        return static(path)
    except ValueError:
        return ""
