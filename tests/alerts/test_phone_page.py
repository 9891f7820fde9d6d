"""A link lets one browser take messages: shown once to staff, used once, and nobody else can add a row."""

import json
import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from alerts.models import Channel, Invitation, Notice, PushKey, Recipient
from alerts.phones import MOST_PHONES, NO_PUSH_KEY, NO_TLS, accept, browser_named, subscription_of
from alerts.phones import SubscriptionError as RefusedError
from alerts.sending.contact import NO_CONTACT
from alerts.sending.services import PHONE
from freetemp.encryption import NO_KEY, encrypt
from tests.alerts.conftest import NOON, make_recipient
from tests.alerts.push_service import ENDPOINT, PhoneBrowser
from tests.conftest import client_of

FIREFOX = "Mozilla/5.0 (Android 15; Mobile; rv:150.0) Gecko/150.0 Firefox/150.0"

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(settings):
    settings.MAIL_FROM = "weather@school.example"
    return PushKey.objects.make(NOON)


@pytest.fixture
def anna():
    return make_recipient(timezone="Europe/Berlin")


@pytest.fixture
def staff(key):
    return client_of(User.objects.create_superuser("admin"))


def page_of(recipient):
    return f"/admin/alerts/recipient/{recipient.pk}/phone/"


def link_for(recipient):
    return f"/alerts/phone/{Invitation.objects.make(recipient, timezone.now())}/"


def come(client, link, browser=None, **own):
    return client.post(link, (browser or PhoneBrowser()).subscription() | own, headers={"User-Agent": FIREFOX})


def test_staff_get_a_link_that_makes_a_phone_a_channel_once(staff, client, key, anna):
    assert page_of(anna) in staff.get(f"/admin/alerts/recipient/{anna.pk}/change/").content.decode()
    page = staff.post(page_of(anna)).content.decode()
    link = re.search(r"http://127\.0\.0\.1:8000(/alerts/phone/[0-9a-f]{32}/)", page)[1]
    assert "qr-code" in page
    assert link not in staff.get(page_of(anna)).content.decode()
    assert link.split("/")[3] not in str(list(Invitation.objects.values()))
    assert "Anna is told here" in client.get(link).content.decode()
    browser = PhoneBrowser()
    assert "A test message is on its way" in come(client, link, browser).content.decode()
    phone = anna.channels.get(service=PHONE)
    assert json.loads(phone.address()) == browser.subscription() | {"key": key.public_key}
    assert re.fullmatch(r"Firefox on Android, \d+ \w{3,4} \(phone\)", str(phone))
    assert [delivery.channel for delivery in Notice.objects.get(kind="test").deliveries.all()] == [phone]
    assert come(client, link).status_code == client.get(link).status_code == 404
    assert anna.channels.count() == 2


def test_to_look_at_it_changes_nothing_and_its_address_stays_here(client, key, anna):
    link = link_for(anna)
    for method in (client.get, client.head):
        response = method(link)
        assert response.status_code == 200
        assert response["Referrer-Policy"] == "same-origin"
        assert "noindex" in response["X-Robots-Tag"]
        assert "no-store" in response["Cache-Control"]
    assert Invitation.objects.exists()


def test_of_two_browsers_that_use_a_link_at_once_one_comes(key, anna):
    token = Invitation.objects.make(anna, timezone.now())
    invitations = [Invitation.objects.of(token, timezone.now()) for _ in range(2)]
    accept(invitations[0], PhoneBrowser().subscription(), FIREFOX, timezone.now())
    with pytest.raises(RefusedError, match="used just now"):
        accept(invitations[1], PhoneBrowser().subscription(ENDPOINT + "2"), FIREFOX, timezone.now())
    assert anna.channels.filter(service=PHONE).count() == 1


def test_nobody_without_a_link_adds_anything(client, key, anna):
    link_for(anna)
    response = come(client, f"/alerts/phone/{'0' * 32}/")
    assert response.status_code == 404
    assert "This link was used already, or is too old" in response.content.decode()
    assert Channel.objects.count() == 1
    assert Client(enforce_csrf_checks=True).post(link_for(anna), PhoneBrowser().subscription()).status_code == 403


def test_a_link_ends_after_a_day_and_with_the_next_one_and_with_its_recipient(client, key, anna):
    old = link_for(anna)
    new = link_for(anna)
    assert client.get(old).status_code == 404
    Recipient.objects.update(active=False)
    assert client.get(new).status_code == 404
    Recipient.objects.update(active=True)
    assert client.get(new).status_code == 200
    Invitation.objects.update(until=timezone.now())
    assert client.get(new).status_code == 404


def test_an_app_that_began_at_a_link_begins_at_the_stations_later(client, key, anna):
    link = link_for(anna)
    manifest = client.get(f"{link}manifest.webmanifest").json()
    assert manifest["start_url"] == f"{link}?app"
    assert f'href="{link}manifest.webmanifest"' in client.get(manifest["start_url"]).content.decode()
    come(client, link)
    assert client.get(manifest["start_url"]).url == "/"


def test_the_page_is_in_the_recipient_s_language(client, key):
    link = link_for(make_recipient("Bodo", language="de"))
    assert "Nachrichten auf diesem Telefon" in client.get(link).content.decode()


@pytest.mark.parametrize(
    "own",
    [
        *({"endpoint": endpoint} for endpoint in ("", "http://push.example/x", "https://127.0.0.1/", "https://[::1]/")),
        *({"endpoint": endpoint} for endpoint in ("https://localhost/", "https://2130706433/", "https://0x7f.1/")),
        *({"endpoint": endpoint} for endpoint in ("https://user@push.example/", "https://push.example:99999/")),
        *({"endpoint": endpoint} for endpoint in (ENDPOINT + "x" * 1000, ENDPOINT + " x", "https://pusch.éxample/")),
        {"p256dh": "abc"},
        {"p256dh": "ä" * 87},
        {"auth": ""},
    ],
    ids=repr,
)
def test_what_is_no_subscription_is_a_sentence(own):
    with pytest.raises(RefusedError):
        subscription_of(PhoneBrowser().subscription() | own)


def test_a_refused_subscription_leaves_the_link_as_it_was(client, key, anna):
    link = link_for(anna)
    response = come(client, link, endpoint="https://10.0.0.1/")
    assert response.status_code == 400
    assert "a push service that freetemp does not use" in response.content.decode()
    assert come(client, link).status_code == 200


def test_a_browser_that_comes_again_is_one_channel(client, key, anna):
    browser = PhoneBrowser()
    come(client, link_for(anna), browser)
    Channel.objects.filter(service=PHONE).update(active=False, trouble="x")
    come(client, link_for(anna), browser)
    phone = anna.channels.get(service=PHONE)
    assert (phone.active, phone.trouble) == (True, "")


def test_browsers_of_a_recipient_are_bounded_and_ended_ones_make_room(client, key, anna):
    for number in range(MOST_PHONES):
        come(client, link_for(anna), endpoint=f"{ENDPOINT}{number}")
    full = come(client, link_for(anna), endpoint=f"{ENDPOINT}x")
    assert full.status_code == 400
    assert "Anna has 20 browsers already" in full.content.decode()
    Channel.objects.filter(pk=anna.channels.filter(service=PHONE).last().pk).update(encrypted_address="", active=False)
    assert come(client, link_for(anna), endpoint=f"{ENDPOINT}x").status_code == 200
    assert anna.channels.filter(service=PHONE).count() == MOST_PHONES


@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        ({"SERVER_ORIGIN": "http://192.168.1.20:8000"}, NO_TLS),
        ({"ENCRYPTION_KEYS": []}, NO_KEY),
        ({"MAIL_FROM": ""}, NO_CONTACT),
    ],
)
def test_what_the_server_lacks_is_a_sentence_in_place_of_a_link(staff, anna, settings, own, sentence):
    for name, value in own.items():
        setattr(settings, name, value)
    for method in (staff.get, staff.post):
        page = method(page_of(anna)).content.decode().replace("&#x27;", "'")
        assert sentence in page
        assert "<form" not in page.partition('id="content-main"')[2]
    assert not Invitation.objects.exists()


def test_without_a_key_for_phones_the_page_says_how_one_is_made(staff, anna):
    PushKey.objects.all().delete()
    assert NO_PUSH_KEY in staff.get(page_of(anna)).content.decode()


def test_whoever_may_not_change_recipients_makes_no_link(keeping, anna):
    assert keeping.post(page_of(anna)).status_code == 403
    assert not Invitation.objects.exists()


def test_a_phone_s_form_keeps_its_subscription(staff, client, key, anna):
    anna.channels.all().delete()
    come(client, link_for(anna))
    phone = anna.channels.get()
    address = f"/admin/alerts/recipient/{anna.pk}/change/"
    page = staff.get(address).content.decode()
    assert "a browser: it came by a link" in page
    data = {
        "name": "Anna",
        "language": "de",
        "timezone": "Europe/Berlin",
        "active": "on",
        "units": "",
        "letter_hour": 7,
        "channels-TOTAL_FORMS": 1,
        "channels-INITIAL_FORMS": 1,
        "channels-0-id": phone.pk,
        "channels-0-recipient": anna.pk,
        "channels-0-address": "x@y.example",
        "channels-0-name": "old phone",
    }
    assert staff.post(address, data).status_code == 302
    after = anna.channels.get()
    assert (after.encrypted_address, after.service) == (phone.encrypted_address, PHONE)
    assert (after.name, after.active) == ("old phone", False)


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox on Android"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/141.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/141.0 Safari/537.36 Edg/141.0", "Edge on Windows"),
        ("curl/8", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_browser_is_named_by_what_it_says(user_agent, name):
    assert browser_named(user_agent) == name


def test_the_worker_is_for_all_pages_and_is_asked_for_again(client):
    response = client.get("/sw.js")
    assert response["Content-Type"].startswith("text/javascript")
    assert "no-cache" in response["Cache-Control"]
    assert "showNotification" in response.content.decode()
    assert client.get("/sw.js", headers={"If-None-Match": response["ETag"]}).status_code == 304


def test_a_lost_key_is_a_sentence_on_the_page(client, key, anna, settings):
    link = link_for(anna)
    settings.ENCRYPTION_KEYS = []
    response = come(client, link)
    assert response.status_code == 400
    assert "ENCRYPTION_KEYS is not set" in response.content.decode()
    assert encrypt("") == ""
