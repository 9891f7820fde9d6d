"""People who are told, for staff: an address goes in, and only its service is shown afterwards."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from alerts.admin.letter_preview import LetterPreviewView
from alerts.admin.phones import PhoneLinkView
from alerts.admin.units_field import UnitsField
from alerts.models import Channel, LetterRhythm, Recipient
from alerts.notices import write_test
from alerts.sending.services import PHONE, mail_addresses, service_of
from audit.audited import Audited
from freetemp.encryption import NO_KEY, warn_without_key

TEST = "_test"


class ChannelForm(forms.ModelForm[Channel]):
    address = forms.CharField(
        required=False,
        max_length=500,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "placeholder": "anna@school.example, or ntfys://ntfy.sh/topic",
                "size": 40,
                "spellcheck": "false",
            }
        ),
        help_text="A mail address, or one of Apprise. It is encrypted, and not shown again.",
    )

    class Meta:
        model = Channel
        fields = ["address", "name", "active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "address" not in self.fields:
            return
        if self.instance.service == PHONE:
            self.fields["address"].disabled = True
            self.fields["address"].widget.attrs["placeholder"] = "a browser: it came by a link"
        elif self.instance.encrypted_address:
            self.fields["address"].widget.attrs["placeholder"] = "kept; type another to replace it"

    @sensitive_variables()
    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"]).strip()
        if not address:
            if not self.instance.encrypted_address and self.instance.service != PHONE:
                raise forms.ValidationError("Give an address.")
            return ""
        if not settings.ENCRYPTION_KEYS:
            raise forms.ValidationError(NO_KEY)
        self.instance.service = service_of(address)
        return address

    @sensitive_variables()
    def save(self, commit: bool = True) -> Channel:
        if address := self.cleaned_data["address"]:
            self.instance.set_address(address, self.instance.service)
            self.instance.trouble = ""
        return super().save(commit)


class RecipientForm(forms.ModelForm[Recipient]):
    units = UnitsField()

    class Meta:
        model = Recipient
        fields = "__all__"  # noqa: DJ007 - the fieldsets below choose


class ChannelInline(admin.TabularInline[Channel, Recipient]):
    model = Channel
    form = ChannelForm
    extra = 1
    fields = ["service", "address", "name", "active", "state"]
    readonly_fields = ["service", "state"]

    @admin.display(description="state")
    def state(self, channel: Channel) -> str:
        if channel.trouble:
            return channel.trouble
        return "has taken its last message" if channel.sent_at else "nothing was sent yet"


@admin.register(Recipient)
class RecipientAdmin(Audited, admin.ModelAdmin[Recipient]):
    list_display = ["name", "reached_by", "told_of", "quiet", "active"]
    search_fields = ["name"]
    autocomplete_fields = ["stations"]
    inlines = [ChannelInline]
    form = RecipientForm
    readonly_fields = ["seen"]
    fieldsets = [
        (None, {"fields": ["name", "language", "timezone", "units", "active"]}),
        ("Quiet hours", {"fields": [("quiet_from", "quiet_until")]}),
        ("What is told", {"fields": ["every_station", "stations", "told_of_server", "told_of_updates"]}),
        ("Letter", {"fields": [("letter", "letter_hour"), "seen"]}),
    ]
    change_form_template = "admin/alerts/recipient/change_form.html"

    class Media:
        js = ["js/admin/search_labels.js"]

    @method_decorator(sensitive_post_parameters())
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        warn_without_key(request)
        return super().changeform_view(request, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        show = self.admin_site.admin_view(LetterPreviewView.as_view())
        link_for_phone = self.admin_site.admin_view(PhoneLinkView.as_view(model_admin=self))
        return [
            path("<int:pk>/letter/<str:rhythm>/", show, name="alerts_letter"),
            path("<int:pk>/phone/", link_for_phone, name="alerts_recipient_phone"),
            *super().get_urls(),
        ]

    @admin.display(description="what it says")
    def seen(self, recipient: Recipient) -> SafeString | str:
        if recipient.pk is None:
            return "Of a saved recipient, the letter can be seen here, and sent at once."
        address = reverse("admin:alerts_letter", args=[recipient.pk, recipient.letter or LetterRhythm.WEEK])
        return format_html('<a href="{}">See the letter</a>, or send one now', address)

    def save_model(self, request: HttpRequest, obj: Recipient, form: Any, change: bool) -> None:
        if not change:
            obj.created_at = timezone.now()
        if "letter" in form.changed_data:
            obj.letter_done = None  # The first one comes at its next time.
        super().save_model(request, obj, form, change)

    def response_change(self, request: HttpRequest, obj: Recipient) -> HttpResponse:
        _warn_without_mail(request, obj)
        return self._test(request, obj) if TEST in request.POST else super().response_change(request, obj)

    def response_add(self, request: HttpRequest, obj: Recipient, post_url_continue: str | None = None) -> HttpResponse:
        _warn_without_mail(request, obj)
        return self._test(request, obj) if TEST in request.POST else super().response_add(request, obj)

    def _test(self, request: HttpRequest, recipient: Recipient) -> HttpResponse:
        """Have a message sent through each active channel by the watch: a web server may not reach other machines."""
        write_test(recipient, timezone.now())
        text = "A test message is on its way. In half a minute this page says, under “state”, whether it was taken."
        messages.info(request, text)
        return HttpResponseRedirect(reverse("admin:alerts_recipient_change", args=[recipient.pk]))

    @admin.display(description="reached by")
    def reached_by(self, recipient: Recipient) -> str:
        return ", ".join(str(each) for each in recipient.channels.all() if each.active) or "nothing"

    @admin.display(description="told of")
    def told_of(self, recipient: Recipient) -> str:
        if recipient.every_station:
            return "every station"
        return ", ".join(str(each) for each in recipient.stations.all()) or "no station"

    @admin.display(description="quiet hours")
    def quiet(self, recipient: Recipient) -> str:
        if recipient.quiet_from is None or recipient.quiet_until is None:
            return "none"
        return f"{recipient.quiet_from:%H:%M} to {recipient.quiet_until:%H:%M}"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("channels", "stations")


def _warn_without_mail(request: HttpRequest, recipient: Recipient) -> None:
    if recipient.letter and not mail_addresses(recipient).exists():
        messages.warning(request, "Letters go by mail: give a mail address too, or none is written.")
