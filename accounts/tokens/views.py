"""The page of a person's tokens."""

from __future__ import annotations

from typing import NamedTuple, cast

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables

from accounts.models import ApiToken
from accounts.rule import can_confirm
from accounts.tokens.forms import TokenForm
from freetemp.formatting import dated
from freetemp.http.posted_rows import row_number


class Told(NamedTuple):
    """A token with sentences about it."""

    token: ApiToken
    sentences: list[str]


@method_decorator(never_cache, name="dispatch")
class TokensView(LoginRequiredMixin, View):
    """Lists a person's tokens. A new one appears in the answer to the click that made it, and nowhere after that."""

    http_method_names = ["get", "head", "post"]

    @property
    def user(self) -> User:
        return cast(User, self.request.user)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(TokenForm(self.user))

    @method_decorator(sensitive_variables())
    def post(self, request: HttpRequest) -> HttpResponse:
        if "end" in request.POST:
            return self._end(request.POST["end"])
        form = TokenForm(self.user, request.POST)
        if not form.is_valid():
            return self._page(form, status=400)
        return self._make(request, form)

    @method_decorator([reauthentication_required(enabled=can_confirm), sensitive_variables()])
    def _make(self, request: HttpRequest, form: TokenForm) -> HttpResponse:
        """Make a token if its person was confirmed a moment ago: it outlives a session that somebody left open."""
        token, text = form.make()
        return self._page(TokenForm(self.user), token, text)

    def _end(self, number: str) -> HttpResponse:
        pk = row_number(number)
        token = self._tokens().filter(pk=pk).first()
        if token is not None and ApiToken.objects.filter(pk=token.pk).end():
            messages.success(self.request, _("The token “%(name)s” has ended.") % {"name": token.name})
        return redirect("account-tokens")

    @method_decorator(sensitive_variables())
    def _page(self, form: TokenForm, made: ApiToken | None = None, text: str = "", status: int = 200) -> HttpResponse:
        tokens = [_told(token) for token in self._tokens().prefetch_related("stations", "groups")]
        context = {"form": form, "tokens": tokens, "made": made, "text": text, "server": settings.SERVER_ORIGIN}
        return render(self.request, "accounts/tokens.html", context, status=status)

    def _tokens(self) -> QuerySet[ApiToken]:
        return ApiToken.objects.filter(user=self.user, ended_at=None)


def _told(token: ApiToken) -> Told:
    stations = [str(each) for each in (*token.groups.all(), *token.stations.all())]
    reaches = ", ".join(stations) or _("no station any more") if token.is_limited else _("all stations")
    return Told(token, [token.get_scope_display(), reaches, _end_of(token), _use_of(token)])


def _end_of(token: ApiToken) -> str:
    if token.expires_at is None:
        return _("until it is ended")
    words = _("has expired on %(day)s") if token.state == "expired" else _("until %(day)s")
    return words % {"day": dated(token.expires_at, "j F Y")}


def _use_of(token: ApiToken) -> str:
    if token.last_used_at is None:
        return _("not used yet")
    return _("last used on %(day)s") % {"day": dated(token.last_used_at, "j F Y, H:i")}
