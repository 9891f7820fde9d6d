"""Sending: what, when, to whom, and what is written down. Real servers on this machine answer."""

import logging
import re
import socket
import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from freetemp.fields import now_millis, to_millis
from stations.models import Station
from tests.uploads.conftest import SECRET, store
from uploads.management.commands import send_uploads
from uploads.models import AGAIN, DENIED, LONGEST, Upload
from uploads.sending import send_due
from uploads.transport import NoAnswerError, send

pytestmark = pytest.mark.django_db
MINUTE_MS = 60_000


def wait_of(upload):
    upload.refresh_from_db()
    return upload.next_at - upload.failed_at


def make_due():
    Upload.objects.update(next_at=timezone.now() - timedelta(seconds=1))


def test_the_newest_values_are_sent_once(uploads, recorder):
    upload = uploads()
    assert send_due() == 1
    (query,) = recorder.queries()
    assert (query["ID"], query["PASSWORD"], query["tempf"], query["humidity"]) == ("KTEST1", SECRET, "68.0", "50")
    assert recorder.requests[0][2]["User-Agent"].startswith("freetemp/")
    upload.refresh_from_db()
    assert (upload.failures, upload.error) == (0, "")
    assert upload.accepted_of == upload.sent_until
    assert timedelta(seconds=290) < upload.next_at - upload.accepted_at <= timedelta(seconds=300)
    assert send_due() == 0, "not due"
    make_due()
    assert send_due() == 0, "nothing new"
    assert len(recorder.requests) == 1


def test_what_was_missed_is_sent_oldest_first_an_interval_apart(uploads, recorder, roof):
    upload = uploads()
    now = now_millis()
    Upload.objects.update(sent_until=now - 31 * MINUTE_MS)
    for minutes in range(30, 0, -1):
        store(roof, now - minutes * MINUTE_MS, 20.0 + minutes)
    sent = 0
    while True:
        make_due()
        if not send_due():
            break
        sent += 1
    temperatures = [round((float(query["tempf"]) - 32) / 1.8) for query in recorder.queries()]
    assert temperatures == [46, 41, 36, 31, 26, 21, 20]
    assert sent == 7
    upload.refresh_from_db()
    assert to_millis(upload.sent_until) >= now - 2 * MINUTE_MS


def test_while_more_waits_the_next_one_comes_soon(uploads, roof):
    upload = uploads()
    Upload.objects.update(sent_until=now_millis() - 31 * MINUTE_MS)
    store(roof, now_millis() - 28 * MINUTE_MS, 20.0)
    send_due()
    upload.refresh_from_db()
    assert upload.next_at - upload.accepted_at == timedelta(seconds=2)


def test_a_network_of_newest_values_gets_nothing_old(uploads, recorder, roof):
    uploads("windy")
    Upload.objects.update(sent_until=now_millis() - 60 * MINUTE_MS)
    store(roof, now_millis() - 30 * MINUTE_MS, 1.0)
    assert send_due() == 1
    assert [query["temp"] for query in recorder.queries()] == ["20.0"]
    roof.fields.update(newest_at=timezone.now() - timedelta(minutes=4))
    Upload.objects.update(sent_until=None, next_at=timezone.now())
    assert send_due() == 0, "values of four minutes ago, of a station that reports each minute, are not of now"


def test_later_doubles_the_wait_up_to_an_hour_and_success_ends_it(uploads, recorder):
    upload = uploads()
    recorder.status, recorder.body = 503, "busy"
    waits = []
    for _ in range(9):
        make_due()
        assert send_due() == 1
        waits.append(wait_of(upload))
    assert waits[:3] == [AGAIN, 2 * AGAIN, 4 * AGAIN]
    assert waits[-1] == LONGEST
    assert upload.error == "It cannot take it now: “busy”."
    assert upload.sent_until is None, "it is sent again"
    recorder.status = 200
    make_due()
    send_due()
    upload.refresh_from_db()
    assert (upload.failures, upload.error) == (0, "")


def test_a_wrong_login_is_tried_again_after_hours_and_told_in_words(uploads, recorder, caplog):
    upload = uploads()
    recorder.body = f"INVALIDPASSWORDID|Password {SECRET} is wrong"
    with caplog.at_level(logging.WARNING):
        send_due()
    assert wait_of(upload) == DENIED
    assert upload.is_denied
    assert upload.error == "It refuses the ID or the secret: “INVALIDPASSWORDID|Password *** is wrong”."
    assert SECRET not in caplog.text
    assert "Roof to Weather Underground: It refuses" in caplog.text


def test_values_that_are_refused_do_not_keep_the_next_ones_back(uploads, recorder):
    upload = uploads("windy")
    recorder.status, recorder.body = 400, "winddir must be an integer"
    send_due()
    upload.refresh_from_db()
    assert upload.error == "It refuses the values: “winddir must be an integer”."
    assert upload.sent_until is not None
    assert upload.accepted_at is None


def test_a_redirect_is_not_followed(uploads, recorder):
    upload = uploads()
    recorder.status, recorder.headers = 302, {"Location": f"{recorder.url}/elsewhere?steal=1"}
    send_due()
    assert len(recorder.requests) == 1
    upload.refresh_from_db()
    assert upload.error == "It sends uploads to another address, which freetemp does not follow."


def test_no_server_and_no_name_are_told_in_words_without_the_secret(uploads):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobodys = f"http://127.0.0.1:{probe.getsockname()[1]}/x"
    upload = uploads(server=nobodys)
    send_due()
    upload.refresh_from_db()
    assert upload.error == "Nothing listens at its address."
    Upload.objects.update(server="http://nobody.invalid/x", next_at=timezone.now())
    send_due()
    upload.refresh_from_db()
    assert upload.error == "Its name is not found: is this server online?"


def test_one_that_two_processes_find_due_is_sent_by_one(uploads):
    upload = uploads()
    now = timezone.now()
    assert [Upload.objects.take(upload, now) for _ in range(2)] == [True, False]


def test_one_whose_process_died_is_sent_by_the_next_after_minutes(uploads, recorder):
    upload = uploads()
    now = timezone.now()
    Upload.objects.update(sent_until=now - timedelta(hours=1))
    Upload.objects.take(upload, now)
    assert send_due(now + timedelta(minutes=4)) == 0
    assert send_due(now + timedelta(minutes=5)) == 1
    assert len(recorder.requests) == 1


def test_an_inactive_one_and_one_of_an_inactive_station_are_not_sent(uploads):
    uploads()
    Upload.objects.update(is_active=False)
    assert send_due() == 0
    Upload.objects.update(is_active=True)
    Station.objects.update(active=False)
    assert send_due() == 0


def test_the_command_sends_all_that_are_due(uploads, recorder):
    for n in range(3):
        uploads(identity=f"K{n}")
    call_command("send_uploads", once=True)
    assert sorted(query["ID"] for query in recorder.queries()) == ["K0", "K1", "K2"]


def test_the_command_ends_when_nothing_is_active(uploads):
    uploads()
    Upload.objects.update(is_active=False)
    call_command("send_uploads", while_any=True)


def test_one_that_is_saved_while_the_command_ends_has_it_called_again(uploads, settings, tmp_path, monkeypatch):
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(send_uploads, "dismiss_sender", uploads)
    call_command("send_uploads", while_any=True)
    assert (tmp_path / "uploads-wanted").exists()


def test_one_that_is_asked_for_is_sent_again_if_there_is_nothing_new(uploads, recorder):
    uploads()
    assert send_due() == 1
    Upload.objects.get().ask()
    assert send_due() == 1
    first, second = recorder.queries()
    assert first == second
    make_due()
    assert send_due() == 0, "asked for once"


def test_what_a_clock_measured_that_is_ahead_is_not_sent_even_if_somebody_asks(uploads, recorder, roof):
    """It would count as sent until that moment, and nothing would be sent before."""
    upload = uploads()
    store(roof, now_millis() + 60 * MINUTE_MS, 20.0)
    assert send_due() == 0
    upload.ask()
    assert send_due() == 0
    assert recorder.requests == []


def test_a_secret_whose_key_is_lost_is_told(uploads, settings):
    upload = uploads()
    settings.ENCRYPTION_KEYS = ["ZGlmZmVyZW50IGtleSBmb3IgdGhlIHRlc3RzISEhISE="]
    assert send_due() == 0
    upload.refresh_from_db()
    assert "a key that ENCRYPTION_KEYS does not hold" in upload.error
    assert upload.is_denied


def test_cwop_hears_a_login_and_a_packet(uploads):
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=aprs_server, args=(listening, heard))
        thread.start()
        uploads("cwop", identity="dw1234", server=f"127.0.0.1:{listening.getsockname()[1]}")
        upload = Upload.objects.get()
        upload.set_secret("")
        upload.save()
        assert send_due() == 1
        thread.join()
    upload.refresh_from_db()
    assert (upload.error, upload.failures) == ("", 0)
    login, packet = b"".join(heard).decode().split("\r\n")[:2]
    assert login.startswith("user DW1234 pass -1 vers freetemp ")
    assert re.match(r"DW1234>APZFTP,TCPIP\*:/\d{6}z5006\.00N/00830\.00W_\.\.\./\.\.\.g\.\.\.t068r\.\.\.p", packet)
    assert "h50" in packet


def aprs_server(listening, heard):
    """Greet, answer the login, and read until the other side ends, as APRS-IS servers do."""
    connection, _ = listening.accept()
    with connection:
        connection.sendall(b"# javAPRSSrvr 4.3\r\n")
        heard.append(connection.recv(1024))
        connection.sendall(b"# logresp DW1234 unverified, server T2TEST\r\n")
        while part := connection.recv(1024):
            heard.append(part)


def test_a_server_that_is_no_http_is_told():
    from uploads.networks.base import HttpRequest

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=lambda: _say(listening, b"hello\r\n\r\n"))
        thread.start()
        with pytest.raises(NoAnswerError, match="no HTTP"):
            send(HttpRequest(f"http://127.0.0.1:{listening.getsockname()[1]}/"))
        thread.join()


def _say(listening, words):
    connection, _ = listening.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(words)


@pytest.mark.parametrize(
    ("network", "more", "field"),
    [
        ("nonsense", {}, "network"),
        ("wunderground", {"interval_s": 10}, "interval_s"),
        ("wunderground", {"server": "ftp://x"}, "server"),
        ("wunderground", {"server": "http://user:pw@example.org/x"}, "server"),
        ("wunderground", {"identity": "K\r\nX"}, "identity"),
        ("cwop", {"identity": "DW 12"}, "identity"),
        ("cwop", {"identity": "DW1234", "server": "http://x"}, "server"),
        ("opensensemap", {"identity": "../boxes"}, "identity"),
        ("opensensemap", {"identity": "5" * 24, "sensors": ""}, "sensors"),
        ("opensensemap", {"identity": "5" * 24, "sensors": "weather 1"}, "sensors"),
        ("opensensemap", {"identity": "5" * 24, "sensors": "temperature x"}, "sensors"),
    ],
)
def test_what_cannot_be_sent_is_refused_at_its_field(roof, network, more, field):
    given = {"identity": "K1", "interval_s": 600} | more
    with pytest.raises(ValidationError) as refused:
        Upload(station=roof, network=network, **given).full_clean()
    assert field in refused.value.message_dict


def test_made_up_weather_goes_to_no_network_but_to_a_server_of_ones_own(uploads, roof):
    roof.simulated = True
    with pytest.raises(ValidationError, match="made-up weather"):
        uploads(server="")
    uploads()


def test_an_id_has_one_upload(uploads):
    uploads()
    with pytest.raises(ValidationError, match="two stations cannot share one"):
        uploads()
    with pytest.raises(IntegrityError), transaction.atomic():
        Upload.objects.create(
            station=Station.objects.get(),
            network="wunderground",
            identity="KTEST1",
            interval_s=300,
            server=Upload.objects.get().server,
        )


def test_one_that_is_asked_for_while_it_is_being_sent_stays_asked_for(uploads):
    asked_for = uploads()
    sending = Upload.objects.get()
    asked_for.ask()
    asked_at = Upload.objects.get().next_at
    sending.rest(timezone.now())
    now = Upload.objects.get()
    assert (now.again, now.next_at) == (True, asked_at)
    now.rest(timezone.now())
    assert not Upload.objects.get().again
