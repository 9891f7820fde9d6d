"""No event has a secret, whatever is done with one: in the admin, on pages, and by the code behind both."""

import re

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from alerts.models import Channel, Invitation, PushKey, Recipient
from audit.models import Event
from firmware.models import FlashToken, WiFiNetwork
from stations.models import Key
from uploads.models import Upload

pytestmark = pytest.mark.django_db
WIFI, UPLOAD, PASSWORD, ADDRESS = (
    "wifi password 123",
    "upload-secret-9",
    "a long password of otto",
    "anna@school.example",
)


def written():
    return str(list(Event.objects.values()))


def test_keys_and_tokens_are_told_by_their_ends_at_most(station):
    key = Key.objects.issue(station)
    Key.objects.get().end()
    token = FlashToken.objects.make(station, "keeper")
    FlashToken.objects.end_of(station)
    recipient = Recipient.objects.create(name="Anna", created_at=timezone.now())
    link = Invitation.objects.make(recipient, timezone.now())
    pair = PushKey.objects.make(timezone.now())
    secrets = [key, token, link, pair.private_key(), pair.public_key, Key.objects.get().digest]
    assert Event.objects.count() >= 6
    assert [each for each in secrets if each in written()] == []
    assert re.findall(r"[0-9a-f]{24}", written()) == []


def test_what_is_typed_into_the_admin_as_a_secret_is_not_told(admin_client, station):
    network = {"ssid": "Roof", "place": "", "password": WIFI}
    assert admin_client.post("/admin/firmware/wifinetwork/add/", network).status_code == 302
    of_station = {"station": station.pk, "network": "wunderground", "identity": "IBERLIN1", "is_active": "on"}
    upload = {**of_station, "secret": UPLOAD, "interval_s": "300", "sensors": ""}
    assert admin_client.post("/admin/uploads/upload/add/", upload).status_code == 302
    channels = {"channels-TOTAL_FORMS": "1", "channels-INITIAL_FORMS": "0", "channels-0-address": ADDRESS}
    own = {"name": "Anna", "language": "de", "timezone": "Europe/Berlin", "letter_hour": "7", "active": "on"}
    units = {f"units_{number}": "" for number in range(9)}
    recipient = {**own, **units, **channels, "channels-0-active": "on", "every_station": "on"}
    answer = admin_client.post("/admin/alerts/recipient/add/", recipient)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    User.objects.create_user("otto", ADDRESS, PASSWORD)
    kept = [WiFiNetwork.objects.get().encrypted_password, Upload.objects.get().encrypted_secret]
    kept += [Channel.objects.get().encrypted_address, User.objects.get(username="otto").password]
    assert {"WiFi network added", "upload added", "recipient added", "user added"} <= {
        e.deed for e in Event.objects.all()
    }
    assert [each for each in (WIFI, UPLOAD, PASSWORD, ADDRESS, "school.example", *kept) if each in written()] == []
    assert "password: given" in written()
    assert "secret: given" in written()
