"""A lost second factor is reset by another administrator or a command, and that is written down."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command

from audit.models import Event
from tests.accounts.conftest import PASSWORD, Visitor, is_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def lost(anna, django_capture_on_commit_callbacks):
    """Somebody with an app, in a browser that is logged in."""
    browser = Visitor()
    browser.log_in("anna")
    with django_capture_on_commit_callbacks(execute=True):
        browser.add_app()
    return browser


def page_of(person):
    return f"/admin/auth/user/{person.pk}/reset-second-factor/"


def test_another_administrator_resets_it_after_confirming(lost, anna, admin, visitor):
    visitor.log_in()
    assert "An app for codes" in visitor.get(f"/admin/auth/user/{anna.pk}/change/").content.decode()
    assert visitor.post(page_of(anna))["Location"].startswith("/account/confirm/?next=")
    visitor.confirm()
    assert "all sessions of this account end" in visitor.get(page_of(anna)).content.decode()
    assert visitor.post(page_of(anna), follow=True).status_code == 200
    assert not Authenticator.objects.exists()
    assert not is_in(lost)
    event = Event.objects.get(deed="second factor reset")
    assert (event.person, event.what, event.by) == ("admin", "anna", "admin")
    assert Visitor().log_in("anna")["Location"] == "/account/"


def test_nobody_resets_their_own_or_that_of_somebody_with_more_rights(anna, admin):
    staff = User.objects.create_user("staff", password=PASSWORD, is_staff=True)
    staff.user_permissions.add(*Permission.objects.filter(codename__in=["change_user", "view_user"]))
    browser = Visitor()
    browser.log_in("staff")
    browser.confirm()
    assert browser.get(page_of(anna)).status_code == 200
    assert browser.get(page_of(admin)).status_code == 404
    assert browser.get(page_of(staff)).status_code == 404
    staff.user_permissions.clear()
    assert browser.get(page_of(anna)).status_code == 403


def test_the_command_resets_it_and_names_a_name_that_is_near(lost, anna, capsys):
    with pytest.raises(CommandError, match=r"There is no account “Anna”\. Did you mean “anna”\?"):
        call_command("reset_second_factor", "Anna")
    call_command("reset_second_factor", "anna")
    assert "anna logs in with the password alone" in capsys.readouterr().out
    assert not Authenticator.objects.exists()
    assert not is_in(lost)
    assert Event.objects.filter(deed="second factor reset", what="anna").count() == 1
    call_command("reset_second_factor", "anna")
    assert "has no second factor" in capsys.readouterr().out


@pytest.mark.parametrize("named", ["192.0.2.1", "anna"])
def test_unlock_login_ends_the_wait(named, anna, capsys):
    for number in range(30):
        Visitor().log_in("anna", "wrong", REMOTE_ADDR="192.0.2.1" if number < 10 else f"203.0.113.{number}")
    assert Visitor().log_in("anna", REMOTE_ADDR="192.0.2.1").status_code == 429
    call_command("unlock_login", named)
    assert f"{named} can log in at once." in capsys.readouterr().out
    assert Event.objects.filter(deed="login unlocked", what=named).count() == 1
    if named == "192.0.2.1":
        assert Visitor().log_in("anna", REMOTE_ADDR="192.0.2.1").status_code == 302
    else:
        assert [Visitor().log_in("anna", "x", REMOTE_ADDR="198.51.100.9").status_code for _ in range(2)] == [200, 200]


def test_unlock_login_says_if_there_was_nothing(anna, capsys):
    for named in ("anna", "2001:db8::/64"):
        call_command("unlock_login", named)
        assert f"Nothing was held against {named}" in capsys.readouterr().out
    with pytest.raises(CommandError, match="There is no account “nobody”"):
        call_command("unlock_login", "nobody")
