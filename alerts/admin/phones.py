"""The admin page that lets a phone come: a link, shown once, also as a picture that the phone's camera reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables

from alerts import phones
from alerts.models import Invitation, Recipient
from alerts.models.phone import VALID_FOR
from freetemp.ages import length
from freetemp.link_picture import qr_code

if TYPE_CHECKING:
    from alerts.admin.recipients import RecipientAdmin

INACTIVE = "This recipient is not active: nobody would be told."


@method_decorator(never_cache, name="dispatch")
class PhoneLinkView(View):
    """GET says what it does. A POST makes a link, in the answer to the click and nowhere after that."""

    model_admin: RecipientAdmin = None  # type: ignore[assignment]  # as_view(model_admin=...) sets it
    http_method_names = ["get", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.has_perm("alerts.change_recipient"):
            raise PermissionDenied
        return super().dispatch(request, get_object_or_404(Recipient, pk=kwargs["pk"]))

    def get(self, request: HttpRequest, recipient: Recipient) -> HttpResponse:
        return self._page(request, recipient, _obstacle(recipient))

    @method_decorator(sensitive_variables())
    def post(self, request: HttpRequest, recipient: Recipient) -> HttpResponse:
        if obstacle := _obstacle(recipient):
            return self._page(request, recipient, obstacle)
        token = Invitation.objects.make(recipient, timezone.now())
        return self._page(request, recipient, link=f"{settings.SERVER_ORIGIN}{reverse('phone', args=[token])}")

    @method_decorator(sensitive_variables())
    def _page(self, request: HttpRequest, recipient: Recipient, obstacle: str = "", link: str = "") -> HttpResponse:
        context = self.model_admin.admin_site.each_context(request) | {
            "title": f"Messages on a phone for {recipient}",
            "opts": Recipient._meta,
            "object": recipient,
            "obstacle": obstacle,
            "link": link,
            "picture": qr_code(link) if link else "",
            "valid_for": length(VALID_FOR),
        }
        return TemplateResponse(request, "admin/alerts/recipient/phone.html", context)


def _obstacle(recipient: Recipient) -> str:
    """Return why no link is made for a recipient, as a sentence, or ""."""
    return phones.obstacle() if recipient.active else INACTIVE
