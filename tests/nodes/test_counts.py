"""What all nodes count together: wrong keys, exactly, in a table that stays small and waits for no disk."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from freetemp import counter_table
from freetemp.conf.cache_url import shared_cache
from freetemp.counter_table import TableCache
from freetemp.models import SharedCount
from stations.wrong_keys import WITHIN_S, WRONG_KEYS
from tests.crash.registry import register


@pytest.fixture
def cache(transactional_db):
    return TableCache("freetemp_sharedcount", {})


@pytest.mark.django_db(transaction=True)
def test_wrong_keys_at_two_nodes_at_once_are_counted_exactly_and_a_right_one_is_taken_at_both(nodes):
    (board,) = register(1, (3,))
    wrong = board._replace(key="0" * 32).get(3, 1)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: nodes[n % 2].send(wrong), range(WRONG_KEYS + 20)))
    statuses = sorted(status for status, _, _ in answers)
    assert statuses == [403] * WRONG_KEYS + [429] * 20
    (waits,) = {int(headers["retry-after"]) for status, headers, _ in answers if status == 429}
    assert 0 < waits <= WITHIN_S
    assert [node.send(board.get(3, 1))[0] for node in nodes] == [200, 200]
    assert [node.send(wrong)[0] for node in nodes] == [429, 429]


def test_postgresql_has_the_table_and_a_redis_comes_before_it(tmp_path):
    backends = [shared_cache(url, tmp_path, has_nodes=True)["BACKEND"] for url in ("", "locmemcache://")]
    assert backends == ["freetemp.counter_table.TableCache", "django.core.cache.backends.locmem.LocMemCache"]


@pytest.mark.django_db
def test_the_table_is_not_logged_so_that_a_count_waits_for_no_disk_and_no_standby():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'freetemp_sharedcount'")
        assert cursor.fetchone() == ("u",)


def test_it_keeps_counts_as_any_cache_of_django_does(cache):
    assert cache.add("a", 1, 60)
    assert not cache.add("a", 7, 60)
    assert [cache.incr("a"), cache.incr("a", 3), cache.decr("a"), cache.get("a")] == [2, 5, 4, 4]
    cache.set("b", 1.5, 60)
    assert (cache.get("b"), cache.get("c"), cache.get("c", 9)) == (1.5, None, 9)
    assert (cache.touch("b", 10), cache.touch("c", 10)) == (True, False)
    assert (cache.delete("b"), cache.delete("b")) == (True, False)
    with pytest.raises(ValueError, match="not found"):
        cache.incr("b")
    cache.clear()
    assert cache.get("a") is None


def test_what_has_ended_is_gone_by_the_database_s_clock(cache):
    cache.set("a", 5, 60)
    SharedCount.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    assert (cache.get("a"), cache.touch("a", 60), cache.delete("a")) == (None, False, False)
    cache.set("a", 5, 60)
    SharedCount.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(ValueError, match="not found"):
        cache.incr("a")
    assert cache.add("a", 1, 60)
    assert cache.get("a") == 1


def test_at_once_from_many_connections_each_is_counted_and_one_is_first(cache):
    def count(number):
        try:
            first = cache.add("a", 0, 60)
            return first, [cache.incr("a") for _ in range(20)]
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(count, range(6)))
    assert sum(first for first, _ in answers) == 1
    assert sorted(number for _, numbers in answers for number in numbers) == list(range(1, 121))


def test_the_table_stays_small_whatever_is_counted(cache, monkeypatch):
    monkeypatch.setattr(counter_table, "MOST_ROWS", 30)
    monkeypatch.setattr(counter_table, "PRUNED_ONCE_IN", 10)
    for number in range(400):
        cache.add(f"network-{number}", 1, 60 + number)
    cache.prune()
    assert SharedCount.objects.count() == 30
    assert cache.get("network-399") == 1, "those that end last stay"
    SharedCount.objects.update(ends_at=timezone.now())
    cache.prune()
    assert not SharedCount.objects.exists()


def test_a_failure_leaves_the_transaction_around_it_whole(cache):
    cache.set("a", "x", 60)
    with transaction.atomic():
        with pytest.raises(Exception, match="invalid input syntax"):
            cache.incr("a")
        assert cache.add("b", 1, 60)
    assert cache.get("b") == 1
