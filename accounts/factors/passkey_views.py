"""The pages of passkeys. They load what checks signatures, 6 MB: only whoever uses passkeys asks for them."""

from __future__ import annotations

from typing import Any

from allauth.account.utils import get_next_redirect_url
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import views
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse, reverse_lazy
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from accounts.factors.views import about_passkeys, in_one
from freetemp.http.proxies import client_network
from freetemp.logins.places import later
from freetemp.shared_counts import SharedCounts

MOST_CHALLENGES, WITHIN_S = 30, 60  # of a network: each takes a row for its session
_challenges = SharedCounts("Challenges for passkeys")


class AddView(views.AddWebAuthnView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        about = about_passkeys(self.request)
        if not about["can_have_passkeys"]:
            return {"form": self.get_form()} | about
        return super().get_context_data(**kwargs) | about


class LoginView(views.LoginWebAuthnView):
    """A login by nothing but a passkey. It goes on to the page that the login was for."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN).exists():
            raise Http404
        network = client_network(request.META)
        if _challenges.exceeds(MOST_CHALLENGES, f"challenges:{network}", WITHIN_S):
            return later(request, WITHIN_S, has_guessed=False)
        return super().get(request, *args, **kwargs)

    def form_invalid(self, form: Any) -> HttpResponse:
        """Say why on the page of the login, which keeps to where it was for."""
        super().form_invalid(form)
        there = get_next_redirect_url(self.request)
        query = f"?{urlencode({'next': there})}" if there else ""
        return HttpResponseRedirect(reverse("account_login") + query)


class ConfirmView(views.ReauthenticateWebAuthnView):
    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form))


class RemoveView(views.RemoveWebAuthnView):
    success_url = reverse_lazy("mfa_index")


class RenameView(views.EditWebAuthnView):
    success_url = reverse_lazy("mfa_index")


add = in_one(AddView.as_view())
login = never_cache(LoginView.as_view())
confirm = never_cache(ConfirmView.as_view())
remove = in_one(RemoveView.as_view())
rename = in_one(RenameView.as_view())
