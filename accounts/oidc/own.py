"""One's own account and the provider's: connected, disconnected, and asked again before something dangerous."""

from __future__ import annotations

from typing import cast

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import resume_request
from allauth.account.utils import get_next_redirect_url
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import SignOn
from accounts.oidc import people
from accounts.oidc.answers import begin, told
from accounts.oidc.handshake import CONFIRM, CONNECT
from accounts.oidc.provider import ours
from accounts.rule import SIGN_ON, confirmed_by_sign_on
from freetemp.formatting import dated


def sign_on_of(request: HttpRequest) -> SignOn | None:
    return SignOn.objects.select_related("user").filter(user=cast("User", request.user)).first()


@told
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Show whether one's account is connected, and the way to change that."""
    sign_on = sign_on_of(request)
    day = dated(sign_on.connected_at, "j F Y") if sign_on else ""
    return render(request, "account/sso.html", {"name": ours().name, "sign_on": sign_on, "day": day})


@told
@require_POST
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types.
def connect(request: HttpRequest) -> HttpResponse:
    """Go to the provider, to connect an account there with one's own."""
    if sign_on_of(request) is not None:
        return redirect("sso")
    return begin(request, CONNECT)


@told
@require_POST
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types.
def disconnect(request: HttpRequest) -> HttpResponse:
    """Take the connection away. Whoever has no password could not log in any more."""
    sign_on = sign_on_of(request)
    if sign_on is not None and sign_on.user.has_usable_password():
        people.disconnect(sign_on)
        messages.success(request, _("Your account is no longer connected with %(name)s.") % {"name": ours().name})
    return redirect("sso")


@told
@login_required
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask somebody without a password and a factor here to log in at the provider again, and go on after that."""
    if confirmed_by_sign_on(request, request.user):
        return resume_request(request) or redirect("account")
    ways = get_adapter().get_reauthentication_methods(request.user)
    if SIGN_ON not in [way["id"] for way in ways]:
        return redirect(ways[0]["url"] if ways else "account")
    if request.method == "POST":
        return begin(request, CONFIRM)
    content = {"name": ours().name, "next": get_next_redirect_url(request) or ""}
    return render(request, "account/sso_confirm.html", content)
