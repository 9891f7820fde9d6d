"""Programs come in by `Authorization: Bearer` with a token of their person."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts.models import ApiToken
from accounts.models.api_token import BEGINNING
from accounts.tokens.bearer import bearer_of
from audit.actor import be
from stations.wrong_keys import wrong_keys

API = "/api/"
# Pages for people only, where a second factor may be asked for.
NEVER = ("/admin/", "/account/")
WRONG = "The token is wrong, or has ended: make another on the page of your account."
TOO_MANY = "Too many wrong tokens."


class TokenMiddleware:
    """Makes the person whose token a request brings its user, and refuses a wrong token.

    Whoever sends one wants more than everybody sees, and would miss it without a word. Only our own tokens are looked
    at: METRICS_TOKEN, and those by which a board is flashed, are other views' to judge.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    @sensitive_variables()
    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        text = token_in(request)
        if text is None or not _takes_tokens(request):
            return self.get_response(request)
        token = ApiToken.objects.of(text)
        if token is None:
            return _refused(request)
        ApiToken.objects.note_use(token, timezone.now())
        request.user = bearer_of(token)
        request.api_token = token  # type: ignore[attr-defined]
        be(by=f"token {token}")
        return self.get_response(request)


@sensitive_variables()
def token_in(request: HttpRequest) -> str | None:
    """Return the token of ours that a request brings, or None."""
    scheme, _, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    text = text.strip()
    return text if scheme.lower() == "bearer" and text.startswith(BEGINNING) else None


def _takes_tokens(request: HttpRequest) -> bool:
    """Tell whether a token counts at an address: in the API, and where something is only read."""
    path = request.path_info
    return path.startswith(API) or (request.method in ("GET", "HEAD") and not path.startswith(NEVER))


def _refused(request: HttpRequest) -> HttpResponse:
    wait_s = wrong_keys.wait_s(request.META)
    words, status = (TOO_MANY, 429) if wait_s else (WRONG, 401)
    if request.path_info.startswith(API):
        refused: HttpResponse = JsonResponse({"detail": words}, status=status)
    else:
        refused = HttpResponse(f"{words}\n", "text/plain; charset=utf-8", status)
    name, value = ("Retry-After", str(wait_s)) if wait_s else ("WWW-Authenticate", "Bearer")
    refused.headers[name], refused.headers["Cache-Control"] = value, "no-store"
    return refused
