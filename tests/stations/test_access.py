"""The one rule: which stations a viewer sees, and what may be done to them."""

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission, User

from stations.access import Role, access_of
from stations.models import Field, Membership, Station, StationGroup

pytestmark = pytest.mark.django_db
CHANGE = "stations.change_station"


@pytest.fixture
def site():
    """A school with a private and a public station, a garden with a private one, and a private one of nobody."""
    made = {
        name: Station.objects.create(name=name, public=name == "Roof") for name in ("Roof", "Cellar", "Shed", "Alone")
    }
    school, garden = (StationGroup.objects.create(name=name) for name in ("School", "Garden"))
    school.stations.set([made["Roof"], made["Cellar"]])
    garden.stations.set([made["Shed"]])
    return SimpleNamespace(**made, school=school, garden=garden)


def person(name, group=None, role=None, **flags):
    user = User.objects.create_user(name, password="p", **flags)
    if group:
        Membership.objects.create(group=group, user=user, role=role)
    return user


def seen(user):
    return {each.name for each in Station.objects.visible_to(user)}


def kept(user, permission=CHANGE):
    return {each.name for each in Station.objects.kept_by(user, permission)}


def test_everybody_sees_public_stations_only(site):
    assert seen(AnonymousUser()) == {"Roof"}
    assert seen(person("nobody")) == {"Roof"}
    assert kept(AnonymousUser()) == kept(User.objects.get(username="nobody")) == set()


@pytest.mark.parametrize("role", Role)
def test_a_member_sees_the_private_stations_of_the_group_and_no_others(site, role):
    assert seen(person("her", site.school, role)) == {"Roof", "Cellar"}


def test_a_viewer_of_a_group_changes_nothing(site):
    her = person("her", site.school, Role.VIEWER)
    assert kept(her) == set()
    assert not her.has_perm(CHANGE)
    assert not her.has_perm(CHANGE, site.Cellar)
    assert not her.has_module_perms("stations")


def test_a_keeper_changes_the_stations_of_the_group_only(site):
    her = person("her", site.school, Role.KEEPER)
    assert kept(her) == {"Roof", "Cellar"}
    assert her.has_perm(CHANGE)
    assert her.has_perm(CHANGE, site.Cellar)
    assert not her.has_perm(CHANGE, site.Shed)
    assert not her.has_perm(CHANGE, site.Alone)
    assert not her.has_perm(CHANGE, Station(name="new"))


def test_what_belongs_to_a_station_is_kept_with_it(site):
    her = person("her", site.school, Role.KEEPER)
    assert her.has_perm("stations.change_field", Field.objects.get(station=site.Cellar))
    assert not her.has_perm("stations.change_field", Field.objects.get(station=site.Shed))


def test_a_role_gives_no_permission_that_was_not_let_to_it(site):
    her = person("her", site.school, Role.ADMINISTRATOR)
    for permission in ("stations.delete_station", "stations.add_stationgroup", "auth.change_user", "no.such_thing"):
        assert not her.has_perm(permission)
        assert not her.has_perm(permission, site.Cellar)
        assert not her.has_perm(permission, site.school)


def test_an_administrator_looks_after_the_members_of_the_own_group_only(site):
    her = person("her", site.school, Role.ADMINISTRATOR)
    his = Membership.objects.create(group=site.garden, user=person("him"), role=Role.VIEWER)
    assert her.has_perm("stations.change_membership", site.school.memberships.get())
    assert not her.has_perm("stations.change_membership", his)
    assert her.has_perm("stations.change_stationgroup", site.school)
    assert not her.has_perm("stations.change_stationgroup", site.garden)


def test_roles_are_given_by_administrators_of_the_group_and_by_superusers(site):
    def given(user, group):
        return access_of(user).roles_to_give(group.pk)

    assert given(person("head", site.school, Role.ADMINISTRATOR), site.school) == list(Role)
    assert given(User.objects.get(username="head"), site.garden) == []
    assert given(person("keeper", site.school, Role.KEEPER), site.school) == []
    assert given(person("staff", is_staff=True), site.school) == []
    assert given(person("root", is_staff=True, is_superuser=True), site.school) == list(Role)


def test_the_highest_role_counts_if_a_station_is_in_several_groups(site):
    site.garden.stations.add(site.Cellar)
    her = person("her", site.school, Role.VIEWER)
    Membership.objects.create(group=site.garden, user=her, role=Role.KEEPER)
    assert kept(her) == {"Cellar", "Shed"}
    assert her.has_perm(CHANGE, site.Cellar)
    assert not her.has_perm(CHANGE, site.Roof)
    assert len(Station.objects.visible_to(her)) == len(seen(her)) == 3


def test_staff_see_all_and_do_what_djangos_permissions_say(site):
    staff = person("staff", is_staff=True)
    assert seen(staff) == {"Roof", "Cellar", "Shed", "Alone"}
    assert kept(staff) == set()
    staff.groups.add(Group.objects.get(name="Station keepers"))
    staff = User.objects.get(pk=staff.pk)
    assert kept(staff) == seen(staff)
    assert staff.has_perm(CHANGE, site.Alone)
    assert staff.has_perm(CHANGE)
    assert not staff.has_perm("stations.delete_station", site.Alone)


def test_roles_are_for_people_without_staff_status(site):
    """Staff see all stations, so what a role let them do would have to be asked for at each row of the admin."""
    staff = person("staff", site.garden, Role.KEEPER, is_staff=True)
    assert kept(staff) == set()
    assert not staff.has_perm(CHANGE)
    assert not staff.has_perm(CHANGE, site.Shed)


def test_djangos_permissions_are_nothing_without_staff_status(site):
    """Whoever keeps a group enters the admin: what was taken with is_staff must not come back there."""
    her = person("her", site.school, Role.KEEPER)
    her.groups.add(Group.objects.get(name="Station keepers"))
    her.user_permissions.add(Permission.objects.get(codename="change_user"))
    her = User.objects.get(pk=her.pk)
    assert not her.has_perm("auth.change_user")
    assert not her.has_module_perms("auth")
    assert not her.has_perm(CHANGE, site.Shed)
    assert kept(her) == {"Roof", "Cellar"}


def test_whoever_is_not_active_has_no_role(site):
    her = person("her", site.school, Role.KEEPER, is_active=False)
    assert seen(her) == {"Roof"}
    assert kept(her) == set()
    assert not her.has_perm(CHANGE, site.Cellar)


def test_a_link_shows_a_station_and_not_its_place(site):
    viewer = AnonymousUser()
    viewer.linked_stations = {site.Cellar.pk}
    site.Cellar.latitude = site.Cellar.longitude = 1.0
    assert seen(viewer) == {"Roof", "Cellar"}
    assert site.Cellar.location_for(viewer) is None
    assert not access_of(viewer).is_public


def test_a_viewer_for_some_stations_only_keeps_those(site):
    """As a token has it."""
    for name, flags in (("root", {"is_superuser": True, "is_staff": True}), ("her", {})):
        viewer = person(name, None if flags else site.school, Role.KEEPER, **flags)
        viewer.only_stations = {site.Cellar.pk, site.Shed.pk}
        expected = {"Cellar", "Shed"} if flags else {"Cellar"}
        assert seen(viewer) == {"Roof", *expected}
        assert kept(viewer) == expected


def test_members_see_exact_coordinates(site):
    site.Cellar.latitude = site.Cellar.longitude = 1.0
    site.Shed.latitude = site.Shed.longitude = 1.0
    her = person("her", site.school, Role.VIEWER)
    assert site.Cellar.location_for(her) == (1.0, 1.0)
    assert site.Shed.location_for(her) is None


def test_a_list_takes_one_query_and_all_questions_after_it_one_more(site, django_assert_num_queries):
    her = person("her", site.school, Role.KEEPER)
    with django_assert_num_queries(1):
        found = list(Station.objects.visible_to(her))
    with django_assert_num_queries(1):
        for each in found:
            her.has_perm(CHANGE, each)
            her.has_perm("stations.view_key", each)
            each.location_for(her)


def test_staff_take_no_query_for_roles(site, django_assert_num_queries):
    staff = person("staff", is_staff=True)
    assert not staff.has_perm("auth.change_user")  # Django's two queries.
    with django_assert_num_queries(0):
        assert not staff.has_perm(CHANGE, site.Shed)
        assert not staff.has_perm(CHANGE)
        assert not staff.has_module_perms("stations")
        assert site.Shed.shows_place_to(staff)
