"""What roles in a group are called on pages and in mails about invitations."""

from django.utils.translation import gettext_lazy as _

from stations.access import Role

ROLES = {
    Role.VIEWER: _("to see its stations, with their exact coordinates"),
    Role.KEEPER: _("to look after them, too: edit, issue keys, flash boards, set readings aside"),
    Role.ADMINISTRATOR: _("to add stations and invite people, too"),
}
