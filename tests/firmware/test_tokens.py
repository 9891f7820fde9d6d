"""Tokens for flashing a board from elsewhere: one station, one flash, one hour."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from firmware.models import FlashToken, FlashUse
from stations.models import Key, Station

pytestmark = pytest.mark.django_db


@pytest.fixture
def token(station):
    return FlashToken.objects.make(station, made_by="keeper")


def test_a_token_is_claimed_as_often_as_its_flash_asks(station, token):
    for _ in range(3):
        assert FlashToken.objects.claim(token).station == station


@pytest.mark.parametrize("text", ["", "x", "\udcff", "a" * 5000])
def test_what_is_no_token_claims_nothing(token, text):
    with pytest.raises(FlashToken.DoesNotExist):
        FlashToken.objects.claim(text)


def test_a_token_ends_within_an_hour(token):
    now = timezone.now()
    assert FlashToken.objects.claim(token, at=now + timedelta(minutes=59))
    with pytest.raises(FlashToken.DoesNotExist):
        FlashToken.objects.claim(token, at=now + timedelta(hours=1, seconds=1))


def test_the_hour_ends_for_a_claim_and_for_the_page_at_one_moment(token, monkeypatch):
    ends = FlashToken.objects.get().expires_at
    just_before = ends - timedelta(milliseconds=1)
    assert FlashToken.objects.claim(token, at=just_before)
    with pytest.raises(FlashToken.DoesNotExist):
        FlashToken.objects.claim(token, at=ends)
    states = []
    for moment in (just_before, ends):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        states.append(FlashToken.objects.get().state)
    assert states == ["usable", "ended"]


def test_a_token_that_a_clock_ahead_has_made_does_not_last_until_then(station, monkeypatch):
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(days=3650))
    token = FlashToken.objects.make(station)
    monkeypatch.setattr(timezone, "now", lambda: now)
    with pytest.raises(FlashToken.DoesNotExist):
        FlashToken.objects.claim(token)
    assert FlashToken.objects.get().state == "ended"


def test_each_token_claims_its_own_station_and_says_its_maker(station, token):
    of_another = FlashToken.objects.make(Station.objects.create(name="Pond"))
    claimed = [FlashToken.objects.claim(text) for text in (token, of_another)]
    assert [str(each.station) for each in claimed] == ["Garden", "Pond"]
    assert [each.made_by for each in claimed] == ["keeper", ""]
    assert list(FlashToken.objects.all()) == claimed[::-1], "the newest first"


def test_a_new_token_ends_the_one_before_it_and_none_of_another_station(station, token):
    of_another = FlashToken.objects.make(Station.objects.create(name="Pond"))
    FlashToken.objects.make(station)
    with pytest.raises(FlashToken.DoesNotExist):
        FlashToken.objects.claim(token)
    assert FlashToken.objects.claim(of_another)


def test_an_ended_token_claims_nothing(station, token):
    assert FlashToken.objects.filter(station=station).end() == 1
    assert FlashToken.objects.filter(station=station).end() == 0
    with pytest.raises(FlashToken.DoesNotExist):
        FlashToken.objects.claim(token)
    assert FlashToken.objects.get().state == "ended"


def test_a_token_is_used_once_its_key_has_reported(station, token):
    claimed = FlashToken.objects.claim(token)
    Key.objects.issue(station)
    claimed.key = Key.objects.get()
    claimed.save()
    assert claimed.state == "usable", "a flash that failed may be run again"
    Key.objects.update(first_used_at=timezone.now())
    assert FlashToken.objects.get().state == "used"


def test_no_table_of_the_database_holds_it(token):
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            assert token not in str(cursor.fetchall()), table


def test_every_use_is_written_down(token):
    claimed = FlashToken.objects.claim(token)
    claimed.log("took the files", "192.0.2.7")
    claimed.log("x" * 300, None)
    assert list(FlashUse.objects.values_list("what", "address")) == [("x" * 200, None), ("took the files", "192.0.2.7")]


def test_claiming_costs_one_query(token, django_assert_num_queries):
    with django_assert_num_queries(1):
        FlashToken.objects.claim(token)
