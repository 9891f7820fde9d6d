"""The settings from the environment, and the sentence for each wrong one."""

import os
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from freetemp.conf import environment

STRONG = "an example that is long enough: 0123456789abcdefghijklmnopqrstuvwxyz"
MANAGE = Path(__file__).parents[3] / "manage.py"


def manage(*arguments, **settings):
    """Run manage.py as an operator does, with these settings. A .env of this machine only fills in absent ones."""
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "freetemp.settings", **settings}
    env.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # It is set while this process has a browser.
    return subprocess.run([sys.executable, MANAGE, *arguments], env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("weak", ["", "changeme", "x" * 49, "x" * 60, "abcd" * 20, "django-insecure-" + STRONG])
def test_a_missing_or_weak_secret_key_is_refused(weak):
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY is missing or weak: run `python3 bootstrap"):
        environment.secret_key(weak)


def test_a_strong_secret_key_is_taken_as_it_is():
    assert environment.secret_key(STRONG) == STRONG


def test_the_server_does_not_start_without_a_secret_key():
    refused = manage("check", SECRET_KEY="")
    assert refused.returncode != 0
    assert "SECRET_KEY is missing or weak: run `python3 bootstrap.py serve`" in refused.stderr.splitlines()[-1]
    assert manage("check", SECRET_KEY=STRONG).returncode == 0


def test_a_weak_secret_key_is_not_repeated_to_whoever_reads_the_log():
    assert "changeme-changeme" not in manage("check", SECRET_KEY="changeme-changeme").stderr


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("http://192.168.1.20:8000", "http://192.168.1.20:8000"),
        ("https://weather.example.org/", "https://weather.example.org"),
        ("HTTPS://Weather.Example.org", "https://weather.example.org"),
        (" http://pi.local:8000 ", "http://pi.local:8000"),
        ("http://[fe80::1]:8000", "http://[fe80::1]:8000"),
        ("http://localhost", "http://localhost"),
    ],
)
def test_a_server_url_loses_its_slash_and_its_capitals(given, taken):
    assert environment.server_url(given) == taken


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "192.168.1.20:8000",
        "ftp://example.org",
        "http://",
        "http:///weather",
        "http://example.org/weather",
        "http://example.org?x=1",
        "http://example.org#x",
        "http://someone:secret@example.org",
        "http://example.org:0",
        "http://example.org:99999",
        "http://example.org:http",
        "http://exa mple.org",
        "http://[fe80::1",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_server_url_is_refused_with_an_example(wrong):
    with pytest.raises(ImproperlyConfigured, match=r"SERVER_URL is .*: give it like http://192\.168\.1\.20:8000"):
        environment.server_url(wrong)


def test_proxies_are_addresses_or_networks():
    one, many = environment.networks(["127.0.0.1", " 10.0.0.0/8 "])
    assert ip_address("127.0.0.1") in one
    assert ip_address("127.0.0.2") not in one
    assert ip_address("10.200.0.1") in many
    assert environment.networks([]) == []


@pytest.mark.parametrize("wrong", ["nginx", "10.0.0.1/8", "10.0.0.0/33", "127.0.0.1:80", "*"])
def test_what_is_no_network_is_refused_with_an_example(wrong):
    with pytest.raises(
        ImproperlyConfigured, match=r"TRUSTED_PROXIES: .*Give addresses or networks, like 127\.0\.0\.1\."
    ):
        environment.networks([wrong])


def test_the_server_answers_to_its_own_name_to_this_machine_and_to_what_is_named():
    assert environment.hosts("http://pi.local:8000", ["weather.lan"]) == [
        *("pi.local", "localhost", "127.0.0.1", "[::1]", "weather.lan")
    ]
    assert environment.hosts("http://[fe80::1]:8000", [])[0] == "[fe80::1]"
    assert environment.hosts("http://localhost", ["localhost"]).count("localhost") == 1


@pytest.mark.parametrize(
    "url",
    [
        *("http://192.168.1.20:8000", "http://10.0.0.1", "http://172.16.0.1", "http://127.0.0.1", "http://[fe80::1]"),
        *("http://localhost:8000", "http://raspberry", "http://pi.local", "http://pi.lan", "http://pi.home.arpa"),
    ],
)
def test_an_address_of_a_home_network_is_private(url):
    assert environment.is_private(url)


@pytest.mark.parametrize(
    "url",
    [
        *("http://weather.example.org", "http://8.8.8.8", "http://172.32.0.1", "http://[2001:4860:4860::8888]"),
        *("http://local.example.org", "http://192.168.1.20.example.org"),
    ],
)
def test_an_address_of_the_internet_is_not(url):
    assert not environment.is_private(url)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC", "Asia/Kathmandu"])
def test_a_time_zone_that_there_is_is_taken(zone):
    assert environment.time_zone(zone) == zone


@pytest.mark.parametrize("zone", ["", "Europe/Berln", "../etc/passwd", "/etc/localtime", "Europe", "\x00"])
def test_a_time_zone_that_there_is_not_stops_the_start(zone):
    with pytest.raises(ImproperlyConfigured, match="STATION_TIME_ZONE"):
        environment.time_zone(zone)
