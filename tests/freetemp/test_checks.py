"""`manage.py check --deploy`: clean if nothing is wrong, and one warning if passwords cross the internet."""

import pytest
from django.core import checks

from freetemp.checks import plain_http_is_for_home
from tests.freetemp.conf.test_environment import STRONG, manage


def check(server_url):
    return manage("check", "--deploy", SERVER_URL=server_url, SECRET_KEY=STRONG, DEBUG="off")


@pytest.mark.parametrize(
    "server_url",
    [
        "https://weather.example.org",
        "http://192.168.1.20:8000",
        "HTTPS://Example.org",
        "https://home.example/weather",
        "http://192.168.1.20/weather",
    ],
)
def test_it_is_clean_behind_tls_and_in_a_home_network(server_url):
    checked = check(server_url)
    assert checked.returncode == 0
    assert "no issues" in checked.stdout + checked.stderr
    assert "WARNINGS" not in checked.stderr


def test_it_warns_of_plain_http_on_the_internet_and_of_nothing_else():
    checked = check("http://weather.example.org")
    assert "(freetemp.W001) SERVER_URL is http://weather.example.org: passwords cross the internet" in checked.stderr
    assert "docs/deploy.md" in checked.stderr
    assert "identified 1 issue" in checked.stderr


@pytest.mark.parametrize(
    ("server_url", "tls", "warnings"),
    [
        ("https://weather.example.org", True, []),
        ("http://pi.local:8000", False, []),
        ("http://weather.example.org", False, ["freetemp.W001"]),
    ],
)
def test_tls_or_a_private_address_satisfies_it(settings, server_url, tls, warnings):
    settings.SERVER_URL, settings.TLS = server_url, tls
    found = plain_http_is_for_home(None)
    assert [each.id for each in found] == warnings
    assert all(each.level == checks.WARNING for each in found)


def test_it_is_asked_at_deployment_only():
    everyday = {check.__name__ for check in checks.registry.registry.get_checks(include_deployment_checks=False)}
    assert plain_http_is_for_home.__name__ not in everyday
