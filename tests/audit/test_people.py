"""Deeds about users and groups are written down, whoever does them, and no password or mail address is in them."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import DatabaseError, transaction
from django.urls import reverse

from audit.models import Event
from tests.conftest import client_of

pytestmark = pytest.mark.django_db
PASSWORD = "a long password of anna"


@pytest.fixture
def anna():
    return User.objects.create_user("anna", "anna@school.example", PASSWORD)


def last():
    event = Event.objects.first()
    return event.deed, event.what, event.details


def test_who_is_added_is_written_down_with_what_they_may():
    User.objects.create_superuser("root", "root@school.example", PASSWORD)
    assert last() == ("user added", "root", "staff: yes\nsuperuser: yes")
    User.objects.create_user("otto")
    assert last() == ("user added", "otto", "")


def test_what_is_changed_is_told_before_and_after(anna):
    anna.is_staff, anna.email, anna.first_name = True, "other@school.example", "Anna"
    anna.save()
    details = last()[2].splitlines()
    assert details == ["first name: changed", "email: changed", "staff: no → yes"]


def test_a_password_is_only_said_to_be_changed(anna):
    anna.set_password("another password of hers")
    anna.save()
    assert last() == ("password changed", "anna", "password: changed")
    kept = str(list(Event.objects.values()))
    assert [each for each in (PASSWORD, "another password", "school.example", anna.password) if each in kept] == []


def test_a_password_that_an_administrator_gives_in_the_admin_is_one_deed(anna):
    root = User.objects.create_superuser("root")
    new = {"password1": "quite another password", "password2": "quite another password", "usable_password": "true"}
    answer = client_of(root).post(reverse("admin:auth_user_password_change", args=[anna.pk]), new)
    assert answer.status_code == 302
    assert last() == ("password changed", "anna", "password: changed")
    assert Event.objects.filter(deed="password changed").count() == 1


def test_her_own_change_of_it_in_the_admin_is_hers():
    root = User.objects.create_superuser("root", password=PASSWORD)
    new = {"new_password1": "quite another password", "new_password2": "quite another password"}
    answer = client_of(root).post(reverse("account_change_password"), {"old_password": PASSWORD, **new})
    assert answer.status_code == 302
    event = Event.objects.first()
    assert (event.deed, event.person, event.by, event.address) == ("password changed", "root", "page", "127.0.0.1")


def test_a_login_is_no_deed(anna, client, settings):
    events = Event.objects.count()
    assert client.login(username="anna", password=PASSWORD)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]
    assert User.objects.get().check_password(PASSWORD)  # It is kept by the new means now.
    assert Event.objects.count() == events


def test_groups_and_permissions_are_told_when_they_are_given_and_taken(anna):
    keepers = Group.objects.get(name="Station keepers")
    anna.groups.add(keepers)
    assert last() == ("user: groups added", "anna", "groups: Station keepers")
    keepers.user_set.remove(anna)
    assert last()[0] == "group: users taken away"
    anna.user_permissions.add(Permission.objects.get(codename="view_event"))
    assert last()[2] == "permissions: view_event"
    keepers.permissions.clear()
    assert last()[0] == "group: permissions taken away"
    assert "change_station" in last()[2]


def test_who_is_deleted_is_written_down(anna):
    anna.delete()
    assert last() == ("user deleted", "anna", "")


def test_the_group_that_a_migration_makes_is_nobodys_deed():
    assert not Event.objects.filter(deed__startswith="group").exists()


@pytest.mark.django_db(transaction=True)
def test_a_user_whose_event_cannot_be_written_is_not_changed(anna, monkeypatch):
    def fail(*args, **options):
        raise DatabaseError("no room")

    monkeypatch.setattr(Event, "save", fail)
    anna.is_staff = True
    with pytest.raises(DatabaseError):
        anna.save()
    with pytest.raises(DatabaseError):
        anna.delete()
    with pytest.raises(DatabaseError):
        User.objects.create_user("otto")
    assert list(User.objects.values_list("username", "is_staff")) == [("anna", False)]


def test_an_administrator_who_changes_a_user_writes_one_event_for_each_part(admin_client, anna):
    events = Event.objects.count()
    keepers = Group.objects.get(name="Station keepers")
    joined = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    form = {"username": "anna", "is_active": "on", "is_staff": "on", "groups": keepers.pk, **joined}
    admin_client.post("/account/confirm/", {"password": "password"})
    admin_client.post(f"/admin/auth/user/{anna.pk}/change/", {**form, "email": "anna@school.example"})
    told = Event.objects.order_by("pk")[events:]
    assert [event.deed for event in told] == ["user changed", "user: groups added"]
    assert {event.person for event in told} == {"admin"}


def test_a_change_that_is_rolled_back_is_not_told(anna):
    events = Event.objects.count()
    with transaction.atomic():
        anna.is_staff = True
        anna.save()
        transaction.set_rollback(True)
    assert Event.objects.count() == events
