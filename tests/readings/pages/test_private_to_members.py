"""A private station is on the pages of its group's members, and on nobody else's: whoever came before them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.reports import Measurement
from stations.access import Role
from stations.models import Membership, Station, StationGroup
from tests.conftest import client_of

pytestmark = pytest.mark.django_db
NAME, LATITUDE = "Cellar of the school", 52.123456


@pytest.fixture
def group(db):
    return StationGroup.objects.create(name="School")


@pytest.fixture
def private(group):
    made = Station.objects.create(name=NAME, public=False, latitude=LATITUDE, longitude=13.0, timezone="Europe/Berlin")
    Station.objects.create(name="Open", latitude=48.654321, longitude=9.0)
    group.stations.add(made)
    at = to_millis(timezone.now() - timedelta(minutes=5))
    ingest.store(made, [Measurement(1, at, 21.5)])
    return made


def member(group, role=Role.VIEWER):
    user = User.objects.create_user(f"a {role}", password="p")
    Membership.objects.create(group=group, user=user, role=role)
    return client_of(user)


def stranger(private):
    other = StationGroup.objects.create(name="Garden")
    other.stations.add(Station.objects.create(name="Shed", public=False))
    return member(other, Role.ADMINISTRATOR)


def paths(station):
    pk = station.pk
    of_station = [f"/stations/{pk}/", f"/stations/{pk}/readings.csv", f"/stations/{pk}/chart.svg?field=1"]
    of_station += [f"/stations/{pk}/outages/", f"/stations/{pk}/embed/?field=1", f"/stations/{pk}/preview.png"]
    of_station += [f"/api/v1/stations/{pk}/", f"/api/v1/stations/{pk}/series/?field=1", f"/compare/?field={pk}.1"]
    return of_station


def text(response):
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body.decode(errors="replace")


LISTS = ["/", "/api/v1/stations/", "/metrics", "/compare/"]


def test_members_see_it_in_lists_and_strangers_never_in_any_order(private, group):
    viewers = [(member(group), True), (Client(), False), (stranger(private), False)]
    for order in (viewers, viewers[::-1], viewers):
        for client, sees in order:
            for path in LISTS:
                assert (NAME in text(client.get(path))) is sees, path


def test_members_see_every_page_of_it_and_strangers_find_none_in_any_order(private, group):
    viewers = [(member(group), 200), (Client(), 404), (stranger(private), 404)]
    for order in (viewers, viewers[::-1]):
        for client, status in order:
            for path in paths(private):
                assert client.get(path).status_code == status, path


def test_whoever_loses_the_role_loses_the_station_at_once(private, group):
    client = member(group)
    assert client.get(f"/stations/{private.pk}/").status_code == 200
    Membership.objects.all().delete()
    assert client.get(f"/stations/{private.pk}/").status_code == 404
    assert NAME not in text(client.get("/"))


def test_exact_coordinates_are_told_to_members_only(private, group):
    def places(client):
        return {each["name"]: each["latitude"] for each in client.get("/api/v1/stations/").json()}

    assert places(member(group)) == {NAME: LATITUDE, "Open": None}
    assert places(Client()) == {"Open": None}


def test_an_answer_that_a_member_has_is_not_the_newest_for_somebody_else(private, group):
    public = Station.objects.get(name="Open")
    group.stations.add(public)
    path = f"/api/v1/stations/{public.pk}/"
    etag = member(group).get(path).headers["ETag"]
    answer = Client().get(path, headers={"If-None-Match": etag})
    assert answer.status_code == 200
    assert answer.json()["latitude"] is None
    assert "private" in member(group, Role.KEEPER).get(path).headers["Cache-Control"]


def test_a_link_shows_a_private_station_which_nobody_else_gets_from_what_is_kept(private, rf):
    """A viewer of a secret link has no session, by which kept pages know people who see more."""
    from readings.pages.views import HomeView, StationView

    def ask(view, path, linked, **parts):
        request = rf.get(path)
        request.user, request.session = AnonymousUser(), {}
        if linked:
            request.user.linked_stations = {private.pk}
        response = view.as_view()(request, **parts)
        return response.render() if hasattr(response, "render") and not response.is_rendered else response

    for linked in (True, False, True, False):
        assert (NAME in ask(HomeView, "/", linked).content.decode()) is linked
    page = ask(StationView, f"/stations/{private.pk}/", linked=True, pk=private.pk)
    assert NAME in page.content.decode()
    assert "ETag" not in page.headers
    assert str(LATITUDE) not in page.content.decode()
    assert Client().get(f"/stations/{private.pk}/").status_code == 404


@pytest.mark.parametrize(("role", "words"), [(Role.VIEWER, False), (Role.KEEPER, True)])
def test_only_those_who_may_change_it_are_led_to_the_admin(private, group, role, words):
    page = text(member(group, role).get(f"/stations/{private.pk}/"))
    assert (f"/admin/stations/station/{private.pk}/change/" in page) is words
    assert ('href="/admin/"' in page) is words


def test_a_page_says_who_has_logged_in(private, group):
    page = text(member(group).get("/"))
    assert "a viewer</a>" in page
    assert ">Log in<" not in page
    assert ">Log in<" in text(Client().get("/"))
    assert "Ihr Konto" in text(member(group, Role.KEEPER).get("/?lang=de"))


def test_roles_take_a_page_at_most_two_queries(private, group):
    """Staff take none for roles."""

    def count(client, path):
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            client.get(path)
        return len(asked)

    her, staff = member(group), client_of(User.objects.create_user("staff", is_staff=True))
    public = Station.objects.get(name="Open")
    for path in (*LISTS, f"/stations/{public.pk}/", f"/api/v1/stations/{public.pk}/", f"/stations/{private.pk}/"):
        assert count(her, path) - count(staff, path) <= 2, path
