"""The form by which a person makes a token for a program."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from accounts.models import ApiToken, Scope
from stations.models import Station, StationGroup

MOST = 50  # usable tokens of one person
LASTS = [
    ("30", gettext_lazy("for a month")),
    ("365", gettext_lazy("for a year")),
    ("", gettext_lazy("until it is ended")),
]


class TokenForm(forms.Form):
    """Asks what a token is for, and bounds it."""

    name = forms.CharField(
        label=gettext_lazy("What is it for?"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": gettext_lazy("Grafana at school")}),
    )
    scope = forms.ChoiceField(
        label=gettext_lazy("It permits"),
        choices=[
            (Scope.READ, gettext_lazy("to read what you may see")),
            (Scope.WRITE, gettext_lazy("to flash boards too, if you may do that")),
        ],
        initial=Scope.READ,
        widget=forms.RadioSelect,
    )
    lasts = forms.ChoiceField(label=gettext_lazy("It is good"), choices=LASTS, initial="365", required=False)
    groups = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Groups of stations"),
        queryset=StationGroup.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    stations = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Stations"),
        queryset=Station.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["stations"].queryset = Station.objects.visible_to(user).order_by("name")  # type: ignore[attr-defined]
        self.fields["groups"].queryset = _groups_of(user)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        if ApiToken.objects.usable().filter(user=self.user).count() >= MOST:
            raise forms.ValidationError(_("You have %(count)d tokens already: end one first.") % {"count": MOST})
        return super().clean() or {}

    @sensitive_variables()
    def make(self) -> tuple[ApiToken, str]:
        """Make the token, and return it with its text."""
        asked = self.cleaned_data
        lasts = timedelta(days=int(asked["lasts"])) if asked["lasts"] else None
        return ApiToken.objects.make(
            self.user, asked["name"], asked["scope"], lasts=lasts, stations=asked["stations"], groups=asked["groups"]
        )


def _groups_of(user: User) -> Any:
    """Return the groups that a token of a person may be for: their own, and for staff all of them."""
    groups = StationGroup.objects.order_by("name")
    return groups if user.is_staff else groups.filter(memberships__user=user)
