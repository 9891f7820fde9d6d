"""The page of a group's invitations: make one, see it once, end one."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables

from accounts.confirmation import once_confirmed
from accounts.invitations.forms import InvitationForm
from accounts.invitations.mail import send_invitation
from accounts.models import Invitation, TooManyMailsError
from accounts.role_words import offer
from freetemp.conf.loopback import is_loopback
from freetemp.formatting import dated
from freetemp.http.posted_rows import row_number
from freetemp.link_picture import qr_code
from stations.access import Role, access_of
from stations.models import StationGroup


@method_decorator(never_cache, name="dispatch")
class InvitationsView(LoginRequiredMixin, View):
    """For whoever may give roles in the group. A new link is in the answer to the click that made it, only there."""

    http_method_names = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            self.group = get_object_or_404(StationGroup, pk=kwargs["pk"])
            self.roles = access_of(request.user).roles_to_give(self.group.pk)
            if not self.roles:
                raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._page(InvitationForm(self.roles))

    @method_decorator(sensitive_variables())
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if "end" in request.POST:
            return self._end(request.POST["end"])
        form = InvitationForm(self.roles, request.POST)
        if not form.is_valid():
            return self._page(form, status=400)
        return self._make(request, form)

    @method_decorator(sensitive_variables())
    @once_confirmed
    def _make(self, request: HttpRequest, form: InvitationForm) -> HttpResponse:
        """Make an invitation if its maker was confirmed a moment ago: a role lasts longer than an open browser."""
        try:
            invitation, text = form.make(self.group, cast(User, request.user))
        except TooManyMailsError:
            form.add_error(
                "email", _("No more mails go there today. Leave the address out, and send the link yourself.")
            )
            return self._page(form, status=400)
        return self._made(invitation, settings.SERVER_ORIGIN + reverse("invitation", args=[text]), form)

    @method_decorator(sensitive_variables())
    def _made(self, invitation: Invitation, address: str, form: InvitationForm) -> HttpResponse:
        """Show a new link, and send it if it goes by mail."""
        made: dict[str, Any] = {"address": address, "picture": qr_code(address)}
        if invitation.mailed_at:
            refusal = send_invitation(invitation, address, form.cleaned_data["language"])
            made |= {"mailed_to": invitation.email, "refusal": refusal}
        return self._page(InvitationForm(self.roles), made)

    def _end(self, number: str) -> HttpResponse:
        pk = row_number(number)
        if Invitation.objects.filter(group=self.group, pk=pk).end():
            messages.success(self.request, _("The invitation has ended."))
        return redirect("invitations", pk=self.group.pk)

    @method_decorator(sensitive_variables())
    def _page(self, form: InvitationForm, made: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        invitations = Invitation.objects.usable().filter(group=self.group).select_related("made_by")
        context = {
            "group": self.group,
            "group_url": self._group_url(),
            "is_local": is_loopback(settings.SERVER_URL),
            "form": form,
            "invitations": [(each, _sentences(each)) for each in invitations],
        }
        return render(self.request, "accounts/invitations.html", context | (made or {}), status=status)

    def _group_url(self) -> str:
        may_see = self.request.user.has_perm("stations.view_stationgroup", self.group)
        return reverse("admin:stations_stationgroup_change", args=[self.group.pk]) if may_see else ""


def _sentences(invitation: Invitation) -> list[str]:
    sentences = [offer(Role(invitation.role))]
    if invitation.made_by is not None:
        sentences.append(_("by %(name)s") % {"name": invitation.made_by.get_username()})
    if invitation.mailed_at is not None:
        sentences.append(_("the mail server took the mail") if invitation.mail_taken else _("not sent by mail"))
    return [*sentences, _("until %(day)s") % {"day": dated(invitation.expires_at, "j F Y, H:i")}]
