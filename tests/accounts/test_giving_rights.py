"""Staff who look after people give nobody what they do not hold, and take over nobody who holds more."""

import pytest
from django.contrib.auth.models import Group, Permission, User

from audit.models import Event
from stations.access import Role
from stations.models import Membership, StationGroup
from tests.accounts.conftest import PASSWORD, Visitor

pytestmark = pytest.mark.django_db

PEOPLE, GROUPS = "/admin/auth/user/", "/admin/auth/group/"
NEW = "cucumbers and dill"
PASSWORDS = {"password1": NEW, "password2": NEW, "usable_password": "true"}
NAMES = tuple(f"{verb}_{what}" for verb in ("view", "add", "change", "delete") for what in ("user", "group"))


def permission(codename):
    return Permission.objects.get(codename=codename)


@pytest.fixture
def clerk(db):
    clerk = User.objects.create_user("clerk", password=PASSWORD, is_staff=True)
    clerk.user_permissions.add(*Permission.objects.filter(codename__in=[*NAMES, "view_station"]))
    return clerk


@pytest.fixture
def keepers(db):
    return Group.objects.get(name="Station keepers")


def confirmed(name):
    """Return the browser of somebody who has just shown again who they are, as the admin asks before such changes."""
    browser = Visitor()
    browser.log_in(name)
    browser.confirm()
    return browser


def form(person, **more):
    return {"username": person.username, "is_active": "on", "is_staff": "on", **more}


def codenames(person):
    return {*person.user_permissions.values_list("codename", flat=True)}


def may_be_changed(person):
    """Tell whether the clerk may change a person, give them a password, reset their factor and delete them, or none."""
    browser, there = confirmed("clerk"), f"{PEOPLE}{person.pk}/"
    answers = [
        browser.post(f"{there}change/", form(person, first_name="A")).status_code == 302,
        browser.post(f"{there}password/", PASSWORDS).status_code == 302,
        browser.get(f"{there}reset-second-factor/").status_code == 200,
        browser.get(f"{there}delete/").status_code == 200,
    ]
    assert len({*answers}) == 1, answers
    return answers[0]


def test_they_raise_neither_themselves_nor_others(clerk, anna):
    for person in (clerk, anna):
        asked = form(person, first_name="A", is_superuser="on", user_permissions=[])
        assert confirmed("clerk").post(f"{PEOPLE}{person.pk}/change/", asked).status_code == 302
        clerk.user_permissions.add(*Permission.objects.filter(codename__in=NAMES))
        person.refresh_from_db()
        assert (person.first_name, person.is_superuser) == ("A", False)


def test_they_give_a_superuser_no_password_and_no_other_row(clerk, admin):
    browser = confirmed("clerk")
    assert browser.get(f"{PEOPLE}{admin.pk}/change/").status_code == 200, "they may look"
    assert browser.post(f"{PEOPLE}{admin.pk}/password/", PASSWORDS).status_code == 403
    assert browser.post(f"{PEOPLE}{admin.pk}/change/", form(admin, is_active="")).status_code == 403
    assert browser.post(f"{PEOPLE}{admin.pk}/delete/", {"post": "yes"}).status_code == 403
    asked = {"action": "delete_selected", "_selected_action": [str(admin.pk)], "post": "yes"}
    browser.post(PEOPLE, asked)
    admin.refresh_from_db()
    assert admin.is_active
    assert admin.check_password(PASSWORD)


def test_they_look_after_everybody_who_may_do_no_more_than_they(clerk, anna):
    anna.user_permissions.add(permission("view_station"))
    assert may_be_changed(anna)
    anna.refresh_from_db()
    assert anna.check_password(NEW)


@pytest.mark.parametrize("held", ["permission", "group", "sleeping", "role"])
def test_they_leave_alone_whoever_may_do_more(clerk, anna, keepers, held):
    if held == "group":
        anna.groups.add(keepers)
    elif held == "role":
        Membership.objects.create(group=StationGroup.objects.create(name="School"), user=anna, role=Role.KEEPER)
    else:
        anna.user_permissions.add(permission("delete_station"))
        User.objects.filter(pk=anna.pk).update(is_active=held != "sleeping")
    assert not may_be_changed(anna)
    anna.refresh_from_db()
    assert anna.check_password(PASSWORD)


def test_a_viewer_s_role_is_no_more_than_staff_see_anyway(clerk, anna):
    Membership.objects.create(group=StationGroup.objects.create(name="School"), user=anna, role=Role.VIEWER)
    assert may_be_changed(anna)


def test_they_give_permissions_that_they_hold_and_the_audit_says_so(clerk, anna):
    mine, other = permission("view_station"), permission("delete_station")
    browser = confirmed("clerk")
    there = f"{PEOPLE}{anna.pk}/change/"
    page = browser.get(there).content.decode()
    assert f'<option value="{mine.pk}"' in page
    assert f'<option value="{other.pk}"' not in page
    refused = browser.post(there, form(anna, user_permissions=[mine.pk, other.pk]))
    assert "is not one of the available choices" in refused.content.decode()
    assert codenames(anna) == set()
    browser.post(there, form(anna, user_permissions=[mine.pk]))
    assert codenames(anna) == {"view_station"}
    assert Event.objects.filter(deed="user: permissions added", person="clerk", what="anna").exists()


def test_they_raise_themselves_in_no_way(clerk, keepers):
    more = permission("delete_station")
    browser = confirmed("clerk")
    browser.post(f"{PEOPLE}{clerk.pk}/change/", form(clerk, user_permissions=[more.pk]))
    browser.post(f"{PEOPLE}{clerk.pk}/change/", form(clerk, groups=[keepers.pk]))
    own = Group.objects.create(name="Clerks")
    clerk.groups.add(own)
    browser.post(f"{GROUPS}{own.pk}/change/", {"name": "Clerks", "permissions": [more.pk]})
    browser.post(f"{GROUPS}add/", {"name": "New", "permissions": [more.pk]})
    assert not clerk.groups.exclude(pk=own.pk).exists()
    assert not own.permissions.exists()
    assert codenames(clerk) == {*NAMES, "view_station"}
    assert not Group.objects.filter(name="New").exists()


def test_they_put_people_into_groups_that_permit_no_more(clerk, anna, keepers):
    lookers = Group.objects.create(name="Lookers")
    lookers.permissions.add(permission("view_station"))
    browser = confirmed("clerk")
    browser.post(f"{PEOPLE}{anna.pk}/change/", form(anna, groups=[keepers.pk]))
    assert not anna.groups.exists()
    browser.post(f"{PEOPLE}{anna.pk}/change/", form(anna, groups=[lookers.pk]))
    assert list(anna.groups.all()) == [lookers]


def test_a_group_with_more_is_not_theirs_to_change_or_delete(clerk, keepers):
    browser = confirmed("clerk")
    before = keepers.permissions.count()
    assert browser.get(f"{GROUPS}{keepers.pk}/change/").status_code == 200, "they may look"
    assert browser.post(f"{GROUPS}{keepers.pk}/change/", {"name": "x", "permissions": []}).status_code == 403
    assert browser.post(f"{GROUPS}{keepers.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Group.objects.get(pk=keepers.pk).permissions.count() == before


def test_staff_who_may_give_roles_give_none_that_permits_more_than_they_hold(clerk, anna):
    group = StationGroup.objects.create(name="School")
    clerk.user_permissions.add(*Permission.objects.filter(codename__endswith="_membership"))
    clerk.user_permissions.add(*Permission.objects.filter(codename__in=["view_stationgroup", "change_stationgroup"]))
    rows = {"memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "0", "memberships-0-person": "anna"}
    for role in (Role.ADMINISTRATOR, Role.KEEPER, Role.VIEWER):
        asked = {"name": "School", **rows, "memberships-0-role": role}
        confirmed("clerk").post(f"/admin/stations/stationgroup/{group.pk}/change/", asked)
    assert [each.role for each in anna.station_memberships.all()] == [Role.VIEWER]


def test_a_superuser_gives_anything(admin, anna, keepers):
    more = permission("delete_station")
    asked = form(anna, is_superuser="on", groups=[keepers.pk], user_permissions=[more.pk])
    confirmed("admin").post(f"{PEOPLE}{anna.pk}/change/", asked)
    anna.refresh_from_db()
    assert anna.is_superuser
    assert codenames(anna) == {"delete_station"}
    assert list(anna.groups.all()) == [keepers]
