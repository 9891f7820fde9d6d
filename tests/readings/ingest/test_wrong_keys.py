"""Many wrong keys get 429, counted by all workers together; a right key is never refused because of them."""

import time

import pytest
from django.core.cache import cache

from readings.models import Reading
from stations.models import Key, Station
from stations.wrong_keys import WITHIN_S, WRONG_KEYS, WrongKeys
from tests.conftest import MAC
from tests.server import Server

STRANGER = "0a:00:00:00:00:01"


@pytest.fixture
def get(client, key):
    def get(api_key=key, mac=MAC, **extra):
        return client.get(f"/update/API_key={api_key}/mac={mac}/field=1/data=21.4", **extra).status_code

    return get


def use_up(get, **extra):
    assert {get("wrong", **extra) for _ in range(WRONG_KEYS)} == {403}
    assert get("wrong", **extra) == 429


@pytest.mark.django_db
def test_a_right_key_is_taken_from_the_address_and_for_the_mac_of_the_wrong_ones(get):
    use_up(get)
    assert get() == 200
    assert get("wrong") == 429, "and it forgives nobody else's"


@pytest.mark.django_db
def test_wrong_ones_count_whatever_their_mac(get):
    use_up(get, mac=STRANGER)
    assert get("wrong", mac=MAC) == 429


@pytest.mark.django_db
def test_a_right_key_does_not_touch_the_cache(get, monkeypatch):
    monkeypatch.setattr("freetemp.shared_counts.cache", None)
    assert get() == 200
    monkeypatch.setattr("stations.wrong_keys.wrong_keys", None)
    assert get() == 200


@pytest.mark.django_db
def test_an_ipv6_network_counts_as_one_address(get):
    for n in range(WRONG_KEYS):
        assert get("wrong", REMOTE_ADDR=f"2001:db8:0:7::{n:x}") == 403
    assert get("wrong", REMOTE_ADDR="2001:db8:0:7:ffff::1") == 429
    assert get("wrong", REMOTE_ADDR="2001:db8:0:8::1") == 403


@pytest.mark.django_db
def test_made_up_addresses_help_nobody_without_a_named_proxy(get):
    for n in range(WRONG_KEYS):
        assert get("wrong", HTTP_X_FORWARDED_FOR=f"192.0.2.{n}") == 403
    assert get("wrong", HTTP_X_FORWARDED_FOR="198.51.100.1") == 429


@pytest.mark.django_db
def test_the_wait_ends(get, monkeypatch):
    use_up(get)
    later = time.time() + WITHIN_S
    monkeypatch.setattr("freetemp.counter_cache.time.time", lambda: later)
    assert get("wrong") == 403


FROM_ONE = {"REMOTE_ADDR": "192.0.2.1"}


def test_the_wait_begins_anew_with_the_first_wrong_key_too_many(monkeypatch):
    """It lasts as long as stated from then on, whenever the first of them came."""
    throttle, clock = WrongKeys(), [1_000.0]
    monkeypatch.setattr("freetemp.counter_cache.time.time", lambda: clock[0])
    assert {throttle.wait_s(FROM_ONE) for _ in range(WRONG_KEYS)} == {0}
    clock[0] += WITHIN_S - 1
    assert [throttle.wait_s(FROM_ONE) for _ in range(3)] == [WITHIN_S] * 3
    clock[0] += WITHIN_S - 1
    assert throttle.wait_s(FROM_ONE) == WITHIN_S, "until the end of what was told"
    clock[0] += 2
    assert {throttle.wait_s(FROM_ONE) for _ in range(WRONG_KEYS)} == {0}


def test_wrong_keys_are_forgotten_when_a_minute_has_passed_since_the_first(monkeypatch):
    throttle, clock = WrongKeys(), [1_000.0]
    monkeypatch.setattr("freetemp.counter_cache.time.time", lambda: clock[0])
    for _ in range(WRONG_KEYS):
        throttle.wait_s(FROM_ONE)
    clock[0] += WITHIN_S
    assert {throttle.wait_s(FROM_ONE) for _ in range(WRONG_KEYS)} == {0}
    assert throttle.wait_s(FROM_ONE) == WITHIN_S
    assert throttle.wait_s({"REMOTE_ADDR": "192.0.2.2"}) == 0


def test_a_cache_that_failed_is_asked_again_after_half_a_minute(monkeypatch):
    throttle, clock, asked = WrongKeys(), [50.0], []

    def fail(*_, **__):
        asked.append(clock[0])
        raise ConnectionError("no Redis")

    monkeypatch.setattr("freetemp.shared_counts.time.monotonic", lambda: clock[0])
    monkeypatch.setattr(cache, "incr", fail)
    for clock[0] in (50.0, 79.9, 80.0, 109.9, 110.0):
        assert throttle.wait_s(FROM_ONE) == 0
    assert asked == [50.0, 80.0, 110.0]


@pytest.mark.django_db
def test_a_cache_that_fails_refuses_as_before_and_is_left_alone_for_a_while(get, monkeypatch, caplog):
    asked = []

    def fail(*_, **__):
        asked.append(1)
        raise ConnectionError("no Redis")

    monkeypatch.setattr("stations.wrong_keys.wrong_keys", WrongKeys())
    monkeypatch.setattr(cache, "incr", fail)
    assert {get("wrong") for _ in range(WRONG_KEYS + 2)} == {403}
    assert len(asked) == 1
    (said,) = caplog.records
    assert "no Redis" in said.message
    assert said.exc_info is None, "a disk that is full needs no traceback"


@pytest.fixture
def committed(transactional_db):
    return Key.objects.issue(Station.objects.create(name="Garden", mac=MAC))


def send(server, api_key, *headers):
    line = f"GET /update/API_key={api_key}/mac={MAC}/field=1/data=1 HTTP/1.0"
    return server.send("\r\n".join([line, *headers, "", ""]).encode())


def workers(log):
    return log.read_text().count("Booting worker")


@pytest.mark.sqlite_only
def test_two_workers_count_together_and_exactly(committed, tmp_path):
    with Server(tmp_path / "log", WEB_CONCURRENCY="2", VAR_DIR=str(tmp_path)) as server:
        answers = [send(server, "wrong") for _ in range(WRONG_KEYS + 20)]
        assert send(server, committed)[0] == 200
    assert workers(tmp_path / "log") == 4, "two for boards, and two for people"
    assert [status for status, _, _ in answers] == [403] * WRONG_KEYS + [429] * 20
    assert 0 < int(answers[-1][1]["retry-after"]) <= WITHIN_S
    assert answers[-1][2] == b"too many wrong keys"
    assert Reading.objects.count() == 1


@pytest.mark.sqlite_only
def test_behind_a_named_proxy_each_address_is_counted_apart(committed, tmp_path):
    behind = {"TRUSTED_PROXIES": "127.0.0.1", "VAR_DIR": str(tmp_path)}
    with Server(tmp_path / "log", **behind) as server:
        for n in range(WRONG_KEYS):
            spoofed = f"X-Forwarded-For: 192.0.2.{n}, 198.51.100.7"
            assert send(server, "wrong", spoofed)[0] == 403
        assert send(server, "wrong", "X-Forwarded-For: 198.51.100.7")[0] == 429
        assert send(server, "wrong", "X-Forwarded-For: 198.51.100.8")[0] == 403
        assert send(server, committed, "X-Forwarded-For: 198.51.100.7")[0] == 200
