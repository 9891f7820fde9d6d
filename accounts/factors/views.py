"""The pages of second factors: an app that shows codes, recovery codes, and the step after a password."""

from __future__ import annotations

from functools import wraps
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.base import views as base
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from accounts.factors.adapter import proper_address, rp_id
from accounts.login.forms import is_still_right
from accounts.rule import is_half_in
from freetemp.encryption import EncryptionError
from freetemp.logins.places import View

Kind = Authenticator.Type


def in_one(view: View) -> View:
    """Have all that a view changes, and what is written down of it, be there afterwards, or nothing. Keep no answer."""

    @never_cache
    @wraps(view)
    def whole(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not settings.ENCRYPTION_KEYS:
            return render(request, "mfa/no_key.html", status=503)
        try:
            if request.method != "POST":
                return view(request, *args, **kwargs)
            with transaction.atomic():
                return view(request, *args, **kwargs)
        except EncryptionError:
            return render(request, "mfa/no_key.html", {"is_lost": True}, status=503)

    return whole


class IndexView(base.IndexView):
    """The factors of one's account, and the ways to add and remove some."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = super().get_context_data(**kwargs)
        return (
            found
            | about_passkeys(self.request)
            | _state(found["authenticators"])
            | {"is_half_in": is_half_in(self.request, self.request.user)}
        )


def about_passkeys(request: HttpRequest) -> dict[str, object]:
    """Return what a page says of passkeys: whether this address can have some, and where they work if it cannot."""
    return {"can_have_passkeys": rp_id(request) is not None, "proper_address": proper_address(request)}


def _state(factors: dict[str, Any]) -> dict[str, object]:
    codes = factors.get(Kind.RECOVERY_CODES)
    unused = _unused(codes) if codes else 0
    return {
        "app": factors.get(Kind.TOTP),
        "passkeys": factors.get(Kind.WEBAUTHN, []),
        "codes": codes,
        "unused_codes": unused,
        # A passkey alone is lost with its device, and works at no other address.
        "lacks_codes": bool(factors) and Kind.TOTP not in factors and (unused == 0 or not codes or not codes.did_view),
    }


def _unused(codes: Any) -> int:
    """Return the number of recovery codes that are left: none, if their key is lost."""
    try:
        return len(codes.get_unused_codes())
    except EncryptionError:
        return 0


class SecondStepView(base.AuthenticateView):
    """The step of a login after the password."""

    def _build_forms(self) -> Any:
        if not is_still_right(self.stage.login):
            raise ImmediateHttpResponse(self.stage.abort())
        posted = super()._build_forms()
        person = self.stage.login.user
        has_passkeys = Authenticator.objects.filter(user_id=person.pk, type=Kind.WEBAUTHN).exists()
        if not has_passkeys and posted in (None, self.auth_form):
            self.webauthn_form = None
        return posted

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | about_passkeys(self.request) | {"is_login": True}


class RecoveryCodesView(recovery.ViewRecoveryCodesView):
    """The recovery codes, once; afterwards how many are left."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        with transaction.atomic():
            return super().get_context_data(**kwargs)


class ConfirmView(base.ReauthenticateView):
    """Somebody who is in shows a code again, before something dangerous, or because the session began without one."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"is_half_in": is_half_in(self.request, self.request.user)}


index = in_one(IndexView.as_view())
second_step = never_cache(SecondStepView.as_view())
confirm = never_cache(ConfirmView.as_view())
add_app = in_one(totp.ActivateTOTPView.as_view())
remove_app = in_one(totp.DeactivateTOTPView.as_view())
recovery_codes = in_one(RecoveryCodesView.as_view())
new_codes = in_one(recovery.GenerateRecoveryCodesView.as_view())
