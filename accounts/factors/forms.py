"""Forms of second factors: they count what is wrong, and let people in while the database cannot be written."""

from __future__ import annotations

import logging
from typing import Any

from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import signals
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import validate_totp_code
from django import forms
from django.core.exceptions import ValidationError
from django.db import OperationalError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.login.adapter import begin
from accounts.login.deeds import deed_if_possible
from freetemp.encryption import EncryptionError, decrypt
from freetemp.logins.wrong_passwords import FREE_CODES, Try
from freetemp.shared_counts import SharedCounts

logger = logging.getLogger(__name__)

USED_FOR_S = 90  # A code of an app is right in its 30 s, and in those before and after.
_used = SharedCounts("Used codes")


class CodeForm(AuthenticateForm):
    """A code of an app, or a recovery code. Each is right once."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )

    def clean_code(self) -> str:
        attempt = Try.code(context.request.META, self.user.pk)
        begin(context.request, attempt)
        # allauth takes 123-456 for 123456. It is one code, and used once.
        typed = normalize_user_code("".join(self.cleaned_data["code"].split()))
        found = self._found(typed)
        if found is None:
            self._follow_wrong(attempt)
            raise ValidationError(_("This code is not right, or it was used before."))
        attempt.was_right()
        found.user = self.user
        self.authenticator = let_in(found)
        return typed

    def _follow_wrong(self, attempt: Try) -> None:
        attempt.was_wrong()
        tell_wrong(self.user)
        if attempt.is_one_too_many:
            deed_if_possible(context.request, self.user, "wrong codes", {"codes": FREE_CODES})

    def _found(self, code: str) -> Authenticator | None:
        """Return the factor that a code is of, or None."""
        factors = Authenticator.objects.filter(user=self.user).exclude(type=Authenticator.Type.WEBAUTHN)
        by_type = {factor.type: factor for factor in factors}
        for kind, is_right in (
            (Authenticator.Type.TOTP, _is_of_app),
            (Authenticator.Type.RECOVERY_CODES, _is_recovery),
        ):
            if kind in by_type and is_right(by_type[kind], code):
                return by_type[kind]
        return None


class ConfirmCodeForm(CodeForm, ReauthenticateForm):
    """The same code, from somebody who is in and confirms who it is."""

    def save(self) -> None:
        ReauthenticateForm.save(self)


class AppForm(ActivateTOTPForm):
    """The first code of an app, which proves that the app has the secret."""

    code = CodeForm.base_fields["code"]

    def clean_code(self) -> str:
        typed = "".join(self.cleaned_data["code"].split())
        if not validate_totp_code(self.secret, typed):
            raise ValidationError(
                _("That is not the code that the app shows now. See that the telephone's clock is right.")
            )
        return typed


def _is_of_app(factor: Authenticator, code: str) -> bool:
    """Tell whether an app shows this code now, and nobody used it before. Without the cache nobody can tell."""
    return validate_totp_code(_secret(factor, "secret"), code) and _used.claim(
        f"code:{factor.user_id}:{code}", 1, USED_FOR_S
    )


def _is_recovery(factor: Authenticator, code: str) -> bool:
    _secret(factor, "seed")
    try:
        return bool(RecoveryCodes(factor).validate_code(code))
    except OperationalError:
        raise ValidationError(
            _("The database cannot be written now, so no recovery code can be used: take a code of the app.")
        ) from None


def _secret(factor: Authenticator, name: str) -> str:
    try:
        return decrypt(factor.data[name])
    except EncryptionError:
        logger.exception("The second factor of user %s cannot be read", factor.user_id)
        raise ValidationError(
            _("This server has lost the key of this second factor. An administrator can reset the factor.")
        ) from None


def let_in(factor: Authenticator) -> Authenticator:
    """Return a factor that takes note of its use if the database can be written, and else lets its owner in too."""

    def record_usage(self: Authenticator = factor) -> None:
        try:
            Authenticator.record_usage(self)
        except OperationalError:
            logger.warning("The use of a second factor is not dated: the database cannot be written.")

    factor.record_usage = record_usage
    return factor


def tell_wrong(user: Any) -> None:
    signals.authentication_failed.send(
        sender=Authenticator, request=context.request, user=user, authenticator=None, reauthentication=False
    )
