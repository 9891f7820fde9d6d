"""People who log in at once, by processes of one database: each has one account, and the rights of their groups."""

import threading
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from accounts.models import SignOn
from accounts.oidc import people
from accounts.oidc.identity import Identity
from accounts.oidc.rights import KEPT
from stations.models import Membership
from tests.accounts.oidc.conftest import oidc_of
from tests.programs import PATIENCE_S

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite lets one write after the other"),
]


class Provider:
    url = "http://127.0.0.1:1"


def all_at_once(subjects):
    """Have people without names at the provider log in, and return what failed."""
    failures, start = [], threading.Barrier(len(subjects))

    def log_in(subject):
        anybody = Identity(Provider.url, subject, "", "", "", "", frozenset({"teachers"}), frozenset(), None)
        try:
            start.wait(PATIENCE_S)
            people.person_of(oidc_of(Provider), anybody)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test fails by it
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=log_in, args=(subject,)) for subject in subjects]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    return failures


def test_a_class_that_comes_for_the_first_time_gets_its_accounts(teachers):
    assert all_at_once(["anna", "anna", *map(str, range(8))]) == []
    assert User.objects.count() == Membership.objects.count() == 9


def test_a_class_that_comes_after_long_holidays_keeps_its_rights_and_the_others_lose_theirs(teachers):
    assert all_at_once(list(map(str, range(8)))) == []
    for _ in range(5):
        SignOn.objects.update(seen_at=timezone.now() - KEPT - timedelta(hours=1))
        assert all_at_once(["0", "1", "2", "3", "new"]) == []
        assert (
            Membership.objects.filter(
                user__in=SignOn.objects.exclude(seen_at__lt=timezone.now() - KEPT).values("user")
            ).count()
            == 5
        )
        assert Membership.objects.count() == 5
        assert all_at_once(list(map(str, range(8)))) == []
