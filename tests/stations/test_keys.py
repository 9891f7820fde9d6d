"""A station's keys: their stored parts, and the times at which each is valid."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from stations.models import Claim, Key, Station
from stations.models.key import digest, hint
from tests.conftest import MAC

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def first_use(key):
    Key.objects.authenticate(MAC, key).take_over(NOON)


def states(station):
    return sorted(key.state for key in station.keys.all())


def test_only_a_digest_and_a_hint_are_kept(station, key):
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM stations_key")
        [row] = cursor.fetchall()
    assert key not in str(row)
    stored = Key.objects.get()
    assert (stored.digest, stored.hint) == (digest(key), key[-4:])
    assert str(stored) == f"…{key[-4:]} of Garden, pending"


def test_a_key_has_128_random_bits_in_hex(station):
    keys = {Key.objects.issue(station) for _ in range(20)}
    assert len(keys) == 20
    assert all(len(bytes.fromhex(key)) == 16 for key in keys)


def test_a_short_key_gives_nothing_away_in_its_hint():
    assert (hint("a-short-key"), hint("0123456789abcdef")) == ("", "cdef")


def test_an_issued_key_is_good_at_once_and_one_query_tells_whose_it_is(station, key, django_assert_num_queries):
    claim = Claim.of(MAC, key)
    with django_assert_num_queries(1):
        holder = Key.objects.verify([claim])[claim]
    assert (holder.station, holder.interval_s, bool(holder.is_pending)) == (station.pk, 60, True)
    assert Key.objects.authenticate(MAC, key).state == "pending"


def test_a_key_is_good_for_the_mac_of_its_own_station_only_also_beside_that_stations_claims(station, key):
    other = Station.objects.create(name="Roof", mac="02:00:00:00:00:02")
    others_key = Key.objects.issue(other)
    good = [Claim.of(MAC, key), Claim.of(other.mac, others_key)]
    forged = [Claim.of(MAC, others_key), Claim.of(other.mac, key)]
    verified = Key.objects.verify([*forged, *good])
    assert {claim: holder.station for claim, holder in verified.items()} == {good[0]: station.pk, good[1]: other.pk}


@pytest.mark.parametrize("wrong", ["", "x", "0" * 32, "é", "\udcff", "\x00", "k" * 10_000])
def test_a_wrong_key_is_good_for_nothing(station, key, wrong):
    assert Key.objects.authenticate(MAC, wrong) is None


def test_a_key_in_other_case_or_with_more_behind_it_is_another_key(key):
    assert Key.objects.authenticate(MAC, key.upper() + "A") is None
    assert Key.objects.authenticate(MAC, key + " ") is None
    assert Key.objects.authenticate(MAC, digest(key)) is None


def test_a_key_is_good_for_its_own_station_only(key):
    Station.objects.create(name="Pond", mac="aa:bb:cc:dd:ee:01")
    assert Key.objects.authenticate("aa:bb:cc:dd:ee:01", key) is None
    assert Key.objects.authenticate("00:00:00:00:00:00", key) is None


def test_an_unknown_mac_costs_the_queries_of_a_known_one(key, django_assert_num_queries):
    with django_assert_num_queries(1):
        Key.objects.authenticate("00:00:00:00:00:00", key)
    with django_assert_num_queries(1):
        Key.objects.authenticate(MAC, "wrong")


def test_an_inactive_station_has_no_good_key_until_it_is_active_again(station, key):
    Station.objects.update(active=False)
    assert Key.objects.authenticate(MAC, key) is None
    Station.objects.update(active=True)
    assert Key.objects.authenticate(MAC, key) is not None


def test_two_keys_are_good_until_the_new_one_is_used(station, key):
    first_use(key)
    new = Key.objects.issue(station)
    assert states(station) == ["live", "pending"]
    assert Key.objects.authenticate(MAC, key).state == "live"
    assert Key.objects.authenticate(MAC, new).state == "pending"


def test_the_first_use_of_the_new_key_ends_the_old_one(station, key):
    first_use(key)
    new = Key.objects.issue(station)
    first_use(new)
    assert states(station) == ["ended", "live"]
    assert Key.objects.authenticate(MAC, key) is None
    live = Key.objects.authenticate(MAC, new)
    assert (live.state, live.first_used_at) == ("live", NOON)
    assert Key.objects.get(digest=digest(key)).ended_at == NOON


def test_later_uses_change_nothing_and_ask_nothing(station, key, django_assert_num_queries):
    first_use(key)
    live = Key.objects.authenticate(MAC, key)
    with django_assert_num_queries(0):
        live.take_over(datetime(2027, 1, 1, tzinfo=UTC))
    assert Key.objects.get().first_used_at == NOON


def test_issuing_another_replaces_the_pending_one_never_the_live_one(station, key):
    first_use(key)
    first, second = Key.objects.issue(station), Key.objects.issue(station)
    assert states(station) == ["ended", "live", "pending"]
    assert Key.objects.authenticate(MAC, first) is None
    assert Key.objects.authenticate(MAC, second).state == "pending"
    assert Key.objects.authenticate(MAC, key).state == "live"


def test_a_key_that_was_replaced_while_its_report_was_under_way_ends_no_live_key(station, key):
    first_use(key)
    under_way = Key.objects.authenticate(MAC, Key.objects.issue(station))
    Key.objects.issue(station)
    under_way.take_over(NOON)
    assert states(station) == ["ended", "live", "pending"]
    assert Key.objects.authenticate(MAC, key).state == "live"


def test_issuing_for_one_station_leaves_the_keys_of_others_alone(station, key):
    Key.objects.issue(Station.objects.create(name="Pond"))
    assert Key.objects.authenticate(MAC, key) is not None


def test_an_ended_key_is_good_for_nothing_and_stays_ended(station, key):
    assert Key.objects.end(NOON) == 1
    assert Key.objects.end(datetime(2027, 1, 1, tzinfo=UTC)) == 0, "it has ended already"
    assert Key.objects.authenticate(MAC, key) is None
    assert Key.objects.get().ended_at == NOON
    assert states(station) == ["ended"]


def test_a_key_that_a_board_has_already_is_taken_over_as_it_is(station):
    assert Key.objects.issue(station, "the-old-board-key") == "the-old-board-key"
    assert Key.objects.authenticate(MAC, "the-old-board-key").station == station


@pytest.mark.parametrize("first_used_at", [None, NOON])
def test_the_database_itself_refuses_a_second_pending_or_live_key(station, first_used_at):
    Key.objects.create(station=station, digest="a", first_used_at=first_used_at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Key.objects.create(station=station, digest="b", first_used_at=first_used_at)
    Key.objects.create(station=station, digest="c", first_used_at=first_used_at, ended_at=NOON)


@pytest.mark.parametrize("length", [1, 4, 15])
def test_a_hint_is_a_quarter_of_a_key_at_most(length):
    assert hint("k" * length) == ""
    assert hint("k" * 12 + "last") == "last"


def test_a_key_that_was_ended_or_used_meanwhile_takes_nothing_over(station, key):
    """Both were looked up before: what is stored decides."""
    ended, used = Key.objects.authenticate(MAC, key), Key.objects.authenticate(MAC, key)
    used.take_over(NOON)
    ended.take_over(datetime(2027, 1, 1, tzinfo=UTC))
    assert (Key.objects.get().first_used_at, states(station)) == (NOON, ["live"])
    Key.objects.end(NOON)
    Key.objects.issue(station)
    gone = Key.objects.get(ended_at=None)
    Key.objects.end(NOON)
    gone.take_over(NOON)
    assert states(station) == ["ended", "ended"]


def test_a_key_that_takes_over_ends_the_live_one_of_its_own_station_alone(station, key):
    pond = Station.objects.create(name="Pond", mac="aa:bb:cc:dd:ee:01")
    other = Key.objects.issue(pond)
    Key.objects.authenticate(pond.mac, other).take_over(NOON)
    first_use(key)
    first_use(Key.objects.issue(station))
    assert states(pond) == ["live"]
    assert states(station) == ["ended", "live"]


def test_keys_are_ended_at_the_moment_that_is_given_or_now_and_counted(station, key):
    Key.objects.issue(Station.objects.create(name="Pond"))
    assert Key.objects.filter(station=station).end(NOON) == 1
    assert [each.ended_at for each in Key.objects.order_by("pk")] == [NOON, None]
    assert Key.objects.end() == 1
    assert Key.objects.last().ended_at is not None


def test_the_live_and_the_pending_keys_are_those_that_have_not_ended(station, key):
    first_use(key)
    Key.objects.issue(station)
    assert [Key.objects.usable().count(), Key.objects.live().count(), Key.objects.pending().count()] == [2, 1, 1]
    Key.objects.end(NOON)
    assert [Key.objects.usable().count(), Key.objects.live().count(), Key.objects.pending().count()] == [0, 0, 0]


def test_claims_of_many_stations_are_told_apart_in_one_question(station, key, django_assert_num_queries):
    pond = Station.objects.create(name="Pond", mac="aa:bb:cc:dd:ee:01", interval_s=600)
    own, other = Claim.of(MAC, key), Claim.of(pond.mac, Key.objects.issue(pond))
    swapped = own._replace(mac=other.mac)
    with django_assert_num_queries(1):
        holders = Key.objects.verify({own, other, swapped, Claim.of("0a:00:00:00:00:01", key)})
    assert {claim: (each.station, each.interval_s) for claim, each in holders.items()} == {
        own: (station.pk, 60),
        other: (pond.pk, 600),
    }
    first_use(key)
    assert not Key.objects.verify({own})[own].is_pending
