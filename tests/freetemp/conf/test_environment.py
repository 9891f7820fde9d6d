"""The settings from the environment, and the sentence for each wrong one."""

import os
import re
from ipaddress import ip_address

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLResolver, get_resolver

from freetemp.conf import environment
from tests import preloaded

STRONG = "an example that is long enough: 0123456789abcdefghijklmnopqrstuvwxyz"


def manage(*arguments, **settings):
    """Run manage.py as an operator does, with these settings. A .env of this machine only fills in absent ones."""
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "freetemp.settings", **settings}
    env.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # It is set while this process has a browser.
    return preloaded.run(["manage.py", *arguments], env)


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
        ("HTTP://Home.Example/Weather/", "http://home.example/Weather"),
        ("http://home.example:8000/our/weather", "http://home.example:8000/our/weather"),
    ],
)
def test_a_server_url_loses_its_slash_and_its_capitals(given, taken):
    assert environment.server_url(given) == taken


@pytest.mark.parametrize(
    ("path", "tls", "session"),
    [
        (None, False, "sessionid"),
        ("/weather", False, "freetemp_sessionid"),
        (None, True, "__Host-sessionid"),
        ("/weather", True, "__Secure-freetemp_sessionid"),
    ],
)
def test_a_cookie_s_name_says_what_browsers_may_take_it_from(path, tls, session):
    names = environment.cookie_names(path, tls=tls)
    assert names[:3] == tuple(session.replace("sessionid", each) for each in ("sessionid", "csrftoken", "messages"))
    prefix = session.removesuffix("sessionid").replace("freetemp_", "")
    assert names[3:] == (f"{prefix}language", f"{prefix}units")


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "192.168.1.20:8000",
        "ftp://example.org",
        "http://",
        "http:///weather",
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


def test_the_password_in_a_wrong_server_url_is_not_repeated():
    with pytest.raises(ImproperlyConfigured, match=re.escape("SERVER_URL is 'http://***@example.org'")):
        environment.server_url("http://someone:se//cr@et@example.org")


@pytest.mark.parametrize("path", ["/a b", "/a//b", "/%41", "/../x", "/ä", "/a;b", "/."])
def test_a_path_that_browsers_boards_and_proxies_may_write_differently_is_refused(path):
    with pytest.raises(ImproperlyConfigured, match=r"SERVER_URL has the path .*: give one like /weather"):
        environment.server_url(f"http://example.org{path}")


def test_the_path_of_freetemp_s_own_pages_is_refused():
    own = {str(pattern.pattern).partition("/")[0] for pattern in flat(get_resolver().url_patterns)}
    assert {name.strip("^") for name in own if name.strip("^").isalpha()} | {"static"} == set(environment.OWN_PATHS)
    for name in (*environment.OWN_PATHS, "Admin", "updates", "Update"):
        with pytest.raises(ImproperlyConfigured, match=f"has the path /{name}/x, as freetemp's own pages do"):
            environment.server_url(f"http://example.org/{name}/x")


def flat(patterns):
    """Yield the first pattern of each way through the URLconf that has a text."""
    for each in patterns:
        if isinstance(each, URLResolver) and not str(each.pattern):
            yield from flat(each.url_patterns)
        else:
            yield each


def test_a_script_name_is_the_path_of_the_server():
    assert environment.server_url("http://home.example", "/weather") == "http://home.example/weather"
    assert environment.server_url("http://home.example/weather/", "/weather") == "http://home.example/weather"
    with pytest.raises(ImproperlyConfigured, match="SERVER_URL has the path /weather, and SCRIPT_NAME is /w"):
        environment.server_url("http://home.example/weather", "/w")
    with pytest.raises(ImproperlyConfigured, match="give one like /weather"):
        environment.server_url("http://home.example", "weather")


def test_a_server_s_address_has_an_origin_and_perhaps_a_path():
    assert environment.origin_and_path("http://[fe80::1]:8000") == ("http://[fe80::1]:8000", None)
    assert environment.origin_and_path("https://home.example/weather") == ("https://home.example", "/weather")


def test_a_level_of_the_log():
    assert environment.log_level(" warning ") == "WARNING"
    with pytest.raises(ImproperlyConfigured, match="LOG_LEVEL is 'LOUD': give one of DEBUG, INFO"):
        environment.log_level("LOUD")


@pytest.mark.parametrize("wrong", ["weather.local:8000", "http://weather.local", "a b", "weather.local/"])
def test_what_is_no_name_of_a_host_is_refused(wrong):
    with pytest.raises(ImproperlyConfigured, match=r"ALLOWED_HOSTS: .* is no name: give names like weather"):
        environment.hosts("http://localhost", [wrong])


def test_every_name_that_django_takes_is_taken():
    names = ["weather.local", "wetter-büro", ".example.org", "*", "192.168.1.20", "[fe80::1]", "my_pi"]
    assert environment.hosts("http://localhost", names)[3:] == names


STRANGE = {
    "RETENTION_DAYS": "2y",
    "HSTS_SECONDS": "a year",
    "DEBUG": "offf",
    "LOG_LEVEL": "LOUD",
    "SERVER_URL": "http://someone:hunter2@home.example",
    "SCRIPT_NAME": "weather",
    "ALLOWED_HOSTS": "http://weather.local",
    "TRUSTED_PROXIES": "nginx",
    "STATION_TIME_ZONE": "Europe/Berln",
    "ENCRYPTION_KEYS": "hunter2",
    "DATABASE_URL": "postgresql://freetemp:hunter2/x@127.0.0.1/freetemp",
    "CACHE_URL": "redes://:hunter2@127.0.0.1",
    "MAP_TILES_URL": "tiles",
    "MAP_ATTRIBUTION": "<b>",
}


@pytest.mark.parametrize("name", STRANGE)
def test_a_setting_that_cannot_be_read_is_one_sentence_without_a_secret(name):
    refused = manage("check", SECRET_KEY=STRONG, **{"SERVER_URL": "http://home.example", name: STRANGE[name]})
    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == 1, refused.stderr
    assert "SERVER_URL" if name == "SCRIPT_NAME" else name in refused.stderr
    assert "hunter2" not in refused.stderr


@pytest.mark.parametrize("name", ["WEB_THREADS", "ACCESS_LOG"])  # gunicorn itself reads the third one first.
def test_a_setting_of_gunicorn_that_cannot_be_read_is_one_sentence(name):
    command = ["-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "--check-config", "freetemp.wsgi"]
    refused = preloaded.run(command, os.environ | {name: "many"})
    assert refused.returncode != 0
    assert refused.stderr.startswith(f"{name} is 'many': give ")
    assert len(refused.stderr.splitlines()) == 1, refused.stderr


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
