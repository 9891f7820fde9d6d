"""The pages of links in messages: to look after a trouble, to hear nothing for a while, to get no more letters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from alerts.models import Incident, LetterRhythm, Mute, Notice, Recipient
from audit.deeds import record
from freetemp.http.secret_addresses import keep_secret
from freetemp.translations import in_language

DAYS = {"day": 1, "week": 7}


@method_decorator(never_cache, name="dispatch")
class NoticeView(View):
    """GET shows buttons and changes nothing: scanners of mails follow links. A POST acts, once."""

    http_method_names = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        notice = Notice.objects.select_related("recipient").filter(pk=kwargs["pk"]).first()
        if notice is None or not notice.is_token(kwargs["token"]):
            raise Http404
        with in_language(notice.recipient.language):
            return super().dispatch(request, notice)

    def get(self, request: HttpRequest, notice: Notice) -> HttpResponse:
        return self._page(request, notice, "used" if notice.used_at else "")

    def post(self, request: HttpRequest, notice: Notice) -> HttpResponse:
        action = request.POST.get("action", "")
        if action not in ("acknowledge", *DAYS):
            return self._page(request, notice, "")
        with transaction.atomic():
            if not Notice.objects.filter(pk=notice.pk, used_at=None).update(used_at=timezone.now()):
                return self._page(request, notice, "used")
            _act(notice, action)
        return self._page(request, notice, action)

    def _page(self, request: HttpRequest, notice: Notice, done: str) -> HttpResponse:
        incidents = notice.incidents.select_related("station", "field", "rule__field__station", "rule__station")
        return keep_secret(
            render(request, "alerts/notice.html", {"notice": notice, "incidents": incidents, "done": done})
        )


@method_decorator([csrf_exempt, never_cache], name="dispatch")
class LettersView(View):
    """Ends a recipient's letters, and nothing else. GET only shows a button.

    A mail program's own button posts without a cookie, and without having seen the page (RFC 8058).
    """

    http_method_names = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        recipient = Recipient.objects.filter(pk=kwargs["pk"]).first()
        if recipient is None or not recipient.is_token(kwargs["token"]):
            raise Http404
        with in_language(recipient.language):
            return super().dispatch(request, recipient)

    def get(self, request: HttpRequest, recipient: Recipient) -> HttpResponse:
        return keep_secret(render(request, "alerts/letters.html", {"goes_on": bool(recipient.letter)}))

    def post(self, request: HttpRequest, recipient: Recipient) -> HttpResponse:
        with transaction.atomic():
            wanted = Recipient.objects.filter(pk=recipient.pk).exclude(letter=LetterRhythm.NEVER)
            if wanted.update(letter=LetterRhythm.NEVER, letter_done=None):
                record("letters ended by their link", of=recipient)
        recipient.letter = LetterRhythm.NEVER
        return self.get(request, recipient)


def _act(notice: Notice, action: str) -> None:
    incidents = Incident.objects.filter(notices=notice)
    said = "trouble acknowledged" if action == "acknowledge" else f"silence for a {action} asked for"
    record(f"{said} by a message's link", of=notice.recipient, details={"message": notice.subject})
    if action == "acknowledge":
        incidents.filter(acknowledged_at=None).update(
            acknowledged_at=timezone.now(), acknowledged_by=notice.recipient.name
        )
        return
    until = timezone.now() + timedelta(days=DAYS[action])
    for station in set(incidents.values_list("station", flat=True)):
        Mute.objects.update_or_create(recipient=notice.recipient, station_id=station, defaults={"until": until})
