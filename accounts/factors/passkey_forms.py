"""Forms of passkeys. They load what checks signatures, which takes 6 MB: only pages of passkeys import this."""

from __future__ import annotations

from typing import Any

from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms
from django.core.exceptions import ValidationError
from django.forms import HiddenInput, JSONField
from django.forms.fields import InvalidJSONInput
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.factors.forms import let_in, tell_wrong
from accounts.login.adapter import begin
from freetemp.logins.wrong_passwords import Try

LONGEST_NAME = 60


class CredentialField(JSONField):
    """What a browser sends of a passkey. Numbers and brackets without end are wrong, and no error as in Django's."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except (ValueError, RecursionError):
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": ""}) from None

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return nothing: a page that asks again has no use for it."""
        return InvalidJSONInput("")


class AddPasskeyForm(forms.AddWebAuthnForm):
    credential = CredentialField(widget=HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = gettext_lazy("Name")
        self.fields["name"].max_length = LONGEST_NAME
        self.fields["name"].widget.attrs["maxlength"] = LONGEST_NAME
        alone = self.fields["passwordless"]
        alone.initial = True
        alone.label = gettext_lazy("It logs in alone, without name and password")
        alone.help_text = gettext_lazy(
            "The device then asks for its PIN, a finger or a face each time. Switch this off for an old security key."
        )

    def clean_name(self) -> str:
        return str(super().clean_name())[:LONGEST_NAME]


class RenamePasskeyForm(forms.EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = gettext_lazy("Name")
        self.fields["name"].max_length = LONGEST_NAME
        self.fields["name"].widget.attrs |= {"maxlength": LONGEST_NAME, "autofocus": True}

    def clean_name(self) -> str:
        return str(self.cleaned_data["name"])[:LONGEST_NAME]


class _Counted(forms.AuthenticateWebAuthnForm):
    """A passkey's answer. A wrong one makes its network wait, and is a line of the log."""

    credential = CredentialField(widget=HiddenInput)

    def clean_credential(self) -> Authenticator:
        attempt = Try.passkey(context.request.META)
        begin(context.request, attempt)
        try:
            factor = super().clean_credential()
        except (ValidationError, ValueError, TypeError, KeyError, AttributeError):  # The last ones: it was made up.
            attempt.was_wrong()
            tell_wrong(self.user)
            raise ValidationError(_("This passkey is not known here, or the page was open for too long.")) from None
        attempt.was_right()
        return let_in(factor)


class PasskeyForm(_Counted):
    """The second step of a login."""


class PasskeyLoginForm(_Counted, forms.LoginWebAuthnForm):
    """A login by nothing but a passkey."""


class ConfirmPasskeyForm(_Counted, forms.ReauthenticateWebAuthnForm):
    """From somebody who is in and confirms who it is."""
