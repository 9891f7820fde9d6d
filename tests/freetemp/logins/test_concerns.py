"""The overview tells people who look after accounts how many wrong logins came, and from where."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from freetemp.models import MOST_ROWS, WrongLogins
from freetemp.overview.concerns import Urgency
from freetemp.overview.report import Overview

pytestmark = pytest.mark.django_db


@pytest.fixture
def concern(django_user_model):
    admin = django_user_model.objects.create_superuser("admin", password="x")
    return lambda of=admin: next((each for each in Overview.of(of).concerns if each.kind == "logins"), None)


def note(network, times=1, at=None):
    for _ in range(times):
        WrongLogins.objects.note(network, at or timezone.now())


def test_a_person_who_mistypes_is_no_concern_and_a_few_are_worth_knowing(concern):
    at = timezone.now() - timedelta(hours=2, minutes=30)
    note("192.0.2.1", 2, at)
    assert concern() is None
    note("2001:db8::/64", at=at)
    assert concern().urgency == Urgency.NOTE
    assert concern().title == "3 wrong logins to the admin within a day"
    assert [(item.what, item.detail) for item in concern().items] == [
        ("192.0.2.1", "2 wrong logins, the last one 2\xa0hours ago"),
        ("2001:db8::/64", "1 wrong login, the last one 2\xa0hours ago"),
    ]


@pytest.mark.parametrize(("networks", "each"), [(1, 10), (30, 1)])
def test_whoever_guesses_needs_attention(concern, networks, each):
    for number in range(networks):
        note(f"192.0.2.{number}", each)
    assert concern().urgency == Urgency.SOON


def test_it_is_forgotten_after_a_day(concern):
    at = timezone.now()
    note("192.0.2.1", 10, at - timedelta(hours=25))
    assert concern() is None
    note("192.0.2.2", 3, at)
    assert [each.network for each in WrongLogins.objects.all()] == ["192.0.2.2"]


def test_only_people_who_see_accounts_see_it(concern):
    note("192.0.2.1", 10)
    assert concern(of=User.objects.create_user("keeper", is_staff=True)) is None


def test_many_networks_take_a_bounded_place(concern):
    at = timezone.now()
    rows = [WrongLogins(network=str(number), count=1, first_at=at, last_at=at) for number in range(MOST_ROWS)]
    WrongLogins.objects.bulk_create(rows)
    later = at + timedelta(seconds=1)
    note("192.0.2.1", 2, later)
    assert WrongLogins.objects.count() <= MOST_ROWS
    assert WrongLogins.objects.get(network="192.0.2.1").count == 2


def test_a_wrong_login_is_counted_with_its_network(client):
    client.post("/admin/login/", {"username": "admin", "password": "x"}, REMOTE_ADDR="2001:db8::7")
    (row,) = WrongLogins.objects.all()
    assert (row.network, row.count) == ("2001:db8::/64", 1)
