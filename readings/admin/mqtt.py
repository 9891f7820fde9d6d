"""The MQTT broker for staff: whether freetemp listens, and the devices that have announced themselves there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from audit.audited import Audited
from freetemp.ages import length
from freetemp.overview.concerns import Concern, Item, Survey, Urgency, about
from readings.models import MqttDevice, MqttSession
from stations.admin.columns import ago, thousands
from stations.devices import DEVICES
from stations.models import Station

TOLD_FOR = timedelta(days=1)
AWAY_FOR = timedelta(minutes=10)  # A device that restarts is away for seconds.


def mqtt_concerns(survey: Survey) -> Iterator[Concern | None]:
    """Yield whether listen_mqtt runs and is connected, and devices that wait for a station."""
    if settings.MQTT_BROKER is None:
        return
    session = MqttSession.objects.defer("done").order_by("pk").first() or MqttSession()
    yield _state(session, survey)
    yield _waited(session, survey)
    devices = list(_with_station())
    yield about(
        [device for device in devices if _station_of(device) is None],
        lambda device: Item(str(device), device.model, reverse("admin:readings_mqttdevice_changelist")),
        "mqtt-devices",
        Urgency.NOTE,
        "MQTT devices without a station",
        "Make a station of those that are yours: nothing of them is stored until then.",
        reverse("admin:readings_mqttdevice_changelist"),
    )
    before = survey.at - AWAY_FOR
    yield about(
        [each for each in devices if _station_of(each) and each.offline_since and each.offline_since < before],
        lambda device: Item(
            str(device), _("away since %(moment)s UTC") % {"moment": f"{device.offline_since:%Y-%m-%d %H:%M}"}
        ),
        "mqtt-away",
        Urgency.SOON,
        _("MQTT devices that their broker calls away"),
        _("Look for their power and their WiFi: the broker has lost their connections."),
    )


def _state(session: MqttSession, survey: Survey) -> Concern:
    broker, at = settings.MQTT_BROKER, survey.at
    if not session.is_running(at):
        return Concern(
            "mqtt",
            Urgency.NOW,
            _("Nobody listens to the MQTT broker"),
            _(
                "Start it: sudo systemctl start freetemp-mqtt, or python manage.py listen_mqtt. The broker keeps what "
                "comes for two weeks, if it is set up as docs/mqtt.md says."
            ),
        )
    if session.connected_at is None:
        return Concern("mqtt", Urgency.NOW, f"MQTT: {session.trouble or 'not connected'}", _(_ADVICE))
    last = f"the last message came {length(at - session.message_at)} ago" if session.message_at else "nothing came yet"
    return Concern("mqtt-connected", Urgency.NOTE, f"MQTT: connected to {broker}", f"Nothing has to be done: {last}.")


_ADVICE = gettext_noop(
    "freetemp tries again by itself. See whether the broker runs, and whether MQTT_URL names it, with its user and "
    "password. What devices publish while it is away is lost, unless they keep it."
)


def _waited(session: MqttSession, survey: Survey) -> Concern | None:
    since, until = session.waited_since, session.waited_until
    if since is None or until is None or survey.at - until > TOLD_FOR:
        return None
    messages = "1 message" if session.waited_count == 1 else f"{thousands(session.waited_count)} messages"
    return Concern(
        "mqtt-waited",
        Urgency.NOTE,
        f"{messages} had waited at the broker",
        f"They say no moment of their own, so their values have that of their arrival, {until:%Y-%m-%d %H:%M:%S} UTC. "
        f"They were measured at some time since {since:%Y-%m-%d %H:%M:%S} UTC.",
    )


def _with_station() -> QuerySet[MqttDevice]:
    """Return the devices with their stations, and without what formats know of their topics: it may be long."""
    stations = Station.objects.filter(identity=OuterRef("identity")).order_by()
    return MqttDevice.objects.defer("topics").annotate(
        station_id=Subquery(stations.values("pk")[:1]), station_name=Subquery(stations.values("name")[:1])
    )


def _station_of(device: MqttDevice) -> int | None:
    """Return the number of the device's station, as found by _with_station()."""
    return getattr(device, "station_id", None)


@admin.register(MqttDevice)
class MqttDeviceAdmin(Audited, admin.ModelAdmin[MqttDevice]):
    """Read-only: devices cause the rows. Staff make stations of them, or forget them."""

    list_display = ["device", "model", "identity", "said", "to_do"]
    list_display_links = None
    search_fields = ["name", "identity", "model"]
    actions = ["delete_selected"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[MqttDevice]:
        return _with_station()

    def station_of(self, obj: MqttDevice) -> None:
        """Return none: a device that is forgotten is no station's deed."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: MqttDevice | None = None) -> bool:
        return False

    @admin.display(description="device", ordering="name")
    def device(self, device: MqttDevice) -> str:
        return f"{device}, {DEVICES[device.kind].label.partition(':')[0]}" if device.kind in DEVICES else str(device)

    @admin.display(description="last heard", ordering="seen_at")
    def said(self, device: MqttDevice) -> SafeString | str:
        if device.offline_since:
            return format_html("away since {}", ago(device.offline_since))
        return ago(device.seen_at) if device.seen_at else "-"

    @admin.display(description="what to do")
    def to_do(self, device: MqttDevice) -> SafeString:
        station = _station_of(device)
        if station is not None:
            url = reverse("admin:stations_station_change", args=[station])
            return format_html('Nothing: it is <a href="{}">{}</a>', url, getattr(device, "station_name", ""))
        told = urlencode({"name": str(device)[:80], "device": device.kind, "identity": device.identity})
        return format_html(
            '<a class="button" href="{}?{}">Make a station</a>', reverse("admin:stations_station_add"), told
        )
