"""The client's address of a request: X-Forwarded-For is trusted as far as named proxies vouch for it."""

import pytest

from freetemp.conf.environment import networks
from freetemp.http.proxies import client_address, client_network


@pytest.fixture
def address(settings):
    def address(remote, forwarded=None, trusted=("127.0.0.1", "10.0.0.0/8")):
        settings.TRUSTED_PROXIES = networks(list(trusted))
        headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
        return client_address({"REMOTE_ADDR": remote, **headers})

    return address


def test_without_a_proxy_it_is_whoever_connects(address):
    assert address("203.0.113.7") == "203.0.113.7"
    assert address("127.0.0.1") == "127.0.0.1"


def test_a_named_proxy_is_believed(address):
    assert address("127.0.0.1", "203.0.113.7") == "203.0.113.7"


def test_anybody_else_is_not(address):
    assert address("203.0.113.7", "198.51.100.1") == "203.0.113.7"
    assert address("127.0.0.1", "198.51.100.1", trusted=()) == "127.0.0.1"


def test_what_a_client_wrote_itself_stands_to_the_left_and_is_ignored(address):
    assert address("127.0.0.1", "1.2.3.4, 127.0.0.1, 203.0.113.7") == "203.0.113.7"
    assert address("127.0.0.1", "10.0.0.1, 203.0.113.7") == "203.0.113.7"


def test_a_chain_of_named_proxies_is_followed_to_its_end(address):
    assert address("127.0.0.1", "1.2.3.4, 203.0.113.7, 10.1.2.3") == "203.0.113.7"
    assert address("127.0.0.1", "10.9.9.9, 10.1.2.3") == "10.9.9.9"


@pytest.mark.parametrize(
    "nonsense", ["", ",", "unknown", "203.0.113.7:443", "_hidden", "1.2.3", "<script>", "x" * 9000]
)
def test_what_is_no_address_ends_the_search(address, nonsense):
    assert address("127.0.0.1", f"1.2.3.4, {nonsense}") == "127.0.0.1"
    assert address("127.0.0.1", f"1.2.3.4, {nonsense}, 10.1.2.3") == "10.1.2.3"


def test_ipv6_is_an_address_as_any(address):
    assert address("::1", "2001:db8::7", trusted=["::1"]) == "2001:db8::7"
    assert address("::1", "2001:DB8:0::7", trusted=["::1"]) == "2001:db8::7", "one spelling, so that it is one throttle"
    assert address("2001:db8::7", "203.0.113.7", trusted=["10.0.0.0/8"]) == "2001:db8::7"


def test_ipv4_as_a_server_on_every_ipv6_address_sees_it_is_ipv4(address):
    assert address("::ffff:127.0.0.1", "203.0.113.7") == "203.0.113.7"
    assert address("::ffff:203.0.113.7", "198.51.100.1") == "203.0.113.7"


def test_a_socket_without_addresses_has_none(address):
    assert address("", "203.0.113.7") == ""


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%<script>", "fe80::/64"),
        ("", ""),
    ],
)
def test_whom_a_request_counts_for(address, counted):
    assert client_network({"REMOTE_ADDR": address}) == counted
