"""WiFi networks for staff: a password goes in and never comes out again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from audit.audited import Audited
from firmware.models import StationNetwork, WiFiNetwork
from firmware.validators import validate_wifi_password
from freetemp.encryption import NO_KEY, warn_without_key
from stations.access import access_of
from stations.admin.own_rows import OwnPermissions
from stations.models import Station, StationGroup


class WiFiNetworkForm(forms.ModelForm[WiFiNetwork]):
    password = forms.CharField(
        required=False,
        strip=False,
        max_length=64,
        validators=[validate_wifi_password],
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "size": 30}),
    )
    is_open = forms.BooleanField(
        label="Open network", required=False, help_text="On: anyone may join it, and it has no password."
    )

    class Meta:
        model = WiFiNetwork
        fields = ["ssid", "place", "group"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_password = bool(self.instance.encrypted_password)
        self.initial.setdefault("is_open", not (self.instance._state.adding or self.has_password))
        if "ssid" in self.fields:  # Missing for users with view permission only.
            self.fields["ssid"].strip = False  # type: ignore[attr-defined]  # A name may begin or end with a space.
        self.fields["password"].help_text = self._about_password()

    def _about_password(self) -> str:
        if not self.has_password:
            return "8 to 63 characters. It is encrypted when it is saved, and not shown again."
        return self.instance.trouble or "It is kept, and not shown. Leave this empty to keep it, or type another."

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        password, is_open = cleaned.get("password"), cleaned.get("is_open")
        if password and is_open:
            self.add_error("is_open", "An open network has no password: clear the password, or untick “Open network”.")
        elif password and not settings.ENCRYPTION_KEYS:
            self.add_error("password", NO_KEY)
        elif not (password or is_open or self.has_password or "password" in self.errors):
            self.add_error("password", "Give the password, or tick “Open network” if there is none.")
        return cleaned

    @sensitive_variables()
    def save(self, commit: bool = True) -> WiFiNetwork:
        if self.cleaned_data["password"] or self.cleaned_data["is_open"]:
            self.instance.set_password(self.cleaned_data["password"])
        return super().save(commit)


def _groups(request: HttpRequest) -> list[int]:
    """Return the groups whose networks somebody may change, by their numbers."""
    return access_of(request.user).groups_for("firmware.change_wifinetwork")


def networks_for(request: HttpRequest) -> QuerySet[WiFiNetwork]:
    """Return the networks that somebody may give to a station: a board tells its password to whoever holds it.

    Keepers of groups give those of their groups, and those that their stations have already.
    """
    if access_of(request.user).is_staff:
        return WiFiNetwork.objects.all()
    stations = Station.objects.kept_by(request.user, "firmware.change_stationnetwork").order_by()
    of_stations = StationNetwork.objects.filter(station__in=stations).order_by().values("network")
    return WiFiNetwork.objects.filter(Q(group__in=_groups(request)) | Q(pk__in=of_stations))


@admin.register(WiFiNetwork)
class WiFiNetworkAdmin(Audited, OwnPermissions, admin.ModelAdmin[WiFiNetwork]):
    form = WiFiNetworkForm
    list_display = ["ssid", "place", "kept", "used_by"]
    search_fields = ["ssid", "place"]
    readonly_fields = ["kept"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[WiFiNetwork]:
        networks: QuerySet[WiFiNetwork] = super().get_queryset(request)
        if not access_of(request.user).is_staff:
            networks = networks.filter(group__in=_groups(request))
        return networks.select_related("group").annotate(station_count=Count("stations"))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Let keepers of groups give a network to a group of theirs, and to no other."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field and not access_of(request.user).is_staff:
            groups = StationGroup.objects.filter(pk__in=_groups(request))
            field.queryset, field.required, field.empty_label = groups, True, None
        return field

    def get_fieldsets(self, request: HttpRequest, obj: WiFiNetwork | None = None) -> Any:
        """Show users with view permission only whether there is a password, without a field to type one."""
        can_type = obj is None or self.has_change_permission(request, obj)
        has_groups = StationGroup.objects.exists() or not access_of(request.user).is_staff
        group = ["group"] if has_groups else []
        return [(None, {"fields": ["ssid", "place", *group, *(["password", "is_open"] if can_type else ["kept"])]})]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        warn_without_key(request)
        return super().changelist_view(request, extra_context)

    @method_decorator(sensitive_post_parameters("password"))
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        warn_without_key(request)
        return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: WiFiNetwork, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if obj.ssid != obj.ssid.strip():
            messages.warning(request, "The network's name begins or ends with a space, and boards look for it so.")
        if change and form.changed_data and obj.stations.exists():
            messages.info(request, "Boards that are in the field learn of it only when they are flashed again.")

    @admin.display(description="password")
    def kept(self, network: WiFiNetwork) -> str:
        return network.trouble or ("none: an open network" if network.is_open else "kept")

    @admin.display(description="stations")
    def used_by(self, network: WiFiNetwork) -> int:
        return int(getattr(network, "station_count", 0))
