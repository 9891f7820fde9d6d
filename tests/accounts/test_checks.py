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


@pytest.fixture
def log(tmp_path, caplog):
    """Lines as they are in the log, of three addresses, one of which is unknown."""
    for address, what in (
        ("203.0.113.9", "password"),
        ("2001:db8::7", "code"),
        ("198.51.100.1", "passkey"),
        ("", "code"),
    ):
        say({"REMOTE_ADDR": address}, what, "an account")
    file = tmp_path / "log"
    lines = [f"2026-11-29 05:14:30,022 WARNING {each.name} {each.getMessage()}\n" for each in caplog.records]
    file.write_text("".join(lines) + "2026-11-29 05:14:30,022 INFO x Something else from 203.0.113.9 for it.\n")
    return file


def test_the_shipped_filter_finds_the_addresses(log):
    (pattern,) = re.findall(r"^failregex = (.+)$", FILTER.read_text(), re.MULTILINE)
    found = re.findall(pattern.replace("<ADDR>", r"(?P<address>[0-9a-f.:]+)"), log.read_text())
    assert found == ["203.0.113.9", "2001:db8::7", "198.51.100.1"]


def test_fail2ban_itself_finds_three(log):
    if shutil.which("fail2ban-regex") is None:
        pytest.skip("there is no fail2ban")
    done = subprocess.run(["fail2ban-regex", log, FILTER], capture_output=True, text=True, check=True)
    assert "Lines: 5 lines, 0 ignored, 3 matched, 2 missed" in done.stdout
