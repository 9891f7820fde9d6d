"""The admin's page of an upload: what goes in, what never comes out, and what it tells."""

import re
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from freetemp.overview.report import Overview
from stations.models import Station
from tests.uploads.conftest import SECRET
from uploads import admin
from uploads.models import Upload
from uploads.sending import send_due

pytestmark = pytest.mark.django_db
ADD = "/admin/uploads/upload/add/"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    """No process sends here, except where a test does it itself."""
    monkeypatch.setattr(admin, "PATIENCE_S", 0.0)


def typed(station, **more):
    given = {"station": station.pk, "network": "wunderground", "identity": "K1", "secret": SECRET, "is_active": "on"}
    return given | {"interval_s": "", "sensors": ""} | more


def errors(response):
    return response.context["adminform"].form.errors


def change(upload):
    return reverse("admin:uploads_upload_change", args=[upload.pk])


def test_a_keeper_adds_one_and_its_secret_is_never_shown(
    keeping, roof, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.VAR_DIR = tmp_path
    page = keeping.get(ADD).content.decode()
    assert "Station key" in page
    assert "another server" not in page.lower()
    with django_capture_on_commit_callbacks(execute=True):
        assert keeping.post(ADD, typed(roof)).status_code == 302
        assert not (tmp_path / "uploads-wanted").exists(), "what it starts would not see the upload so far"
    upload = Upload.objects.get()
    assert (upload.account().secret, upload.interval_s) == (SECRET, 300)
    assert SECRET not in upload.encrypted_secret
    assert (tmp_path / "uploads-wanted").exists(), "bootstrap.py serve starts what sends it"
    shown = keeping.get(change(upload))
    assert SECRET not in shown.content.decode()
    assert "temperature <b>20 °C</b>" in shown.content.decode()
    assert keeping.post(change(upload), typed(roof, secret="", identity="K2")).status_code == 302
    upload.refresh_from_db()
    assert (upload.account().secret, upload.identity) == (SECRET, "K2")


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"secret": ""}, "secret", "wants one: Station key"),
        ({"network": "cwop", "identity": "DW1234", "secret": "not a number"}, "secret", "Passcode"),
        ({"network": "windy", "secret": "zwölf"}, "secret", "Station password"),
        ({"interval_s": "5"}, "interval_s", "at least 60 seconds"),
        ({"network": "opensensemap", "identity": "5" * 24, "secret": "token"}, "sensors", "a line for each"),
    ],
)
def test_what_a_network_does_not_take_is_said_at_its_field(keeping, roof, more, field, words):
    assert words in str(errors(keeping.post(ADD, typed(roof, **more)))[field])


def test_stations_that_cannot_be_sent_are_refused_with_a_sentence(keeping, roof):
    Station.objects.update(latitude=None, longitude=None)
    cwop = typed(roof, network="cwop", identity="DW1234", secret="")
    assert "coordinates" in str(errors(keeping.post(ADD, cwop)))
    Station.objects.update(simulated=True)
    assert "made-up weather" in str(errors(keeping.post(ADD, typed(roof))))


def test_only_an_administrator_types_another_server(keeping, admin_client, roof, recorder):
    keeping.post(ADD, typed(roof, server=recorder.url))
    assert Upload.objects.get().server == ""
    admin_client.post(ADD, typed(roof, server=recorder.url))
    assert Upload.objects.last().server == recorder.url


def test_without_a_key_for_secrets_it_says_what_to_do(keeping, roof, settings):
    settings.ENCRYPTION_KEYS = []
    assert "ENCRYPTION_KEYS is not set" in keeping.get(ADD).content.decode()
    assert "ENCRYPTION_KEYS is not set" in str(errors(keeping.post(ADD, typed(roof))))


def said(response):
    return [str(message) for message in response.context["messages"]]


def test_send_now_tells_what_became_of_it(keeping, uploads, roof, monkeypatch):
    upload = uploads()
    given = typed(roof, secret="", identity="KTEST1", interval_s="300", _send_now="1")
    waits = keeping.post(change(upload), given, follow=True)
    assert "Nobody has sent it yet" in said(waits)[-1]
    monkeypatch.setattr(admin.time, "sleep", lambda seconds: send_due())
    accepted = keeping.post(change(upload), given, follow=True)
    assert said(accepted)[-1] == "Weather Underground has accepted the newest values."


def test_send_now_tells_why_not(keeping, uploads, recorder, roof, monkeypatch):
    monkeypatch.setattr(admin.time, "sleep", lambda seconds: send_due())
    upload = uploads()
    recorder.body = "INVALIDPASSWORDID|no"
    given = typed(roof, secret="", identity="KTEST1", interval_s="300", _send_now="1")
    refused = keeping.post(change(upload), given, follow=True)
    assert said(refused)[-1].startswith("Weather Underground has not accepted it. It refuses the ID")
    assert "status-silent" in refused.content.decode()
    roof.fields.update(newest_at=None, newest_value=None)
    nothing = keeping.post(change(upload), given, follow=True)
    assert "nothing to send" in said(nothing)[-1]


@pytest.mark.django_db(transaction=True)
def test_while_the_page_waits_others_can_write(keeping, uploads, roof, monkeypatch):
    """The process that sends writes down what came of it. A wait in the transaction that saves would lock it out."""
    monkeypatch.setattr(admin, "PATIENCE_S", 20.0)
    upload = uploads()
    ended = threading.Event()
    sender = threading.Thread(target=send_until, args=(ended,))
    sender.start()
    given = typed(roof, secret="", identity="KTEST1", interval_s="300", _send_now="1")
    answer = keeping.post(change(upload), given, follow=True)
    ended.set()
    sender.join()
    assert said(answer)[-1] == "Weather Underground has accepted the newest values."


def send_until(ended):
    try:
        while not ended.wait(0.05):
            send_due()
    finally:
        connection.close()


def test_the_list_takes_as_many_queries_for_many(keeping, uploads, django_assert_max_num_queries):
    for n in range(5):
        uploads(identity=f"K{n}")
    with django_assert_max_num_queries(12):
        page = keeping.get("/admin/uploads/upload/").content.decode()
    assert page.count("Weather Underground") >= 5


def test_a_station_s_page_leads_to_its_uploads(keeping, uploads, roof):
    uploads()
    other = Station.objects.create(name="Cellar")
    for station, count in ((roof, 1), (other, 0)):
        page = keeping.get(reverse("admin:stations_station_change", args=[station.pk])).content.decode()
        (address,) = re.findall(r'href="([^"]*/uploads/upload/[^"]*)"', page)
        assert keeping.get(address).content.decode().count("KTEST1") == count


def test_the_overview_names_what_is_refused_and_what_nobody_sends(admin_user, uploads, recorder):
    upload = uploads()
    recorder.status = 403
    send_due()
    upload.refresh_from_db()
    assert concerns(admin_user) == {"Uploads that a network does not take": [upload.error]}
    Upload.objects.update(next_at=timezone.now() - timedelta(hours=2), error="", failures=0)
    assert list(concerns(admin_user)) == ["Uploads that nobody sends"]


def concerns(user):
    found = Overview.of(user).concerns
    return {each.title: [item.detail for item in each.items] for each in found if "ploads" in each.title}
