"""Flashing from elsewhere: the requests that a token allows, for which station, and for how long."""

import base64
import json
import logging
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.log import AdminEmailHandler

from firmware.models import FlashToken, FlashUse, MicroPythonImage
from stations.models import Key, Station
from stations.wrong_keys import WRONG_KEYS
from tests.conftest import MAC
from tests.firmware.ready import IMAGE, PASSWORD, add_image, give_wifi, lose, use

pytestmark = pytest.mark.django_db

OTHER_MAC = "5c:cf:7f:00:00:01"
BOARDS_REACH = "http://192.168.1.5:8000"


@pytest.fixture(autouse=True)
def _in_a_network(settings):
    settings.SERVER_URL = BOARDS_REACH


@pytest.fixture
def token(station):
    give_wifi(station)
    return FlashToken.objects.make(station)


@pytest.fixture
def ask(client, token):
    """Ask the API with the token: ask("bundle/", {}) is a POST."""

    def ask(path="", body=None, token=token, **extra):
        if token is not None:
            extra["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        if body is None:
            return client.get(f"/api/v1/flash/{path}", **extra)
        return client.post(f"/api/v1/flash/{path}", body, content_type="application/json", **extra)

    return ask


def uses():
    return list(FlashUse.objects.order_by("pk").values_list("what", flat=True))


def config_of(answer):
    return json.loads(base64.b64decode(answer.json()["files"]["config.json"]))


def content_of(answer):
    return b"".join(answer.streaming_content)


def test_it_tells_the_station_s_facts(ask, station):
    assert ask().json() == {"id": station.pk, "name": "Garden", "mac": MAC, "simulated": False}


def test_an_answer_is_kept_by_nobody(ask):
    for answer in (ask(), ask("bundle/", {}), ask(token="wrong")):
        assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("path", ["", "reported/?key_id=1", "image/", f"image/{'0' * 64}/"])
def test_without_a_token_everything_is_refused_and_nothing_is_counted_as_a_guess(ask, path):
    for _ in range(WRONG_KEYS + 2):
        answer = ask(path, token=None)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert "make one on the station's page" in answer.json()["detail"]


def test_wrong_tokens_in_number_are_slowed_down_and_the_right_one_is_not(ask):
    assert {ask(token="wrong").status_code for _ in range(WRONG_KEYS)} == {401}
    answer = ask(token="wrong")
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
    assert ask().status_code == 200


@pytest.fixture
def report_of(client, monkeypatch, settings, mailoutbox):
    """Return a function that has something fail, and returns what Django mails to administrators about it."""
    settings.ADMINS = [("admin", "admin@example.org")]
    client.raise_request_exception = False
    mail = AdminEmailHandler(include_html=True)
    logging.getLogger("django.request").addHandler(mail)

    def fail(*args, **kwargs):
        raise OSError("the disk is full")

    def report_of(where, ask):
        monkeypatch.setattr(where, fail)
        assert ask().status_code == 500
        (report,) = mailoutbox
        assert "the disk is full" in report.body
        return report.body + str(report.alternatives)

    yield report_of
    logging.getLogger("django.request").removeHandler(mail)


@pytest.mark.parametrize("where", ["firmware.models.token.digest", "firmware.api.views.present"])
def test_an_error_report_holds_no_token(ask, token, report_of, where):
    assert token not in report_of(where, lambda: ask("image/"))


@pytest.mark.parametrize("where", ["stations.models.Key.save", "firmware.models.FlashToken.refresh_from_db"])
def test_an_error_report_holds_nothing_of_what_goes_onto_a_board(ask, monkeypatch, report_of, where):
    monkeypatch.setattr("firmware.models.FlashToken.station_key", "0123456789abcdef" * 2)
    report = report_of(where, lambda: ask("bundle/", {}))
    assert "0123456789abcdef" not in report
    assert PASSWORD not in report


def test_a_token_that_is_too_old_or_ended_is_answered_as_a_wrong_one(ask, station):
    wrong = ask(token="wrong").json()
    FlashToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert ask().json() == wrong
    FlashToken.objects.update(expires_at=timezone.now() + timedelta(seconds=60), ended_at=timezone.now())
    assert ask().json() == wrong
    assert ask().status_code == 401


def test_a_token_in_the_address_is_none(client, token):
    assert client.get(f"/api/v1/flash/?token={token}").status_code == 401


def test_a_station_without_a_board_takes_this_one(ask, station):
    Station.objects.update(mac=None)
    assert ask("mac/", {"mac": "5CCF7F000001"}).json()["mac"] == OTHER_MAC
    station.refresh_from_db()
    assert station.mac == OTHER_MAC
    assert uses() == [f"the station's board is {OTHER_MAC}"]


def test_a_station_keeps_its_board_until_another_is_to_replace_it(ask, station):
    refused = ask("mac/", {"mac": OTHER_MAC})
    assert (refused.status_code, refused.json()["code"]) == (409, "other_board")
    assert refused.json()["detail"] == f"Garden has the board {MAC}, but this one is {OTHER_MAC}."
    assert ask("mac/", {"mac": OTHER_MAC, "replace": True}).json()["mac"] == OTHER_MAC


def test_to_ask_whether_a_board_may_be_taken_changes_nothing(ask, station):
    assert ask("mac/", {"mac": OTHER_MAC, "check": True}).json()["code"] == "other_board"
    assert ask("mac/", {"mac": OTHER_MAC, "check": True, "replace": True}).json()["mac"] == MAC
    assert f"asked for {OTHER_MAC} as the station's board" in uses()
    station.refresh_from_db()
    assert station.mac == MAC


def test_a_board_that_is_another_station_s_is_refused(ask, station):
    Station.objects.create(name="Pond", mac=OTHER_MAC)
    refused = ask("mac/", {"mac": OTHER_MAC, "replace": True})
    assert refused.status_code == 409
    assert "Another station has this MAC address" in refused.json()["detail"]
    station.refresh_from_db()
    assert station.mac == MAC


@pytest.mark.parametrize(
    "body", [{}, {"mac": "6c:ef"}, {"mac": None}, {"mac": "x" * 5000}, [], {"mac": MAC, "replace": 7}]
)
def test_what_is_no_mac_is_a_400(ask, body):
    assert ask("mac/", body).status_code == 400


def test_the_files_hold_a_key_that_is_pending_and_the_live_one_stays_good(ask, station):
    live = Key.objects.issue(station)
    use(live)
    answer = ask("bundle/", {})
    config = config_of(answer)
    issued = Key.objects.authenticate(MAC, config["key"])
    assert (issued.pk, issued.first_used_at) == (answer.json()["key_id"], None)
    assert Key.objects.authenticate(MAC, live) is not None
    assert config["networks"] == [["Garden", PASSWORD]]
    assert config["server"] == BOARDS_REACH
    assert list(answer.json()["files"])[-1] == "main.py"


def test_a_flash_that_broke_off_starts_again_with_the_same_key_and_what_was_mended_meanwhile(ask, station):
    first = config_of(ask("bundle/", {}))
    station.wifi.all().delete()
    give_wifi(station, "Cellar", "cabbages and kings")
    second = config_of(ask("bundle/", {}))
    assert second["networks"] == [["Cellar", "cabbages and kings"]]
    assert first["key"] == second["key"]
    assert Key.objects.get() == Key.objects.authenticate(MAC, first["key"])


def test_a_waiting_client_learns_when_the_first_reading_has_arrived(ask, station):
    answer = ask("bundle/", {})
    path = f"reported/?key_id={answer.json()['key_id']}"
    assert ask(path).json() == {"reported": False}
    use(config_of(answer)["key"])
    assert ask(path).json() == {"reported": True}


def test_a_flash_that_is_done_is_over_and_its_token_can_only_be_told_so_again(ask, station):
    answer = ask("bundle/", {})
    use(config_of(answer)["key"])
    for path, body in [("", None), ("mac/", {"mac": MAC}), ("bundle/", {}), ("image/", None)]:
        refused = ask(path, body)
        assert refused.status_code == 403, path
        assert "make another on the station's page" in refused.json()["detail"]
    assert Key.objects.pending().count() == 0
    assert uses()[-1] == "refused: the flash is done"
    assert ask(f"reported/?key_id={answer.json()['key_id']}").json() == {"reported": True}


def test_a_key_that_never_will_report_is_told(ask, station):
    path = f"reported/?key_id={ask('bundle/', {}).json()['key_id']}"
    Key.objects.issue(station)
    assert ask(path).status_code == 409
    assert "Another key has been issued" in ask(path).json()["detail"]


def test_another_station_s_key_is_none_of_its_business(ask, station):
    pond = Station.objects.create(name="Pond", mac=OTHER_MAC)
    key = Key.objects.issue(pond)
    use(key, OTHER_MAC)
    assert ask(f"reported/?key_id={pond.keys.get().pk}").status_code == 409


@pytest.mark.parametrize("query", ["", "?key_id=", "?key_id=x", "?key_id=-1", f"?key_id={10**30}"])
def test_a_question_without_a_key_is_a_400(ask, query):
    assert ask(f"reported/{query}").status_code == 400


def test_a_station_that_is_not_ready_says_what_to_do_and_its_pending_key_stays(ask, station):
    pending = Key.objects.issue(station)
    station.wifi.all().delete()
    refused = ask("bundle/", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_ready")
    assert "has no WiFi network: choose one" in refused.json()["detail"]
    assert Key.objects.authenticate(MAC, pending) is not None
    assert uses() == [f"refused: {refused.json()['detail']}"]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000", "http://localhost:8000", "http://pi.local", "http://[::1]:8000"]
)
def test_an_address_that_no_board_reaches_does_not_go_onto_one_unless_it_is_given(ask, settings, url):
    settings.SERVER_URL = url
    refused = ask("bundle/", {})
    assert refused.status_code == 409
    assert f"SERVER_URL is {url}, which an ESP8266 cannot reach" in refused.json()["detail"]
    assert config_of(ask("bundle/", {"server_url": url}))["server"] == url


@pytest.mark.parametrize(
    "url", ["", "ftp://x", "http://a b", "http://user:pass@x", "x" * 5000, 7, [], "http://x/a path"]
)
def test_what_is_no_address_is_refused(ask, url):
    assert ask("bundle/", {"server_url": url}).status_code in (400, 409)
    assert not Key.objects.exists()


def test_the_newest_micropython_is_named_and_streamed(ask):
    add_image("1.9.4", b"\xe9 an old one")
    image = add_image()
    facts = ask("image/").json()
    assert facts == {
        "board": "ESP8266_GENERIC",
        "version": "1.28.0",
        "size": len(IMAGE),
        "sha256": image.sha256,
    }
    answer = ask(f"image/{facts['sha256']}/")
    assert content_of(answer) == IMAGE
    assert (answer["Content-Type"], answer["Content-Length"]) == ("application/octet-stream", str(len(IMAGE)))
    assert ask(f"image/{'0' * 64}/").status_code == 409


def test_without_micropython_it_says_where_to_get_it(ask):
    assert "fetch_micropython" in ask("image/").json()["detail"]
    image = add_image()
    lose(image)
    assert "fetch_micropython" in ask("image/").json()["detail"]
    assert ask(f"image/{image.sha256}/").status_code == 409
    assert MicroPythonImage.objects.count() == 1


def test_every_use_is_written_down_with_its_address_and_a_long_wait_once(ask, station):
    add_image()
    ask(REMOTE_ADDR="192.168.1.77")
    ask("mac/", {"mac": MAC})
    key_id = ask("bundle/", {}).json()["key_id"]
    for _ in range(3):
        ask(f"reported/?key_id={key_id}")
    content_of(ask(f"image/{ask('image/').json()['sha256']}/"))
    assert uses() == [
        "asked for the station's facts",
        f"the station's board is {MAC}",
        "issued a key and took the files",
        "waits for the first reading",
        "asked for MicroPython",
        "took ESP8266_GENERIC 1.28.0",
    ]
    assert FlashUse.objects.order_by("pk").first().address == "192.168.1.77"


def test_a_use_from_no_address_is_written_down_too(ask):
    ask(REMOTE_ADDR="")
    assert FlashUse.objects.get().address is None


@pytest.mark.sqlite_only
def test_it_is_described_for_machines_with_its_token(client):
    paths = client.get("/api/v1/schema/?format=json").json()["paths"]
    flash = {path: methods for path, methods in paths.items() if path.startswith("/api/v1/flash/")}
    assert len(flash) == 6
    for methods in flash.values():
        (described,) = methods.values()
        assert described["security"] == [{"flashToken": []}]
        assert described["responses"].keys() >= {"200", "401", "403", "409", "429"}
