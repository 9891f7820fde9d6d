"""allauth's own limits would never hold with freetemp's cache: a system check says so, and fail2ban reads our lines."""

import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from django.core.cache import caches

from accounts.checks import MOST_TIMES, SLOTS, check_rate_limits
from freetemp.counter_cache import SlotCache
from freetemp.logins.wrong_passwords import say

pytestmark = pytest.mark.sqlite_only

FILTER = Path(__file__).parents[2] / "deploy/fail2ban/filter.d/freetemp.conf"


def test_a_slot_takes_nine_moments_and_not_ten():
    cache = caches["default"]
    assert isinstance(cache, SlotCache)
    for count, is_kept in ((MOST_TIMES, True), (MOST_TIMES + 1, False)):
        cache.set("moments", [time.time()] * count, 60)
        assert (cache.get("moments") is not None) is is_kept


def test_the_settings_pass_and_a_limit_that_would_never_hold_is_named(settings):
    assert check_rate_limits(None) == []
    settings.ACCOUNT_RATE_LIMITS = {"login": "5/m/ip", "login_failed": "9/m/ip,10/300s/key"}
    (error,) = [each for each in check_rate_limits(None) if "'login_failed'" in each.msg]
    assert error.id == "accounts.E001"
    assert "ACCOUNT_RATE_LIMITS['login_failed'] is '9/m/ip,10/300s/key'" in error.msg
    settings.CACHES = {"default": settings.CACHES["default"] | {"BACKEND": "x"}}
    assert check_rate_limits(None) == []
    assert SLOTS != "x"


def test_the_limits_that_allauth_has_by_itself_are_named(settings):
    settings.MFA_RATE_LIMITS = {}
    assert [each.msg[:35] for each in check_rate_limits(None)] == ["MFA_RATE_LIMITS['webauthn_login'] i"]


AT = "2026-11-29 05:14:30,022"
LIE = "WARNING freetemp.logins.wrong_passwords Wrong password from 203.0.113.200 for an account."
OTHERS = (
    f"{AT} INFO x Something else from 203.0.113.9 for it.\n"
    f'192.0.2.1 - - [29/Nov/2026:05:14:30 +0000] "GET / HTTP/1.1" 200 512 "-" "{LIE}"\n'
    f"{AT} WARNING django.security.DisallowedHost DisallowedHost: Invalid HTTP_HOST header: '{LIE}'\n"
)


@pytest.fixture
def log(tmp_path, caplog):
    """Lines as they are in the log, of three addresses, one of which is unknown."""
    for address, what, whose in (
        ("203.0.113.9", "password", "an account"),
        ("2001:db8::7", "code", "user 12"),
        ("198.51.100.1", "passkey", "nobody"),
        ("", "code", "user 12"),
    ):
        say({"REMOTE_ADDR": address}, what, whose)
    file = tmp_path / "log"
    lines = [f"{AT} WARNING {each.name} {each.getMessage()}\n" for each in caplog.records]
    file.write_text("".join(lines) + OTHERS)
    return file


@pytest.mark.parametrize("before", [f"{AT} ", " ", f"weather gunicorn[812]: {AT} ", f" weather freetemp: {AT} "])
def test_the_shipped_filter_finds_the_addresses_and_no_lie(log, before):
    (pattern,) = re.findall(r"^failregex = (.+)$", FILTER.read_text(), re.MULTILINE)
    text = log.read_text().replace(f"{AT} ", before)  # fail2ban cuts off the time. The journal has the program.
    found = re.findall(pattern.replace("<ADDR>", r"(?P<address>[0-9a-f.:]+)"), text, re.MULTILINE)
    assert found == ["203.0.113.9", "2001:db8::7", "198.51.100.1"]


def test_fail2ban_itself_finds_three(log):
    if shutil.which("fail2ban-regex") is None:
        pytest.skip("there is no fail2ban")
    done = subprocess.run(["fail2ban-regex", log, FILTER], capture_output=True, text=True, check=True)
    assert "Lines: 7 lines, 0 ignored, 3 matched, 4 missed" in done.stdout
