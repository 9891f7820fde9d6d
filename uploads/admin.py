"""Uploads for staff: what to type, what was accepted last, and why not. A secret goes in and never comes out again."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from audit.audited import Audited
from freetemp.ages import length
from freetemp.encryption import NO_KEY, warn_without_key
from freetemp.fields import from_millis, now_millis
from stations.admin.columns import ago
from stations.admin.own_rows import OwnRows, OwnStationsFilter
from uploads.models import Upload
from uploads.networks import CHOICES, NETWORKS
from uploads.networks.base import FIGURES, Network, Observation
from uploads.observation import newest_ms, observed
from uploads.sender import call_sender

ASKED = "asked"
MOST_SECRET = 200  # characters
PATIENCE_S, TRIES = 12.0, 40  # for the process that sends: it may have to start first


def _about(network: Network) -> tuple[str, ...]:
    minutes = int(network.least_interval.total_seconds() // 60)
    often = "each minute" if minutes == 1 else f"every {minutes} minutes"
    missed = "what was missed in a day is sent later" if network.history else "what was missed is not sent"
    return network.label, network.website, network.identity, network.secret, network.about, often, missed


def _all_networks() -> SafeString:
    """Return what each network wants as the ID and the secret, for somebody who has just registered there."""
    rows = format_html_join(
        "",
        "<dt>{} <small>{}</small></dt><dd>ID: {}. Secret: {}. {} At most {}; {}.</dd>",
        map(_about, NETWORKS.values()),
    )
    words = "Register the station with the network first. Each calls the ID and the secret in its own way:"
    return format_html("{}<dl>{}</dl>", words, rows)


class UploadForm(forms.ModelForm[Upload]):
    secret = forms.CharField(
        required=False,
        max_length=MOST_SECRET,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "size": 40}),
    )

    class Meta:
        model = Upload
        fields = ["station", "network", "identity", "interval_s", "sensors", "server", "is_active"]
        widgets = {
            "network": forms.Select(choices=[("", "---------"), *CHOICES]),
            "identity": forms.TextInput(attrs={"size": 40, "autocomplete": "off", "spellcheck": "false"}),
            "sensors": forms.Textarea(attrs={"rows": 6, "cols": 44, "spellcheck": "false"}),
            "server": forms.TextInput(attrs={"size": 60, "spellcheck": "false"}),
        }
        help_texts = {
            "identity": "The station's ID, site ID or user name there.",
            "interval_s": "Between two observations. Empty: as the network likes it.",
            "sensors": "For openSenseMap: a line for each sensor of the box, with what it shall get and its ID there, "
            f"like “temperature 5a30ea4d2cd32e001b8d9d5a”. It may get {', '.join(FIGURES)}. docs/uploads.md "
            "has the units.",
            "server": "Only for another server that speaks the same protocol, such as another freetemp. Empty: the "
            "network's own.",
            "is_active": "Off: nothing is sent, and what was typed here is kept.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_secret = bool(self.instance.encrypted_secret)
        if "interval_s" in self.fields:  # Missing for users with view permission only.
            self.fields["interval_s"].required = False
        kept = "It is kept, and not shown. Leave this empty to keep it, or type another."
        new = "The key, password or token. It is encrypted when it is saved, and not shown again."
        self.fields["secret"].help_text = kept if self.has_secret else new

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        network = NETWORKS.get(cleaned.get("network") or self.instance.network)
        if network is None:
            return cleaned
        if cleaned.get("interval_s") is None and "interval_s" not in self.errors:
            cleaned["interval_s"] = int(network.interval.total_seconds())
        if cleaned.get("secret") and not settings.ENCRYPTION_KEYS:
            self.add_error("secret", NO_KEY)
        elif cleaned.get("secret") and not network.secret_form.fullmatch(cleaned["secret"]):
            self.add_error("secret", f"{network.label} has no such secret: it wants {network.secret}.")
        elif network.needs_secret and not (cleaned.get("secret") or self.has_secret):
            self.add_error("secret", f"{network.label} wants one: {network.secret}.")
        return cleaned

    @sensitive_variables()
    def save(self, commit: bool = True) -> Upload:
        """Send it soon, with what was typed: what went wrong before counts no more."""
        if self.cleaned_data.get("secret"):
            self.instance.set_secret(self.cleaned_data["secret"])
        self.instance.next_at, self.instance.failures = timezone.now(), 0
        transaction.on_commit(call_sender)  # Before, a process that it calls would not find it.
        return super().save(commit)


@admin.register(Upload)
class UploadAdmin(Audited, OwnRows):
    form = UploadForm
    list_display = ["station", "label", "identity", "state", "accepted"]
    list_display_links = ["station", "label"]
    list_filter = ["is_active", ("station", OwnStationsFilter)]
    search_fields = ["station__name", "identity"]
    readonly_fields = ["state", "accepted", "values"]
    change_form_template = "admin/uploads/upload/change_form.html"

    class Media:
        css = {"all": ["css/admin.css", "css/uploads.css"]}

    def get_fieldsets(self, request: HttpRequest, obj: Upload | None = None) -> Any:
        can_type = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        secret = ["secret"] if can_type else []
        typed = ["station", "label" if obj else "network", "identity", *secret, "is_active"]
        further, other = ["interval_s", "sensors"], ""
        if request.user.is_superuser:
            further, other = [*further, "server"], ", another server"
        own: list[Any] = [
            (None, {"fields": typed, "description": _all_networks() if obj is None else ""}),
            (f"Interval, openSenseMap's sensors{other}", {"fields": further, "classes": ["collapse"]}),
        ]
        return [(None, {"fields": ["state", "accepted", "values"]}), *own] if obj else own

    def get_readonly_fields(self, request: HttpRequest, obj: Upload | None = None) -> Any:
        """Fix the station and the network: what was sent so far belongs to them."""
        return [*self.readonly_fields, *(["station", "label"] if obj else [])]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Upload]:
        return super().get_queryset(request).select_related("station")

    @method_decorator(sensitive_post_parameters("secret"))
    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        warn_without_key(request)
        asked = request.GET.get(ASKED, "")
        if object_id and re.fullmatch("[0-9]{1,15}", asked):
            return self._answer(request, object_id, from_millis(int(asked)))
        return super().changeform_view(request, object_id, *args, **kwargs)

    def _answer(self, request: HttpRequest, object_id: str, asked_at: datetime) -> HttpResponse:
        """Tell what became of an upload that was asked for.

        This waits, and so must not be in the transaction in which Django's admin saves: nobody else could write.
        """
        upload = self.get_object(request, object_id)
        if upload is not None and self.has_view_permission(request, upload):
            tell, sentence = _result(upload, asked_at)
            tell(request, sentence)
        return redirect("admin:uploads_upload_change", object_id)

    def response_add(self, request: HttpRequest, obj: Upload, post_url_continue: str | None = None) -> HttpResponse:
        return self._sent(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Upload) -> HttpResponse:
        return self._sent(request, obj) or super().response_change(request, obj)

    def _sent(self, request: HttpRequest, upload: Upload) -> HttpResponse | None:
        """Have an observation sent at once, if that was asked for. The next page tells what the network says."""
        if "_send_now" not in request.POST:
            return None
        asked_ms = now_millis()
        upload.ask()
        return redirect(f"{reverse('admin:uploads_upload_change', args=[upload.pk])}?{ASKED}={asked_ms}")

    @admin.display(description="network", ordering="network")
    def label(self, upload: Upload) -> str:
        return upload.of_network.label

    @admin.display(description="state")
    def state(self, upload: Upload) -> SafeString | str:
        if not upload.is_active or not upload.station.active:
            return format_html('<span class="status status-inactive">{}</span>', "off")
        if upload.error:
            kind = "silent" if upload.is_denied else "late"
            word = "refused" if upload.is_denied else "waits"
            again = length(max(upload.next_at - timezone.now(), timedelta()))
            return format_html(
                '<span class="status status-{}">{}</span><br><small class="trouble">{} Again in {}.</small>',
                *(kind, word, upload.error, again),
            )
        if upload.is_unsent(timezone.now()):
            return format_html('<span class="status status-late">{}</span>', "nobody sends it: docs/uploads.md")
        return format_html('<span class="status status-alive">{}</span>', "sent" if upload.accepted_at else "soon")

    @admin.display(description="last accepted", ordering="accepted_at")
    def accepted(self, upload: Upload) -> str:
        return ago(upload.accepted_at) if upload.accepted_at else "nothing yet"

    @admin.display(description="what it would send now")
    def values(self, upload: Upload) -> SafeString | str:
        at_ms = newest_ms(upload.station)
        if at_ms is None:
            return "nothing: the station has no values yet"
        found = list(_figures(observed(upload.station, at_ms)))
        return format_html_join(" ", '<span class="value">{} <b>{}</b></span>', found) or "nothing"


def _result(upload: Upload, asked_at: datetime) -> tuple[Callable[[HttpRequest, str], None], str]:
    """Wait until it was sent, for some seconds, and return what to say."""
    name = upload.of_network.label
    for _ in range(TRIES):
        upload.refresh_from_db()
        if not upload.again:
            break
        time.sleep(PATIENCE_S / TRIES)
    if upload.again:
        return messages.warning, "Nobody has sent it yet: see in a minute, and in docs/uploads.md for what sends it."
    if upload.failed_at is not None and upload.failed_at >= asked_at:
        return messages.error, f"{name} has not accepted it. {upload.error}"
    if upload.accepted_at is None or upload.accepted_at < asked_at:
        return messages.warning, "There was nothing to send: the station has no values of now."
    return messages.success, f"{name} has accepted the newest values."


def _figures(observation: Observation) -> Iterator[tuple[str, str]]:
    """Yield what was measured in words, with its unit."""
    for name, figure in FIGURES.items():
        value = getattr(observation, figure.part)
        if value is not None:
            yield name.replace("_", " "), f"{round(value, 2):.7g} {figure.unit}".strip()
