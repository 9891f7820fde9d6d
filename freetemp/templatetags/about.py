"""The pages' information about freetemp itself."""

from django import template
from django.templatetags.static import static

from freetemp import __version__, read_only
from freetemp.disk_reserve import database_folder

register = template.Library()


@register.simple_tag
def version() -> str:
    """Return the version of freetemp."""
    return __version__


@register.simple_tag
def has_read_only_disk() -> bool:
    """Tell whether the disk of an SQLite database takes no readings, so that pages show old ones only."""
    folder = database_folder()
    return folder is not None and read_only.is_read_only(folder)


@register.simple_tag
def file_if_collected(path: str) -> str:
    """Return the address of a static file, or an empty text: an error's page must not fail for want of a file."""
    try:
        return static(path)
    except ValueError:
        return ""
