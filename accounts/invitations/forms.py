"""The forms of whoever invites, and of whoever is invited."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables

from accounts.invitations.mail import bound_by_address
from accounts.letters import has_mail
from accounts.models import Invitation
from accounts.role_words import offer
from freetemp.translations import active_language
from stations.access import Role
from stations.models import StationGroup

DAYS = (1, 7, 30)


class InvitationForm(forms.Form):
    """Asks which role somebody gets, of those that may be given."""

    role = forms.ChoiceField(label=_("It permits"), widget=forms.RadioSelect)
    days = forms.TypedChoiceField(label=_("It is good for"), coerce=int, initial=7)
    email = forms.EmailField(
        label=_("Mail address, if there is one"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    language = forms.ChoiceField(label=_("Language of the mail"), choices=settings.LANGUAGES, required=False)

    def __init__(self, roles: list[Role], data: Any = None) -> None:
        super().__init__(data, initial={"role": roles[0].value, "language": active_language()})
        self.fields["role"].choices = [(role.value, offer(role)) for role in roles]  # type: ignore[attr-defined]
        if not has_mail():
            del self.fields["language"]
        self.fields["days"].choices = [(days, _days(days)) for days in DAYS]  # type: ignore[attr-defined]

    @sensitive_variables()
    def make(self, group: StationGroup, user: User) -> tuple[Invitation, str]:
        """Make the invitation, and return it with its secret part. Raises TooManyMailsError."""
        asked, lasts = self.cleaned_data, timedelta(days=self.cleaned_data["days"])
        by_mail = bool(asked["email"]) and has_mail()
        if by_mail:
            bound_by_address(asked["email"])
        return Invitation.objects.make(group, asked["role"], lasts, user, asked["email"], by_mail=by_mail)


def _days(days: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}


class NewcomerForm(UserCreationForm[User]):
    """Asks somebody who is invited for a name and a password."""

    class Meta:
        model = User
        fields = ("username",)
        labels = {"username": _("Name")}

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["username"].help_text = ""
        self.fields["password2"].help_text = ""
