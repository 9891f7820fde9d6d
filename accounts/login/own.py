"""The pages of one's own account: what there is, the password, and the sessions."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, TemplateView

from accounts.confirmation import once_confirmed
from accounts.login import sessions
from accounts.login.deeds import deed
from accounts.login.devices import device_name
from accounts.login.mail import tell
from accounts.models import ApiToken, SignOn
from accounts.role_words import NAMES
from stations.access import Role
from stations.models import Membership


@method_decorator(never_cache, name="dispatch")
class AccountView(LoginRequiredMixin, TemplateView):
    """What one's account has, with the ways to change it."""

    template_name = "account/account.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = cast("User", self.request.user)
        kinds = list(Authenticator.objects.filter(user_id=user.pk).values_list("type", flat=True))
        return super().get_context_data(**kwargs) | {
            "is_account": True,
            "has_app": Authenticator.Type.TOTP in kinds,
            "passkeys": kinds.count(Authenticator.Type.WEBAUTHN),
            "memberships": [_told(each) for each in Membership.objects.filter(user=user).select_related("group")],
            "sign_on": _sign_on(user),
            "tokens": ApiToken.objects.usable().filter(user=user).count(),
        }


def _sign_on(user: User) -> dict[str, object] | None:
    """Return what the page says of the single sign-on, on a server that has one."""
    if settings.OIDC is None:
        return None
    return {"name": settings.OIDC.name, "is_connected": SignOn.objects.filter(user=user).exists()}


def _told(member: Membership) -> tuple[str, str, str]:
    """Return the name of a group, what its member is in it, and the address of what the role is good for."""
    role = Role(member.role)
    pages = {
        Role.VIEWER: reverse("home"),
        Role.KEEPER: reverse("admin:stations_stationgroup_change", args=[member.group_id]),
        Role.ADMINISTRATOR: reverse("invitations", args=[member.group_id]),
    }
    return member.group.name, str(NAMES[role]), pages[role]


class PasswordForm(PasswordChangeForm):
    """Django's. A wrong old password is counted as that of a login."""

    def clean_old_password(self) -> str:
        old = str(self.cleaned_data["old_password"])
        if not get_adapter().reauthenticate(self.user, old):
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return old


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class PasswordView(LoginRequiredMixin, FormView[PasswordForm]):
    template_name = "account/password.html"
    form_class = PasswordForm
    success_url = reverse_lazy("account")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.request.user}

    def form_valid(self, form: PasswordForm) -> HttpResponse:
        """Change it. Every other session ends, since its hash of the password is another one."""
        with transaction.atomic():
            form.save()
            tell(self.request, form.user, "password changed")
        update_session_auth_hash(self.request, form.user)
        messages.success(self.request, _("The password is changed. All other sessions of this account are ended."))
        return super().form_valid(form)


@method_decorator(never_cache, name="dispatch")
class SessionsView(LoginRequiredMixin, TemplateView):
    """Where one is logged in. Each session but this one can be ended."""

    template_name = "account/sessions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        here = self.request.session.session_key
        held = [(each, device_name(each.browser), each.key == here) for each in sessions.of(self.request.user)]
        return super().get_context_data(**kwargs) | {"sessions": sorted(held, key=lambda one: not one[2])}

    @once_confirmed
    def post(self, request: HttpRequest) -> HttpResponse:
        """End some. It asks who is here: whoever finds a browser that is logged in does not shut its owner out."""
        wanted, here = request.POST.get("session", ""), request.session.session_key
        others = [each for each in sessions.of(request.user) if each.key != here]
        chosen = [each for each in others if wanted in ("others", each.mark)]
        if chosen:
            with transaction.atomic():
                sessions.end(chosen)
                deed(request, cast("User", request.user), "sessions ended", {"sessions": len(chosen)})
        count = len(chosen)
        text = ngettext("%(count)d session is ended.", "%(count)d sessions are ended.", count) % {"count": count}
        messages.success(request, text)
        return redirect("account_sessions")
