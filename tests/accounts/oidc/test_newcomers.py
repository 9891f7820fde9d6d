"""Who gets an account by the provider, what it is called, and that it is never somebody else's."""

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError

from accounts.models import SignOn, SignOnRule
from accounts.oidc import people
from tests.accounts.conftest import PASSWORD, Visitor, is_in

pytestmark = pytest.mark.django_db


def test_nobody_gets_an_account_without_a_group_that_a_rule_names(provider, comer, teachers, caplog):
    provider.person("anna", ["Teachers", "teachers2"])
    answer = comer.come("anna")
    assert answer.status_code == 403
    assert "None of your groups at Hill School has access" in answer.content.decode()
    assert "A single sign-on from 127.0.0.1 was refused: no rule names a group of theirs." in caplog.text
    assert "Teachers" not in caplog.text
    assert not User.objects.exists()
    assert not SignOn.objects.exists()
    provider.person("berta")
    assert "Hill School sends no groups of yours" in comer.come("berta").content.decode()


def test_a_rule_that_gives_nothing_lets_its_members_have_an_account(provider, comer):
    SignOnRule.objects.create(provider_group="pupils")
    provider.person("anna", ["pupils"])
    assert comer.come("anna")["Location"] == "/account/"
    assert is_in(comer)


@pytest.mark.parametrize("address", ["anna@example.org", "ANNA@Example.org"])
def test_a_local_account_with_the_same_address_is_not_joined_and_is_named_as_the_way(
    provider, comer, teachers, anna, address
):
    provider.person("a.au", ["teachers"], email=address, email_verified=True)
    answer = comer.come("a.au")
    assert answer.status_code == 403
    assert "There is an account here with your mail address already." in answer.content.decode()
    assert list(User.objects.all()) == [anna]
    assert not anna.station_memberships.exists()
    assert not is_in(comer)


def test_an_address_that_the_provider_has_not_checked_is_not_taken(provider, comer, teachers, anna):
    provider.person("a.au", ["teachers"], email="anna@example.org", email_verified=False)
    comer.come("a.au")
    assert User.objects.get(username="a.au").email == ""


@pytest.mark.parametrize("name", ["admin", "ADMIN", "\uff41dmin", " admin ", "admin\0", "admin\u200b"])
def test_a_name_that_somebody_has_here_is_not_joined_and_gets_a_number(provider, comer, teachers, admin, name):
    provider.person("7", ["teachers"], preferred_username=name)
    assert comer.come("7").status_code == 302
    made = User.objects.exclude(pk=admin.pk).get()
    assert made.username.lower() == "admin-2"
    assert not made.is_superuser
    assert not admin.station_memberships.exists()


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"preferred_username": "anna au@école.example"}, "anna-au@école.example"),
        ({"preferred_username": "<script>alert(1)</script>"}, "script-alert-1-script"),
        ({"preferred_username": "x" * 5000}, "x" * 100),
        ({"preferred_username": "💧"}, "person"),
        ({"preferred_username": 7, "nickname": None, "name": "Anna Au"}, "Anna-Au"),
        ({"preferred_username": ""}, "person"),
    ],
)
def test_whatever_a_provider_calls_somebody_becomes_a_name_that_this_server_takes(
    provider, comer, teachers, claims, name
):
    provider.person("7", ["teachers"], given_name="\0" + "y" * 400, family_name=["x"], **claims)
    assert comer.come("7").status_code == 302
    made = User.objects.get()
    assert (made.username, made.last_name) == (name, "")
    made.full_clean(exclude=["password"])


def test_a_provider_without_names_lets_a_whole_school_in_and_its_last_pupil_is_not_sought_long(
    provider, comer, teachers, django_assert_max_num_queries
):
    names = ["person", *(f"person-{number}" for number in range(2, people.MOST_NAMESAKES + 1000))]
    User.objects.bulk_create([User(username=name) for name in names])
    provider.person("7", ["teachers"], preferred_username="")
    with django_assert_max_num_queries(100):
        assert comer.come("7").status_code == 302
    assert User.objects.latest("pk").username.startswith("person-")


@pytest.mark.parametrize("others", [1, 2])
def test_two_logins_at_once_make_one_account(provider, comer, teachers, monkeypatch, others):
    """Another process makes the account, or some take its name, between the look and the making."""
    provider.person("anna", ["teachers"])
    make, tries = people._make, []

    def make_late(identity, names):
        tries.append(identity)
        if len(tries) <= others:
            raise IntegrityError
        return make(identity, names)

    monkeypatch.setattr(people, "_make", make_late)
    assert comer.come("anna").status_code == 302
    assert (len(tries), User.objects.count()) == (others + 1, 1)


def test_an_account_of_the_provider_has_no_password_to_guess(provider, comer, teachers):
    provider.person("anna", ["teachers"])
    comer.come("anna")
    browser = Visitor()
    browser.log_in("anna", PASSWORD)
    assert not is_in(browser)
