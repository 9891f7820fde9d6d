"""The page of an invitation's link."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from accounts.invitations.acceptance import OverError, accept
from accounts.invitations.forms import NewcomerForm
from accounts.letters import has_mail
from accounts.models import Invitation
from accounts.role_words import ROLES
from accounts.rule import needs_factor
from freetemp.http.secret_addresses import keep_secret
from stations.access import Role
from stations.wrong_keys import wrong_keys


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class InvitationView(View):
    """GET shows what is offered. A POST takes it, once: for whoever is logged in, or for a newcomer with a password."""

    http_method_names = ["get", "head", "post"]

    @method_decorator(sensitive_variables())
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        invitation = Invitation.objects.of(kwargs["token"], timezone.now())
        if invitation is None:
            return _over(request)
        self.invitation = invitation
        try:
            return keep_secret(super().dispatch(request))
        except OverError as error:
            return _over(request, str(error))

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, NewcomerForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            person = request.user
            accept(self.invitation, lambda: person, timezone.now())
            return redirect(self._welcome(person))
        form = NewcomerForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=400)
        try:
            person = accept(self.invitation, lambda: self._made(form), timezone.now())
        except IntegrityError:  # Somebody else took the name in this moment.
            form.add_error("username", _("Somebody has this name already: choose another."))
            return self._page(request, form, status=400)
        there = self._welcome(person)
        if needs_factor(person):
            there = f"{reverse('account_login')}?{urlencode({'next': there}, safe='/')}"  # It goes on to the factors.
        response: HttpResponse = perform_login(request, person, redirect_url=there)
        return response

    def _made(self, form: NewcomerForm) -> User:
        person = form.save(commit=False)
        person.email = self.invitation.email
        person.save()
        return person

    def _welcome(self, person: User) -> str:
        """Welcome somebody, and return the address to go on to."""
        messages.success(self.request, _("Welcome to %(group)s.") % {"group": self.invitation.group.name})
        is_viewer = self.invitation.role == Role.VIEWER and not person.is_staff
        return reverse("home" if is_viewer else "admin:index")

    def _page(self, request: HttpRequest, form: NewcomerForm, status: int = 200) -> HttpResponse:
        context = {
            "invitation": self.invitation,
            "role": ROLES[Role(self.invitation.role)],
            "form": form,
            "login_url": resolve_url(settings.LOGIN_URL),
            "has_mail": has_mail(),
        }
        return render(request, "accounts/invitation.html", context, status=status)


def _over(request: HttpRequest, error: str = "") -> HttpResponse:
    """Answer an invitation that was used, has ended, or never was: it does not say which."""
    wait_s = 0 if error else wrong_keys.wait_s(request.META)
    page = render(request, "accounts/invitation_over.html", {"error": error}, status=429 if wait_s else 404)
    if wait_s:
        page.headers["Retry-After"] = str(wait_s)
    return keep_secret(page)
