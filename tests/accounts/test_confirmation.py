"""The admin asks who is here before people and what they may do are changed, and keeps no password meanwhile."""

import pytest
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session

from tests.accounts.conftest import PASSWORD, Visitor

pytestmark = pytest.mark.django_db

PEOPLE = "/admin/auth/user/"
NEW = "cucumbers and dill"


@pytest.fixture
def browser(admin):
    browser = Visitor()
    browser.log_in()
    return browser


def asks(answer):
    return answer.status_code == 302 and answer["Location"].startswith("/account/confirm/")


def test_a_form_that_is_sent_is_done_once_it_is_confirmed(browser, anna):
    there = f"{PEOPLE}{anna.pk}/change/"
    assert browser.get(there).status_code == 200
    answer = browser.post(there, {"username": "anna", "is_active": "on", "is_staff": "on"})
    assert asks(answer)
    anna.refresh_from_db()
    assert not anna.is_staff
    assert browser.post(answer["Location"], {"password": "wrong", "next": there}).status_code == 200
    assert browser.post(answer["Location"], {"password": PASSWORD, "next": there}).status_code == 302
    anna.refresh_from_db()
    assert anna.is_staff


def test_a_page_that_takes_a_password_asks_before_it_is_shown_and_keeps_none(browser, anna):
    fields = {"username": "new", "password1": NEW, "password2": NEW, "usable_password": "true"}
    for there in (f"{PEOPLE}{anna.pk}/password/", f"{PEOPLE}add/"):
        assert asks(browser.get(there))
        assert asks(browser.post(there, fields))
        assert NEW not in str([row.get_decoded() for row in Session.objects.all()])
    browser.confirm()
    assert browser.post(f"{PEOPLE}{anna.pk}/password/", fields).status_code == 302
    anna.refresh_from_db()
    assert anna.check_password(NEW)
    browser.post(f"{PEOPLE}add/", fields)
    assert User.objects.filter(username="new").exists()


def test_a_mistake_in_the_form_is_shown_after_the_confirmation_and_can_be_mended(browser, anna):
    there = f"{PEOPLE}{anna.pk}/change/"
    asked = browser.post(there, {"username": "", "is_active": "on"})
    answer = browser.post(asked["Location"], {"password": PASSWORD, "next": there})
    assert "This field is required" in answer.content.decode()
    assert f'action="{there}"' in answer.content.decode()


def test_an_action_of_the_list_is_chosen_again_after_it(browser, anna):
    chosen = {"action": "delete_selected", "_selected_action": [str(anna.pk)], "post": "yes"}
    assert asks(browser.post(PEOPLE, chosen))
    assert User.objects.filter(pk=anna.pk).exists()
    browser.confirm()
    browser.post(PEOPLE, chosen)
    assert not User.objects.filter(pk=anna.pk).exists()


def test_so_does_a_deletion_and_a_change_of_a_group(browser, anna):
    group = Group.objects.create(name="Lookers")
    assert asks(browser.post(f"{PEOPLE}{anna.pk}/delete/", {"post": "yes"}))
    assert asks(browser.post(f"/admin/auth/group/{group.pk}/change/", {"name": "x"}))
    assert User.objects.filter(pk=anna.pk).exists()
    assert Group.objects.filter(name="Lookers").exists()
