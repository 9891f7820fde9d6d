"""The cache in one file: processes share it, its counts are exact, and it never grows."""

import os
import pickle
import subprocess
import sys
import time

import pytest
from django.core.exceptions import ImproperlyConfigured

from freetemp.conf.cache_url import shared_cache
from freetemp.counter_cache import FILE_BYTES, LONGEST_S, MOST_BYTES, SlotCache
from tests.programs import waited
from tests.server import ROOT

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def cache(tmp_path):
    return SlotCache(str(tmp_path / "new" / "cache"), {})


@pytest.fixture
def later(monkeypatch):
    """Let some seconds pass for the cache."""
    now = [time.time()]
    monkeypatch.setattr("freetemp.counter_cache.time.time", lambda: now[0])
    return lambda seconds: now.append(now.pop() + seconds)


def test_it_keeps_what_a_django_cache_keeps(cache):
    assert cache.get("a", "none") == "none"
    cache.set("a", {"b": [1, None]})
    assert cache.get("a") == {"b": [1, None]}
    assert not cache.add("a", 2)
    assert cache.add("c", 2)
    assert cache.get_many(["a", "c", "d"]) == {"a": {"b": [1, None]}, "c": 2}
    assert "c" in cache
    assert cache.delete("c")
    assert not cache.delete("c")
    cache.clear()
    assert cache.get("a") is None


def test_it_counts(cache):
    with pytest.raises(ValueError, match="not found"):
        cache.incr("n")
    cache.add("n", 0)
    assert [cache.incr("n"), cache.incr("n", 5), cache.decr("n")] == [1, 6, 5]


def test_what_has_ended_is_not_there(cache, later):
    cache.set("a", 1, timeout=60)
    cache.set("b", 1, timeout=None)
    assert cache.get("a") == 1
    assert cache.touch("b", 60)
    later(61)
    assert cache.get("a") is None
    assert cache.get("b") is None
    assert cache.add("a", 2)


def test_counting_does_not_move_the_end(cache, later):
    cache.add("n", 0, timeout=60)
    later(59)
    cache.incr("n")
    later(2)
    assert cache.get("n") is None


def test_what_is_too_large_is_not_kept_and_what_was_there_is_gone(cache):
    cache.set("a", 1)
    cache.set("a", "x" * MOST_BYTES)
    assert cache.get("a") is None


def test_any_number_of_keys_takes_the_same_room(cache, tmp_path):
    for n in range(5_000):
        cache.add(f"flood-{n}", 1, timeout=60)
    assert (tmp_path / "new" / "cache").stat().st_size <= FILE_BYTES
    cache.add("mine", 1, timeout=60)
    assert cache.get("mine") == 1


def test_a_torn_or_foreign_file_is_an_empty_cache(cache, tmp_path):
    path = tmp_path / "new" / "cache"
    cache.set("a", 1)
    content = bytearray(path.read_bytes())
    at = content.rfind(bytes([content[-128:].rstrip(b"\0")[-1]]))
    content[at] ^= 1
    path.write_bytes(content)
    assert cache.get("a") is None
    path.write_bytes(os.urandom(100_000))
    assert cache.get("a") is None
    assert cache.add("a", 3)
    assert cache.get("a") == 3


def test_what_ends_first_gives_way_and_what_never_ends_stays(cache, monkeypatch):
    """A row has eight slots. Among keys that share a row, the newest replaces the one that ends first."""
    clock = [1_000.0]
    monkeypatch.setattr("freetemp.counter_cache.time.time", lambda: clock[0])
    monkeypatch.setattr("freetemp.counter_cache.ROWS", 1)
    for n in range(8):
        cache.set(f"key-{n}", n, timeout=None if n == 3 else 100 - n)
    cache.set("key-8", 8, timeout=5)
    assert [cache.get(f"key-{n}") for n in range(9)] == [*range(7), None, 8]
    cache.set("key-9", 9, timeout=500)
    assert [cache.get(f"key-{n}") for n in range(10)] == [*range(7), None, None, 9]
    assert cache.delete("key-5")
    cache.set("key-10", 10)
    assert [cache.get(f"key-{n}") for n in (0, 3, 4, 5, 6, 9, 10)] == [0, 3, 4, None, 6, 9, 10]


def test_a_key_ends_at_its_end_and_lasts_as_long_as_djangos_default(cache, monkeypatch):
    clock = [1_000.0]
    monkeypatch.setattr("freetemp.counter_cache.time.time", lambda: clock[0])
    cache.set("mine", 1, timeout=10)
    cache.set("default", 2)
    cache.set("ended", 3, timeout=0)
    assert (cache.get("ended"), cache.touch("ended"), cache.delete("ended")) == (None, False, False)
    clock[0] = 1_009.999
    assert cache.get("mine") == 1
    assert cache.incr("mine") == 2
    clock[0] = 1_010.0
    assert cache.get("mine") is None
    with pytest.raises(ValueError, match="not found"):
        cache.incr("mine")
    clock[0] = 1_000 + cache.default_timeout - 0.001
    assert cache.get("default") == 2
    clock[0] += 0.001
    assert cache.get("default") is None


@pytest.mark.parametrize("ahead_s", [LONGEST_S + 1, 10 * 365 * 86_400])
def test_a_count_that_was_begun_under_a_clock_ahead_has_ended_once_it_is_right(cache, later, ahead_s):
    later(ahead_s)
    cache.add("n", 5, timeout=60)
    later(-ahead_s)
    assert cache.get("n") is None
    assert cache.add("n", 1, timeout=60)
    assert cache.incr("n") == 2


def test_nothing_lasts_longer_than_an_hour_but_for_ever(cache, later):
    cache.set("long", 1, timeout=LONGEST_S + 1)
    cache.set("ever", 1, timeout=None)
    later(LONGEST_S - 1)
    assert (cache.get("long"), cache.get("ever")) == (1, 1)
    later(2)
    assert (cache.get("long"), cache.get("ever")) == (None, 1)


@pytest.mark.parametrize("most", [0, 1])
def test_the_largest_value_fills_its_slot(cache, most):
    value = "x" * (MOST_BYTES - len(pickle.dumps("")) - 10)
    while len(pickle.dumps(value + "x")) <= MOST_BYTES + most:
        value += "x"
    cache.set("a", value)
    cache.set("b", 1)
    assert cache.get("a") == (None if most else value)
    assert cache.get("b") == 1


def test_versions_of_a_key_are_keys_of_their_own(cache):
    cache.set("a", 1, version=1)
    cache.set("a", 2, version=2)
    assert cache.incr("a", version=2) == 3
    assert (cache.get("a", version=1), cache.get("a", version=2), cache.get("a")) == (1, 3, 1)
    assert cache.add("a", 9, version=3)
    assert cache.touch("a", 5, version=3)
    assert cache.delete("a", version=1)
    assert cache.get("a") is None


def test_nobody_else_on_the_machine_reads_it(cache, tmp_path):
    cache.set("a", 1)
    assert (tmp_path / "new" / "cache").stat().st_mode & 0o077 == 0


def test_processes_count_together_and_none_is_lost(cache, tmp_path):
    cache.add("n", 0)
    program = f"""
from django.conf import settings
settings.configure()
from freetemp.counter_cache import SlotCache
cache = SlotCache({str(tmp_path / "new" / "cache")!r}, {{}})
for _ in range(500):
    cache.incr("n")
"""
    running = [subprocess.Popen([sys.executable, "-c", program], cwd=ROOT) for _ in range(3)]
    assert [waited(process) for process in running] == [0, 0, 0]
    assert cache.get("n") == 1500


def test_without_a_cache_url_it_is_the_file(tmp_path):
    assert shared_cache("", tmp_path) == {
        "BACKEND": "freetemp.counter_cache.SlotCache",
        "LOCATION": str(tmp_path / "cache.slots"),
    }


def test_a_redis_that_is_named_is_taken_and_not_waited_for_long(tmp_path, monkeypatch):
    monkeypatch.setattr("freetemp.conf.cache_url.find_spec", lambda _: object())
    named = shared_cache("redis://127.0.0.1:6379/1", tmp_path)
    assert named["LOCATION"] == "redis://127.0.0.1:6379/1"
    assert named["OPTIONS"] == {"socket_connect_timeout": 1, "socket_timeout": 1}
    assert shared_cache("redis://h/1?socket_timeout=3", tmp_path)["OPTIONS"]["socket_timeout"] == 3


def test_a_redis_without_its_package_is_told_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr("freetemp.conf.cache_url.find_spec", lambda _: None)
    with pytest.raises(ImproperlyConfigured, match=r"pip install -r requirements/redis\.txt"):
        shared_cache("redis://127.0.0.1:6379/1", tmp_path)
