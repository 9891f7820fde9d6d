"""The page of a link that lets a phone's browser take messages, and the worker that shows them there."""

from __future__ import annotations

from functools import cache
from typing import Any

from csp.constants import NONE
from csp.decorators import csp
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from alerts import phones
from alerts.models import Invitation, PushKey
from alerts.notices import write_test
from freetemp.bundles import without_comments
from freetemp.encryption import EncryptionError
from freetemp.http.secret_addresses import keep_secret
from freetemp.manifest import manifest_from
from freetemp.translations import in_language
from readings.etags import unless_known, validator

WORKER = settings.BASE_DIR / "static" / "js" / "sw.js"
FROM_HOME_SCREEN = "app"  # In the query: the app, whose link stays when it was used long ago.


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class PhoneView(View):
    """GET explains and asks. A POST with a browser's subscription makes it a channel, once."""

    http_method_names = ["get", "head", "post"]

    @method_decorator(sensitive_variables())
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        invitation = Invitation.objects.of(kwargs["token"], timezone.now())
        if invitation is None and FROM_HOME_SCREEN in request.GET:
            return HttpResponseRedirect(reverse("home"))
        if invitation is None:
            return _page(request, {"is_over": True}, status=404)
        with in_language(invitation.recipient.language):
            return super().dispatch(request, invitation, kwargs["token"])

    def get(self, request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
        return self._form(request, invitation, token)

    @method_decorator(sensitive_variables())
    def post(self, request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
        try:
            subscription = phones.subscription_of(request.POST)
            agent = request.headers.get("User-Agent", "")
            channel = phones.accept(invitation, subscription, agent, timezone.now())
        except (phones.SubscriptionError, EncryptionError) as error:
            return self._form(request, invitation, token, str(error), status=400)
        write_test(invitation.recipient, timezone.now(), [channel])
        return _page(request, {"recipient": invitation.recipient, "is_done": True})

    def _form(
        self, request: HttpRequest, invitation: Invitation, token: str, error: str = "", status: int = 200
    ) -> HttpResponse:
        key = PushKey.objects.usable()
        asked = {"recipient": invitation.recipient, "key": key.public_key if key else "", "token": token}
        return _page(request, asked | {"error": error}, status=status)


def _page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return keep_secret(render(request, "alerts/phone.html", context, status=status))


class PhoneManifestView(View):
    """The manifest of that page: on an iPhone, only the installed app takes messages, and it begins at this link."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return manifest_from(f"{reverse('phone', args=[token])}?{FROM_HOME_SCREEN}")


@method_decorator(csp({"default-src": [NONE]}), name="dispatch")
class ServiceWorkerView(View):
    """The worker, whose address says for which pages it is: all below it. Browsers ask for it again each day."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponseBase:
        script = _worker()
        return unless_known(
            request,
            validator(script),
            private=False,
            make=lambda: HttpResponse(script, content_type="text/javascript; charset=utf-8"),
        )


@cache
def _worker() -> str:
    return without_comments(WORKER.name, WORKER.read_text())
