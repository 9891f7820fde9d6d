"""What django-allauth asks this server about a login. It loads the first lines of this with every process."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import SignOn
from accounts.rule import SIGN_ON, confirmed_by_sign_on
from freetemp.http.proxies import client_address
from freetemp.logins.places import later
from freetemp.logins.wrong_passwords import Try

UNKNOWN_ADDRESS = "0.0.0.0"  # noqa: S104 - a word for allauth, which answers 403 to a client without one, as on a socket


class AccountAdapter(DefaultAccountAdapter):
    """Lets nobody sign up, counts wrong passwords as freetemp.logins does, and asks for a factor that is there."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": gettext_lazy("The user name or the password is wrong. Capital letters count."),
        "incorrect_password": gettext_lazy("That is not the password of this account."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: administrators make accounts."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request.META) or UNKNOWN_ADDRESS

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Return the person with this name and password, or None. It answers 429 if too many came."""
        attempt = Try.password(request.META, str(credentials.get("username", "")))
        begin(request, attempt)
        user = authenticate(request, **credentials)
        if user is None:
            attempt.was_wrong()
        else:
            attempt.was_right()
        return user

    def reauthenticate(self, user: User, password: str) -> bool:
        found = self.authenticate(self.request, username=user.get_username(), password=password)
        return found is not None and found.pk == user.pk

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """Return the ways to confirm who is here: a second factor, for whoever has one, and never a password alone.

        Whoever has neither, since the account was made by the single sign-on, logs in at its provider again.
        """
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        by_factor = [method for method in methods if method["id"].startswith("mfa")]
        return by_factor or methods or _by_sign_on(user)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Tell whether somebody has to confirm who is here. allauth does not know of the single sign-on."""
        if confirmed_by_sign_on(self.request, self.request.user):
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Refuse a passkey alone for an account of the single sign-on: it would outlast the one at the provider."""
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        if response is None and _is_for_sign_on(user) and not _came_by_sign_on(request, user):
            messages.error(request, _("This account logs in by the single sign-on only."))
            return HttpResponseRedirect(reverse("account_login"))
        return response

    def is_safe_url(self, url: str | None) -> bool:
        """Tell whether a page may follow: one of this address. allauth takes all names of this server on any port."""
        here = {self.request.get_host()}
        return url_has_allowed_host_and_scheme(url, allowed_hosts=here, require_https=self.request.is_secure())

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("admin:index" if admin.site.has_permission(request) else "account")

    def login(self, request: HttpRequest, user: User) -> None:
        """Log somebody in. Passkeys and second steps bring a person whom no backend has named."""
        if not hasattr(user, "backend"):
            user.backend = "django.contrib.auth.backends.ModelBackend"
        super().login(request, user)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        messages.error(request, _("This account is switched off. An administrator can switch it on again."))
        return HttpResponseRedirect(reverse("account_login"))

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """Say errors only: what was done is seen on the page that follows."""
        if level == messages.ERROR:
            super().add_message(request, level, *args, **kwargs)


def _by_sign_on(user: User | AnonymousUser) -> list[dict[str, Any]]:
    if settings.OIDC is None or not user.is_authenticated or not SignOn.objects.filter(user=user).exists():
        return []
    words = _("Log in at %(name)s again") % {"name": settings.OIDC.name}
    return [{"id": SIGN_ON, "description": words, "url": reverse("sso_confirm")}]


def _is_for_sign_on(user: User) -> bool:
    """Tell whether an account was made by the single sign-on, and nobody has given it a password since."""
    return not user.has_usable_password() and SignOn.objects.filter(user=user, made_account=True).exists()


def _came_by_sign_on(request: HttpRequest, user: User) -> bool:
    return any(record.get("method") == SIGN_ON for record in get_authentication_records(request, user))


def begin(request: HttpRequest, attempt: Try) -> None:
    """Count a try before its secret is looked at. Answer 429 at once if it has to wait."""
    wait_s = attempt.begin()
    if wait_s:
        raise ImmediateHttpResponse(later(request, wait_s, is_of_account=attempt.is_of_account))
