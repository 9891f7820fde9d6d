"""The form of a login, and that of a person who confirms a password."""

from __future__ import annotations

import unicodedata
from typing import Any

from allauth.account import forms
from allauth.account.models import Login
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

TYPED = "typed"  # In the state of a login: a digest of it, as sessions have.


class LoginForm(forms.LoginForm):
    """allauth's. The name's input is called `username`, as in Django's own form: password managers know it by that."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, password = self.fields["login"], self.fields["password"]
        name.label, password.label, password.help_text = _("User name"), _("Password"), ""
        for field in (name, password):
            field.widget.attrs.pop("placeholder", None)
        name.widget.attrs |= {"autocapitalize": "none", "autofocus": True, "spellcheck": "false"}

    def add_prefix(self, field_name: str) -> str:
        return super().add_prefix("username" if field_name == "login" else field_name)

    def clean_login(self) -> str:
        """Return the name in the letters that Django keeps of it: some keyboards write ü as u and two dots."""
        return unicodedata.normalize("NFKC", self.cleaned_data["login"])

    def clean(self) -> dict[str, Any]:
        """Have the login know the password, by a digest, until the second step: is_still_right() asks."""
        cleaned: dict[str, Any] = super().clean()
        if self.user is not None:
            self._login.state[TYPED] = self.user.get_session_auth_hash()
        return cleaned


def is_still_right(login: Login) -> bool:
    """Tell whether the password of a login that waits for its second step has not been changed since."""
    now = login.user.get_session_auth_hash()
    return constant_time_compare(login.state.get(TYPED, now), now)  # None was typed: it began in another way.


class ConfirmForm(forms.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        password = self.fields["password"]
        password.label = _("Password")
        password.widget.attrs.pop("placeholder", None)
        password.widget.attrs["autofocus"] = True
