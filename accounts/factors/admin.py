"""People in the admin: their second factor is seen, and reset if it is lost. Its secrets are nobody's to see."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views import View

from accounts.factors.reset import reset_second_factor
from accounts.login.sessions import end_all
from accounts.models import SignOn
from accounts.people.admin import LookedAfterAdmin
from accounts.people.rights import may_change

for model in (Authenticator, EmailAddress):  # allauth's: a form would show secrets, and no mail address is asked for.
    if admin.site.is_registered(model):
        admin.site.unregister(model)
admin.site.unregister(User)

KINDS = {"totp": "an app for codes", "webauthn": "a passkey"}


@admin.register(User)
class AccountAdmin(LookedAfterAdmin):
    """People, each with the second factor."""

    readonly_fields = [*LookedAfterAdmin.readonly_fields, "second_factor", "single_sign_on"]

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Show the second factor beside the password, for whoever is there already."""
        sets = super().get_fieldsets(request, obj)
        if obj is None:
            return sets
        (title, options), *more = sets
        added = ("second_factor", "single_sign_on") if settings.OIDC else ("second_factor",)
        return [(title, {**options, "fields": (*options["fields"], *added)}), *more]

    @admin.display(description="Single sign-on")
    def single_sign_on(self, person: User) -> str:
        sign_on = SignOn.objects.filter(user=person).first()
        if sign_on is None:
            return "Not connected."
        told = "Made by it" if sign_on.made_account else "Connected"
        return f"{told} on {sign_on.connected_at:%Y-%m-%d}, last login by it on {sign_on.seen_at:%Y-%m-%d}."

    @admin.display(description="Second factor")
    def second_factor(self, person: User) -> SafeString | str:
        kinds = Authenticator.objects.filter(user=person, type__in=KINDS).order_by("pk").values_list("type", flat=True)
        if not kinds:
            return "None: the password is enough." if person.has_usable_password() else "None of this server."
        told = ", ".join(KINDS[kind] for kind in kinds)
        there = reverse("admin:reset-second-factor", args=[person.pk])
        return format_html('{} (<a href="{}">reset it, if it is lost</a>)', told[0].upper() + told[1:], there)

    actions = ["end_sessions"]

    @admin.action(description="End all sessions of selected users", permissions=["change"])
    def end_sessions(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Log people out everywhere, except for those whom this administrator may not change."""
        chosen = [person for person in people if may_change(request.user, person)]
        ended = sum(end_all(request, person) for person in chosen)
        messages.success(request, f"{len(chosen)} of {len(people)} people are logged out: {ended} sessions have ended.")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(ResetView.as_view())
        return [path("<int:pk>/reset-second-factor/", view, name="reset-second-factor"), *super().get_urls()]


@method_decorator(reauthentication_required, name="dispatch")
class ResetView(View):
    """Another administrator resets a lost second factor."""

    http_method_names = ["get", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.person = get_object_or_404(self.allowed(request), pk=kwargs["pk"])
        if not may_change(request.user, self.person):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def allowed(self, request: HttpRequest) -> QuerySet[User]:
        """Return the people whose factor somebody may reset, by accounts.people.rights: all but one's own."""
        if not request.user.has_perm("auth.change_user"):
            raise PermissionDenied
        return User.objects.exclude(pk=cast("int", request.user.pk))

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        content = admin.site.each_context(request) | {
            "title": f"Reset the second factor of {self.person.get_username()}?",
            "person": self.person,
            "opts": User._meta,
        }
        return render(request, "admin/accounts/reset.html", content)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        reset_second_factor(self.person, request)
        messages.success(
            request,
            f"{self.person.get_username()} logs in with the password alone until there is a second factor again. "
            "All sessions of this account are ended.",
        )
        return redirect("admin:auth_user_change", self.person.pk)
