"""Groups of stations in the admin: who gives which role to whom, and what is written down of it."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from firmware.models import WiFiNetwork
from stations.access import Role
from stations.models import Membership, Station, StationGroup
from tests.conftest import client_of
from tests.roles.site import OTHER, OWN, make

pytestmark = pytest.mark.django_db
GROUP = f"/admin/stations/stationgroup/{OWN}/change/"


@pytest.fixture(scope="module")
def people(kept_rows):
    return make()


def members(group=OWN):
    found = Membership.objects.filter(group=group).values_list("user__username", "role")
    return dict(found.order_by("pk"))


def form(*new, group=OWN, **changed):
    """Return what the page of a group sends: its members as they are, but for what is `changed`, and new ones."""
    rows = list(Membership.objects.filter(group=group).order_by("group", "user"))
    sent = {"memberships-TOTAL_FORMS": len(rows) + len(new), "memberships-INITIAL_FORMS": len(rows)}
    for n, row in enumerate(rows):
        sent |= {f"memberships-{n}-id": row.pk, f"memberships-{n}-group": group, f"memberships-{n}-role": row.role}
        change = changed.get(row.role)
        if change:
            sent |= {f"memberships-{n}-{change[0]}": change[1]}
    for n, (name, role) in enumerate(new, len(rows)):
        sent |= {f"memberships-{n}-group": group, f"memberships-{n}-person": name, f"memberships-{n}-role": role}
    return sent


def errors(response):
    assert response.status_code == 200, "it was saved"
    [formset] = response.context["inline_admin_formsets"]
    return str([formset.formset.errors, formset.formset.non_form_errors()])


def said():
    return list(Event.objects.order_by("pk").values_list("deed", "what", "person"))


def test_an_administrator_of_the_group_gives_roles_in_it(people):
    browser = client_of(people["administrator"])
    assert browser.post(GROUP, form(("own-nobody", "keeper"))).status_code == 302
    assert members()["own-nobody"] == "keeper"
    assert ("role given", "own-nobody, keeper of Altan school", "own-administrator") in said()


def test_an_administrator_changes_and_takes_roles(people):
    browser = client_of(people["administrator"])
    sent = form(keeper=("role", "administrator"), viewer=("DELETE", "on"))
    assert browser.post(GROUP, sent).status_code == 302
    assert members() == {"own-keeper": "administrator", "own-administrator": "administrator"}
    deeds = {deed: what for deed, what, _ in said()}
    assert deeds["role changed"] == "own-keeper, administrator of Altan school"
    assert deeds["role taken"] == "own-viewer, viewer of Altan school"


def test_a_role_holds_from_the_next_request_on(people):
    browser, head = client_of(people["keeper"]), client_of(people["administrator"])
    assert browser.get("/admin/stations/station/").status_code == 200
    head.post(GROUP, form(keeper=("DELETE", "on")))
    assert browser.get("/admin/stations/station/").status_code == 302
    assert browser.get(f"/stations/{OWN}/").status_code == 404


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        ([("who-is-this", "viewer")], "Nobody here has the user name"),
        ([("own-keeper", "viewer")], "a member already"),
        ([("own-nobody", "viewer"), ("own-nobody", "keeper")], "once, with one role"),
        ([("own-nobody", "emperor")], "Select a valid choice"),
        ([("", "keeper")], "This field is required"),
    ],
)
def test_what_cannot_be_given_is_said_and_nothing_is_kept(people, new, sentence):
    before = members()
    assert sentence in errors(client_of(people["administrator"]).post(GROUP, form(*new)))
    assert members() == before


def test_the_administrator_of_one_group_gives_no_role_in_another_by_any_form(people):
    before = members(OTHER)
    browser = client_of(people["administrator"])
    sent = form(("own-nobody", "viewer"))
    sent |= {name: OTHER for name in sent if name.endswith("-group")}
    browser.post(GROUP, sent)
    browser.post(f"/admin/stations/stationgroup/{OTHER}/change/", form(("own-nobody", "viewer"), group=OTHER))
    theirs = Membership.objects.get(group=OTHER)
    browser.post(GROUP, form() | {"memberships-0-id": theirs.pk, "memberships-0-DELETE": "on"})
    assert members(OTHER) == before


def test_the_administrator_of_a_group_does_not_decide_which_stations_are_in_it(people):
    client_of(people["administrator"]).post(GROUP, form() | {"name": "Mine", "stations": [OWN, OTHER]})
    group = StationGroup.objects.get(pk=OWN)
    assert group.name == "Altan school"
    assert [each.pk for each in group.stations.all()] == [OWN]


@pytest.mark.parametrize("name", ["viewer", "keeper", "staff", "station keepers"])
def test_nobody_else_gives_a_role(people, name):
    before = members()
    client_of(people[name]).post(GROUP, form(("own-nobody", "viewer")))
    assert members() == before


def test_a_superuser_makes_a_group_with_stations_and_members(people):
    browser = client_of(people["superuser"])
    member = {"memberships-0-person": "own-nobody", "memberships-0-role": "administrator"}
    sent = member | {"memberships-TOTAL_FORMS": 1, "memberships-INITIAL_FORMS": 0, "name": "Lab", "stations": [OWN]}
    page = browser.post("/admin/stations/stationgroup/add/", sent, follow=True)
    made = StationGroup.objects.get(name="Lab")
    assert page.redirect_chain == [(f"/admin/stations/stationgroup/{made.pk}/change/", 302)]
    assert f'<a href="/account/invitations/{made.pk}/">invite people</a>' in page.content.decode()
    assert members(made.pk) == {"own-nobody": "administrator"}
    assert [each.pk for each in made.stations.all()] == [OWN]
    deeds = [(deed, what) for deed, what, _ in said()]
    assert ("group of stations made", "Lab") in deeds
    assert ("put into a group", "Lab") in deeds


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("viewer", '<a href="/"><b>Altan school</b> <span>Viewer</span></a>'),
        ("keeper", f'<a href="{GROUP}"><b>Altan school</b> <span>Keeper</span></a>'),
        ("administrator", f'<a href="/account/invitations/{OWN}/"><b>Altan school</b> <span>Administrator</span></a>'),
    ],
)
def test_one_s_account_lists_the_group_and_leads_to_what_the_role_is_good_for(people, name, row):
    browser = client_of(people[name])
    assert row in browser.get("/account/").content.decode()
    assert browser.get(row.split('"')[1]).status_code == 200


def test_stations_that_leave_a_group_and_groups_that_end_are_written_down(people):
    group = StationGroup.objects.get(pk=OWN)
    group.stations.clear()
    Station.objects.get(pk=OTHER).groups.add(group)
    group.delete()
    deeds = [(deed, what) for deed, what, _ in said()]
    assert ("taken out of a group", "Altan school") in deeds
    assert ("put into a group", "Altan school") in deeds
    assert ("group of stations deleted", "Altan school") in deeds
    assert ("role taken", "own-keeper, keeper of Altan school") in deeds


def test_a_station_that_an_administrator_of_a_group_adds_joins_this_group(people):
    browser = client_of(people["administrator"])
    sent = {"name": "New roof", "device": "board", "timezone": "UTC", "interval_s": 60, "group": OWN, "public": ""}
    response = browser.post("/admin/stations/station/add/", sent)
    made = Station.objects.get(name="New roof")
    assert response.url == f"/admin/stations/station/{made.pk}/change/"
    assert [each.pk for each in made.groups.all()] == [OWN]
    assert browser.get(response.url).status_code == 200


def test_no_station_is_added_to_somebody_elses_group_or_to_none(people):
    browser = client_of(people["administrator"])
    sent = {"name": "New roof", "device": "board", "timezone": "UTC", "interval_s": 60}
    for group in ({"group": OTHER}, {}):
        assert browser.post("/admin/stations/station/add/", sent | group).status_code == 200
    assert client_of(people["keeper"]).post("/admin/stations/station/add/", sent | {"group": OWN}).status_code == 403
    assert not Station.objects.filter(name="New roof").exists()


def test_a_board_is_given_only_networks_of_ones_own_group(people):
    """A board knows the passwords of its networks, so whoever holds it learns them."""
    page = client_of(people["keeper"]).get(f"/admin/stations/station/{OWN}/change/").content.decode()
    assert "altan-net" in page
    assert "zwinger-net" not in page


def test_a_network_that_a_keeper_adds_belongs_to_the_keepers_group(people):
    browser = client_of(people["keeper"])
    sent = {"ssid": "roof-net", "place": "", "password": "", "is_open": "on"}
    assert browser.post("/admin/firmware/wifinetwork/add/", sent | {"group": OTHER}).status_code == 200
    assert browser.post("/admin/firmware/wifinetwork/add/", sent | {"group": OWN}).status_code == 302
    assert WiFiNetwork.objects.get(ssid="roof-net").group_id == OWN


def test_a_group_with_hundreds_of_stations_takes_a_list_no_more_queries(people):
    def count(path):
        browser.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(path).status_code == 200
        return len(asked)

    browser = client_of(people["keeper"])
    StationGroup.objects.get(pk=OWN).stations.add(Station.objects.create(name="Never heard", public=False))
    paths = ("/", "/admin/stations/station/", "/api/v1/stations/")
    few = [count(path) for path in paths]
    made = [Station.objects.create(name=f"S{n}", public=n % 2 == 0) for n in range(30)]
    StationGroup.objects.get(pk=OWN).stations.add(*made)
    assert [count(path) for path in paths] == few


def test_a_person_who_goes_takes_the_roles_along(people):
    User.objects.get(username="own-keeper").delete()
    assert "own-keeper" not in members()
    assert Role.KEEPER not in members().values()
