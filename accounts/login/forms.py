"""The form of a login, and that of a person who confirms a password."""

from __future__ import annotations

import unicodedata
from typing import Any

from allauth.account import forms
from django.utils.translation import gettext_lazy as _


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


class ConfirmForm(forms.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        password = self.fields["password"]
        password.label = _("Password")
        password.widget.attrs.pop("placeholder", None)
        password.widget.attrs["autofocus"] = True
