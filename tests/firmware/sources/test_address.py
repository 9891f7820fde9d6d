"""The address for a board's reports: an ESP8266 must be able to reach it."""

import pytest

from firmware.sources import SourceError
from firmware.sources.address import board_address, is_reachable, moved_away

pytestmark = pytest.mark.sqlite_only


@pytest.mark.parametrize(
    ("server_url", "address"),
    [
        ("http://192.168.1.5:8000", "http://192.168.1.5:8000"),
        ("https://freetemp.example", "http://freetemp.example"),
        ("https://home.example/weather", "http://home.example/weather"),
        ("http://192.168.1.5:8000/weather", "http://192.168.1.5:8000/weather"),
    ],
)
def test_boards_report_to_the_server_in_plain_http(settings, server_url, address):
    settings.SERVER_URL = server_url
    assert board_address() == address


def test_an_address_with_tls_goes_onto_no_board(settings):
    with pytest.raises(
        SourceError, match="https://x is https://, and boards speak plain HTTP: give the http:// address"
    ):
        board_address("https://x")
    settings.SERVER_URL = "https://freetemp.example:8443"
    with pytest.raises(SourceError, match="a port with TLS, and boards speak plain HTTP: give the http:// address"):
        board_address()


@pytest.mark.parametrize(
    ("url", "reachable"),
    [
        ("http://192.168.1.5:8000", True),
        ("http://weather.lan", True),
        ("https://freetemp.example", True),
        ("http://weather", True),
        ("http://127.0.0.1:8000", False),
        ("http://127.1.2.3", False),
        ("http://0.0.0.0:8000", False),
        ("http://localhost", False),
        ("http://raspberrypi.local", False),
        ("http://[::1]:8000", False),
        ("http://[2001:db8::1]", False),
    ],
)
def test_which_addresses_an_esp8266_may_reach(url, reachable):
    assert is_reachable(url) == reachable


@pytest.mark.parametrize(
    ("running", "given", "is_told"),
    [
        ("http://192.0.2.99:8000", "http://127.0.0.1:8000", True),
        ("http://127.0.0.1:8000", "http://127.0.0.1:9000", False),
        ("http://weather.home.arpa", "http://127.0.0.1:8000", False),
        ("http://[2001:db8::1]", "http://127.0.0.1:8000", False),
        ("http://192.0.2.99:8000", "http://192.0.2.99:8000", False),
    ],
    ids=["moved away", "still here", "a name", "IPv6", "somebody's choice"],
)
def test_a_running_server_whose_address_this_computer_has_lost_is_told(settings, running, given, is_told):
    settings.SERVER_URL, settings.GIVEN_SERVER_URL = running, given
    told = f"The server was started at {running}, and this computer does not have that address now: " if is_told else ""
    assert moved_away().partition("start the server again")[0] == told
