"""Staff who look after people make nobody a superuser, and do not come in as one."""

import pytest
from django.contrib.auth.models import Permission, User

from tests.accounts.conftest import PASSWORD
from tests.conftest import client_of

pytestmark = pytest.mark.django_db

PEOPLE = "/admin/auth/user/"
NEW = "cucumbers and dill"
NAMES = ("view_user", "add_user", "change_user", "delete_user")


@pytest.fixture
def clerk(db):
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(*Permission.objects.filter(codename__in=NAMES))
    return clerk


def form(person, **more):
    return {"username": person.username, "is_active": "on", "is_staff": "on", **more}


def test_they_raise_neither_themselves_nor_others(clerk, anna):
    for person in (clerk, anna):
        asked = form(person, first_name="A", is_superuser="on", user_permissions=[])
        assert client_of(clerk).post(f"{PEOPLE}{person.pk}/change/", asked).status_code == 302
        clerk.user_permissions.add(*Permission.objects.filter(codename__in=NAMES))
        person.refresh_from_db()
        assert (person.first_name, person.is_superuser) == ("A", False)


def test_they_give_a_superuser_no_password_and_no_other_row(clerk, admin):
    browser = client_of(clerk)
    assert browser.get(f"{PEOPLE}{admin.pk}/change/").status_code == 200, "they may look"
    passwords = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    assert browser.post(f"{PEOPLE}{admin.pk}/password/", passwords).status_code == 403
    assert browser.post(f"{PEOPLE}{admin.pk}/change/", form(admin, is_active="")).status_code == 403
    assert browser.post(f"{PEOPLE}{admin.pk}/delete/", {"post": "yes"}).status_code == 403
    asked = {"action": "delete_selected", "_selected_action": [str(admin.pk)], "post": "yes"}
    browser.post(PEOPLE, asked)
    admin.refresh_from_db()
    assert admin.is_active
    assert admin.check_password(PASSWORD)


def test_they_look_after_everybody_else_as_before(clerk, anna):
    passwords = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    assert client_of(clerk).post(f"{PEOPLE}{anna.pk}/password/", passwords).status_code == 302
    anna.refresh_from_db()
    assert anna.check_password(NEW)


def test_a_superuser_makes_another(admin, anna):
    client_of(admin).post(f"{PEOPLE}{anna.pk}/change/", form(anna, is_superuser="on"))
    anna.refresh_from_db()
    assert anna.is_superuser
