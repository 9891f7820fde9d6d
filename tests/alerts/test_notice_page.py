"""The link of a message: it shows buttons, and acts once, for whoever has the message."""

import re

import pytest
from django.test import Client

from alerts.models import Incident, Mute, Notice
from tests.alerts.conftest import MINUTE


@pytest.fixture
def notice(world, roof, anna):
    world.off.add("Roof")
    world.pass_by(13 * MINUTE)
    assert world.told() == ["Roof is silent"]
    notice = Notice.objects.get()
    notice.text = world.texts[0]
    return notice


def test_the_address_is_in_the_message_and_in_no_table(notice):
    address = re.search(r"http://127\.0\.0\.1:8000(/alerts/\S+)", notice.text)[1]
    assert address == notice.path()
    assert notice.token not in str(list(Notice.objects.values()))


def test_to_look_at_it_changes_nothing(notice, client):
    for method in (client.get, client.head):
        response = method(notice.path())
        assert response.status_code == 200
        assert response["Referrer-Policy"] == "same-origin"
        assert "noindex" in response["X-Robots-Tag"]
        assert "no-store" in response["Cache-Control"]
    assert Notice.objects.get().used_at is None


def test_who_looks_after_it_is_noted_and_nobody_is_reminded(notice, client, world):
    page = client.post(notice.path(), {"action": "acknowledge"}).content.decode()
    assert "Thank you." in page
    incident = Incident.objects.get()
    assert (incident.acknowledged_by, bool(incident.acknowledged_at)) == ("Anna", True)
    world.skip(26 * 60 * MINUTE)
    assert world.told() == []


def test_whoever_wants_to_hear_nothing_for_a_day_hears_nothing_for_a_day(notice, client, monkeypatch, world):
    monkeypatch.setattr("django.utils.timezone.now", lambda: world.now)
    client.post(notice.path(), {"action": "day"})
    world.off.clear()
    world.pass_by(10 * MINUTE)
    assert world.told() == []
    world.skip(24 * 60 * MINUTE)
    assert world.told() == ["Roof reports again"]


def test_it_works_once(notice, client):
    client.post(notice.path(), {"action": "acknowledge"})
    assert "used already" in client.post(notice.path(), {"action": "week"}).content.decode()
    assert "used already" in client.get(notice.path()).content.decode()
    assert not Mute.objects.exists()


@pytest.mark.parametrize("change", [lambda path: path[:-2] + "0/", lambda path: path.replace("/alerts/", "/alerts/1")])
def test_another_address_is_no_page(notice, client, change):
    changed = change(notice.path())
    assert changed != notice.path()
    assert client.get(changed).status_code == 404
    assert client.post(changed, {"action": "acknowledge"}).status_code == 404


def test_a_form_of_another_site_does_nothing(notice):
    response = Client(enforce_csrf_checks=True).post(notice.path(), {"action": "acknowledge"})
    assert response.status_code == 403
    assert Notice.objects.get().used_at is None


def test_an_unknown_button_shows_the_buttons(notice, client):
    assert "Tell me nothing of it for a day" in client.post(notice.path(), {"action": "x"}).content.decode()
    assert Notice.objects.get().used_at is None
