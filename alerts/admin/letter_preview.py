"""The letter that a recipient would get now: shown to staff, and sent if they say so."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from csp.decorators import csp_update
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View

from alerts.letters.desk import send_now
from alerts.letters.draft import Content, Draft
from alerts.letters.html import html_of
from alerts.letters.issue import Issue
from alerts.letters.text import text_of
from alerts.letters.words import subject
from alerts.models import LetterRhythm, Recipient
from alerts.models.notice import LINK
from alerts.sending.services import mail_addresses
from freetemp.translations import in_language

# A letter has its style in its elements, as mail programs want it. Its frame has no address: it has the policy of its
# page, and a sandbox in which nothing runs.
STYLED = {"style-src": ["'unsafe-inline'"]}


@method_decorator(csp_update(STYLED), name="dispatch")
class LetterPreviewView(View):
    """Shows a recipient's letter by its rhythm in the address: its text, and a frame with the HTML. A POST sends it."""

    http_method_names = ["get", "head", "post"]
    recipient: Recipient
    rhythm: LetterRhythm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.recipient = get_object_or_404(Recipient, pk=kwargs["pk"])
        if not admin.site.get_model_admin(Recipient).has_change_permission(request, self.recipient):
            raise PermissionDenied
        self.rhythm = LetterRhythm.DAY if kwargs["rhythm"] == LetterRhythm.DAY else LetterRhythm.WEEK
        return super().dispatch(request)

    def content(self) -> Content:
        """Return the letter that was due last, as it would be written now."""
        at = timezone.now()
        draft = Draft(self.recipient, Issue.newest(self.recipient, self.rhythm, at), at, is_asked_for=True)
        while draft.step():
            pass
        return draft.content()

    def get(self, request: HttpRequest) -> HttpResponse:
        content = self.content()
        with in_language(self.recipient.language):
            told, text, html = subject(content), text_of(content), html_of(content)
        return render(
            request,
            "admin/alerts/recipient/letter.html",
            admin.site.each_context(request)
            | {
                "title": f"Letter to {self.recipient}",
                "opts": Recipient._meta,
                "object": self.recipient,
                "rhythm": self.rhythm,
                "subject": told,
                "text": text.replace(LINK, "…"),
                "html": _framed(html, content),
                "language": self.recipient.language,
                "has_mail": mail_addresses(self.recipient).exists(),
            },
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        if mail_addresses(self.recipient).exists():
            send_now(self.content())
            messages.info(request, "A letter is on its way. The message's page says whether it was taken.")
        else:
            messages.error(request, "Letters go by mail: give a mail address first.")
        return redirect("admin:alerts_recipient_change", self.recipient.pk)


def _framed(html: str, content: Content) -> str:
    """Return a letter's HTML with its pictures inside, and without the address that ends such letters."""
    html = html.replace(LINK, "#")
    for chart in content.charts:
        html = html.replace(f"cid:{chart.name}", f"data:image/png;base64,{b64encode(chart.png).decode()}")
    return html
