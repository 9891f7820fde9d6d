"""WiFi networks in the admin: a password goes in and never comes out again."""

import html
import logging

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import ProtectedError
from django.test import override_settings
from django.utils.log import AdminEmailHandler

from audit.models import Event
from firmware.admin.networks import WiFiNetworkForm
from firmware.models import StationNetwork, WiFiNetwork
from firmware.validators import validate_ssid, validate_wifi_password
from freetemp.encryption import NO_KEY
from tests.firmware.conftest import make_network
from tests.freetemp.test_encryption import new_key

URL = "/admin/firmware/wifinetwork/"
PASSWORD = "correct horse battery"

pytestmark = pytest.mark.django_db


def form(**changed):
    return {"ssid": "Weather", "place": "", "password": ""} | changed


def errors(response):
    assert response.status_code == 200, "the form comes back with its sentences"
    return html.unescape(str(response.context["errors"]))


def test_a_keeper_adds_a_network_and_its_password_is_kept_encrypted(keeping):
    assert keeping.post(f"{URL}add/", form(password=PASSWORD)).status_code == 302
    network = WiFiNetwork.objects.get()
    assert PASSWORD not in network.encrypted_password
    assert network.password() == PASSWORD


@pytest.mark.parametrize("password", [" starts with a space", "ends with one ", "  both  "])
def test_spaces_around_a_password_belong_to_it(keeping, password):
    keeping.post(f"{URL}add/", form(password=password))
    assert WiFiNetwork.objects.get().password() == password


def test_spaces_around_a_name_belong_to_it_and_are_pointed_out(keeping):
    page = keeping.post(f"{URL}add/", form(ssid=" Weather", password=PASSWORD), follow=True)
    assert WiFiNetwork.objects.get().ssid == " Weather"
    assert "begins or ends with a space" in html.unescape(page.content.decode())


def test_an_empty_password_field_keeps_the_old_password(keeping, network):
    url = f"{URL}{network.pk}/change/"
    assert keeping.post(url, form(ssid="Renamed")).status_code == 302
    network.refresh_from_db()
    assert (network.ssid, network.password()) == ("Renamed", "correct horse")


def test_a_new_password_takes_the_place_of_the_old_one(keeping, network):
    keeping.post(f"{URL}{network.pk}/change/", form(password=PASSWORD))
    network.refresh_from_db()
    assert network.password() == PASSWORD


def test_a_network_can_be_made_an_open_one_and_get_a_password_again(keeping, network):
    url = f"{URL}{network.pk}/change/"
    keeping.post(url, form(is_open="on"))
    network.refresh_from_db()
    assert network.is_open
    assert "checked" in keeping.get(url).content.decode()
    assert "Give the password" in errors(keeping.post(url, form()))
    keeping.post(url, form(password=PASSWORD))
    network.refresh_from_db()
    assert network.password() == PASSWORD


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({}, "Give the password, or tick “Open network” if there is none."),
        ({"password": "short"}, "A WiFi password has 8 to 63 characters (or 64 hex digits), and this has 5."),
        ({"password": "g" * 64}, "A WiFi password has 8 to 63 characters (or 64 hex digits), and this has 64."),
        ({"password": "a" * 65}, "Ensure this value has at most 64 characters (it has 65)."),
        ({"password": "paßwort für alle"}, "printable ASCII characters only"),
        ({"password": PASSWORD, "is_open": "on"}, "An open network has no password"),
        ({"ssid": "", "password": PASSWORD}, "This field is required."),
        ({"ssid": "é" * 17, "password": PASSWORD}, "at most 32 bytes, and this has 34"),
        ({"ssid": "a\x00b", "password": PASSWORD}, "Null characters are not allowed."),
        ({"ssid": "a\tb", "password": PASSWORD}, "no line breaks or other control characters"),
    ],
)
def test_a_slip_is_refused_with_a_sentence_and_the_password_is_not_shown_again(keeping, wrong, sentence):
    response = keeping.post(f"{URL}add/", form(**wrong))
    assert sentence in errors(response)
    assert PASSWORD not in response.content.decode()
    assert not WiFiNetwork.objects.exists()


@pytest.mark.sqlite_only
@pytest.mark.parametrize("ssid", ["a", "é" * 16, "☃" * 10, "Anna\u2019s Wi-Fi", "a" * 32])
def test_names_of_32_bytes_are_taken(ssid):
    validate_ssid(ssid)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("password", ["12345678", "~" * 63, "0123456789abcdefABCDEF" + "0" * 42, "quo\"te'\\ `$%"])
def test_passwords_that_wpa_takes_are_taken(password):
    validate_wifi_password(password)


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "password", ["1234567", "1" * 62 + "\n\n", "pass\tword", "g" * 64, "a" * 63 + "é", "12345678\n"]
)
def test_passwords_that_wpa_refuses_are_refused(password):
    with pytest.raises(ValidationError):
        validate_wifi_password(password)


def test_a_station_has_a_network_once_and_its_choices_count_from_one(connected, network):
    again = StationNetwork(station=connected, network=network, position=0)
    with pytest.raises(ValidationError) as refused:
        again.full_clean()
    assert sorted(refused.value.messages) == [
        "Ensure this value is greater than or equal to 1.",
        "The station has this network already.",
    ]


def test_one_name_at_two_places_is_told_apart_and_twice_at_one_is_refused(keeping, network):
    assert keeping.post(f"{URL}add/", form(place="Boat house", password=PASSWORD)).status_code == 302
    assert "This network is there already" in errors(keeping.post(f"{URL}add/", form(password=PASSWORD)))
    assert sorted(map(str, WiFiNetwork.objects.all())) == ["Weather", "Weather (Boat house)"]
    with pytest.raises(IntegrityError):
        make_network(place="Boat house")


def test_no_page_and_no_history_ever_shows_the_password(keeping, caplog):
    caplog.set_level(logging.DEBUG)
    added = keeping.post(f"{URL}add/", form(password=PASSWORD), follow=True)
    network = WiFiNetwork.objects.get()
    pages = [added, *(keeping.get(f"{URL}{path}") for path in ("", f"{network.pk}/change/", f"{network.pk}/history/"))]
    assert not any(PASSWORD in page.content.decode() for page in pages)
    assert PASSWORD not in str(list(Event.objects.values()))
    assert PASSWORD not in caplog.text
    keeping.post(f"{URL}{network.pk}/change/", form(password=PASSWORD + "!"))
    assert Event.objects.first().details == "password: changed"


@pytest.mark.parametrize("where", ["firmware.models.WiFiNetwork.save", "freetemp.encryption._fernet"])
def test_an_error_report_holds_no_password(keeping, monkeypatch, settings, mailoutbox, where):
    """Django's mail to administrators has local variables and the form's fields when saving fails."""
    settings.ADMINS = [("admin", "admin@example.org")]
    keeping.raise_request_exception = False
    mails, mail = logging.getLogger("django.request"), AdminEmailHandler(include_html=True)
    mails.addHandler(mail)
    monkeypatch.setattr(where, _fail)
    try:
        assert keeping.post(f"{URL}add/", form(password=PASSWORD)).status_code == 500
    finally:
        mails.removeHandler(mail)
    (report,) = mailoutbox
    assert "the disk is full" in report.body
    assert PASSWORD not in report.body + str(report.alternatives)


def _fail(*args, **kwargs):
    raise OSError("the disk is full")


def test_a_lost_key_is_told_in_the_list_and_the_form_and_a_new_password_mends_it(keeping, network, settings):
    settings.ENCRYPTION_KEYS = [new_key()]
    for path in ("", f"{network.pk}/change/"):
        page = keeping.get(f"{URL}{path}")
        assert page.status_code == 200
        assert "It cannot be read. It was encrypted with a key that ENCRYPTION_KEYS" in page.content.decode()
    keeping.post(f"{URL}{network.pk}/change/", form(password=PASSWORD))
    network.refresh_from_db()
    assert network.password() == PASSWORD


@override_settings(ENCRYPTION_KEYS=[])
def test_a_server_without_a_key_runs_and_says_what_to_set(keeping):
    for path in ("", "add/"):
        assert html.escape(NO_KEY) in keeping.get(f"{URL}{path}").content.decode()
    assert NO_KEY in errors(keeping.post(f"{URL}add/", form(password=PASSWORD)))
    assert keeping.post(f"{URL}add/", form(is_open="on")).status_code == 302


def test_a_network_in_use_stays(keeping, connected, network):
    page = keeping.post(f"{URL}{network.pk}/delete/", {"post": "yes"})
    assert page.status_code == 200
    assert WiFiNetwork.objects.exists()
    with pytest.raises(ProtectedError):
        network.delete()
    StationNetwork.objects.all().delete()
    assert keeping.post(f"{URL}{network.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not WiFiNetwork.objects.exists()


def test_changing_the_network_of_a_station_says_that_boards_must_be_flashed_again(keeping, connected, network):
    page = keeping.post(f"{URL}{network.pk}/change/", form(password=PASSWORD), follow=True)
    assert "only when they are flashed again" in page.content.decode()


def test_whoever_may_only_look_learns_that_there_is_a_password_and_changes_nothing(viewing, network):
    page = viewing.get(f"{URL}{network.pk}/change/")
    assert 'name="password"' not in page.content.decode()
    assert "kept" in page.content.decode()
    assert viewing.post(f"{URL}{network.pk}/change/", form(password=PASSWORD)).status_code == 403


def test_the_form_shows_no_password_that_it_was_given():
    sent = WiFiNetworkForm(form(password=PASSWORD, ssid=""))
    assert not sent.is_valid()
    assert PASSWORD not in sent.as_p()


def test_the_list_asks_as_much_for_thirty_networks_as_for_one(keeping, network, django_assert_num_queries):
    keeping.get(URL)
    for n in range(29):
        make_network(f"School {n}")
    # Session, user, two for permissions, two to count, the networks.
    with django_assert_num_queries(7):
        keeping.get(URL)
