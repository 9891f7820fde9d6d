"""What roles in a group are called on pages and in mails, and what they permit."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stations.access import Role

NAMES = {
    Role.VIEWER: pgettext_lazy("role", "Viewer"),
    Role.KEEPER: pgettext_lazy("role", "Keeper"),
    Role.ADMINISTRATOR: pgettext_lazy("role", "Administrator"),
}
ROLES = {
    Role.VIEWER: _("to see its stations, with their exact coordinates"),
    Role.KEEPER: _("to look after them, too: edit, issue keys, flash boards, set readings aside"),
    Role.ADMINISTRATOR: _("to add stations and invite people, too"),
}


def offer(role: Role) -> str:
    """Return the name of a role with what it permits."""
    return f"{NAMES[role]} \N{EN DASH} {ROLES[role]}"
