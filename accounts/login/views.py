"""A login, for pages and for the admin, and the way out."""

from __future__ import annotations

from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import _login as allauth_login
from allauth.account.views import _reauthenticate as allauth_confirm
from django.conf import settings
from django.contrib import admin
from django.contrib import auth as django_auth
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.rule import is_half_in
from freetemp.logins.places import one_at_a_time


class LoginView(allauth_login.LoginView):
    """The one page of a login. Whoever is half in goes on to the second factor."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if is_half_in(request, request.user):
            return _on_with(request)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        from allauth.mfa.models import Authenticator

        has_passkeys = Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN).exists()
        return super().get_context_data(**kwargs) | {
            "has_passkeys": has_passkeys,
            "sign_on": settings.OIDC.name if settings.OIDC else "",
            "is_login": True,
        }


class ConfirmView(allauth_confirm.ReauthenticateView):
    """Somebody who is in says the password again, before something dangerous."""


login = LoginView.as_view()
confirm = ConfirmView.as_view()
_login_in_its_place = one_at_a_time(login)


@never_cache
def admin_login(request: HttpRequest) -> HttpResponseBase:
    """Answer the admin's own address of a login: scripts and bookmarks have it, and so has each page of the admin."""
    if request.method == "POST":
        return _login_in_its_place(request)
    if request.user.is_authenticated and not admin.site.has_permission(request):
        return render(request, "account/no_rights.html", status=403)
    return _with_next(request, "account_login")


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    django_auth.logout(request)
    response = redirect(get_next_redirect_url(request) or "home")
    # Pages of before, which the back button would show. Not "storage": it would end messages on this phone.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def to_factors(request: HttpRequest) -> HttpResponse:
    return redirect("mfa_index")


def _on_with(request: HttpRequest) -> HttpResponse:
    """Lead a session that began without a second factor to the page that asks for one, or that offers some."""
    methods = get_adapter().get_reauthentication_methods(request.user)
    by_factor = [method["url"] for method in methods if method["id"].startswith("mfa")]
    return _with_next(request, by_factor[0] if by_factor else "mfa_index")


def _with_next(request: HttpRequest, name: str) -> HttpResponse:
    there = get_next_redirect_url(request)
    return redirect(f"{resolve_url(name)}?{urlencode({'next': there}, safe='/')}" if there else name)
