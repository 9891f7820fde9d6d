"""A link shows a private station to whoever has it, until it ends, and nothing else."""

from datetime import timedelta
from html import unescape
from re import search

import pytest
from django.conf import settings as configured
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from accounts.models import StationLink
from freetemp.masking import mask_keys
from stations.access import Role
from stations.models import Membership, Station, StationGroup
from stations.wrong_keys import WRONG_KEYS
from tests.accounts.conftest import read
from tests.accounts.test_api_tokens import addresses
from tests.conftest import client_of

pytestmark = pytest.mark.django_db

STATIONS = "/api/v1/stations/"


@pytest.fixture
def cellar(db):
    return Station.objects.create(name="Cellar", mac="5c:cf:7f:00:00:08", public=False)


@pytest.fixture
def make(administrator):
    """Make a link to a station, and return its address and its row."""

    def make(station, days=90):
        ends = timezone.now() + timedelta(days=days)
        link, text = StationLink.objects.make(station, "Parents", ends, administrator)
        return f"/account/link/{text}/", link

    return make


@pytest.fixture
def opened(client, make, attic):
    """A browser that has opened a link to the attic, and the link."""
    address, link = make(attic)
    assert client.get(address).status_code == 302
    return client, link


def test_it_leads_to_the_station_whose_address_has_no_secret(client, make, attic):
    address, _ = make(attic)
    assert client.get(f"/stations/{attic.pk}/").status_code == 404
    answer = client.get(address)
    assert answer["Location"] == f"/stations/{attic.pk}/"
    page = client.get(answer["Location"])
    assert page.status_code == 200
    assert address.split("/")[3] not in page.content.decode()


def test_a_browser_keeps_it_until_its_end_and_shows_it_to_no_script_and_no_other_site(client, make, attic, settings):
    settings.SESSION_COOKIE_SECURE = True
    address, _ = make(attic, days=30)
    cookie = client.get(address).cookies[configured.LINK_COOKIE_NAME]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")
    assert timedelta(days=29) < timedelta(seconds=cookie["max-age"]) <= timedelta(days=30)


def test_it_opens_all_of_the_station_to_readers_and_nothing_of_another(opened, attic, cellar):
    client, _ = opened
    for address in addresses(attic.pk):
        assert read(client.get(address)).status_code == 200, address
    for address in addresses(cellar.pk):
        assert client.get(address).status_code == 404, address
    assert client.get(f"/admin/stations/station/{attic.pk}/change/").status_code == 302
    assert [each["name"] for each in client.get(STATIONS).json()] == ["Attic"]


def test_it_is_kept_by_no_cache_and_found_by_no_search_engine(opened, make, attic):
    client, _ = opened
    for address in [*addresses(attic.pk), make(attic)[0], "/", "/compare/?field=1.1"]:
        answer = read(client.get(address))
        assert "private" in answer["Cache-Control"], address
        assert answer["X-Robots-Tag"] == "noindex", address
        assert answer["Referrer-Policy"] == "same-origin", address
        assert "Cookie" in answer["Vary"], address


def test_it_does_not_tell_the_coordinates_unless_everybody_sees_them(opened, attic):
    client, _ = opened
    own = f"{STATIONS}{attic.pk}/"
    assert client.get(own).json()["latitude"] is None
    assert "52.5" not in client.get(f"/stations/{attic.pk}/").content.decode()
    Station.objects.update(on_map=True)
    assert client.get(own).json()["latitude"] == 52.5


@pytest.mark.parametrize("name", ["ended_at", "expires_at"])
def test_once_it_has_ended_nothing_is_shown_not_even_what_the_browser_has(opened, attic, name):
    client, _ = opened
    tags = {address: read(client.get(address)).get("ETag", "") for address in addresses(attic.pk)}
    assert any(tags.values())
    StationLink.objects.update(**{name: timezone.now()})
    for address, tag in tags.items():
        assert client.get(address, HTTP_IF_NONE_MATCH=tag).status_code == 404, address


def test_what_was_drawn_for_it_is_drawn_for_nobody_else(opened, attic):
    client, _ = opened
    for _ in range(2):
        assert client.get(f"/stations/{attic.pk}/").status_code == 200
        assert Client().get(f"/stations/{attic.pk}/").status_code == 404
        assert "Attic" not in Client().get("/").content.decode()


def test_a_page_that_everybody_sees_is_not_kept_with_what_a_link_shows(opened, station):
    client, _ = opened
    for each in (client, Client(), client):
        page = each.get(f"/stations/{station.pk}/")
        assert ("no-store" in page["Cache-Control"]) == (each is client)


def test_a_browser_may_have_several_and_each_ends_by_itself(opened, make, attic, cellar):
    client, link = opened
    client.get(make(cellar)[0])
    seen = [client.get(f"/stations/{each.pk}/").status_code for each in (attic, cellar)]
    StationLink.objects.filter(pk=link.pk).end()
    seen += [client.get(f"/stations/{each.pk}/").status_code for each in (attic, cellar)]
    assert seen == [200, 200, 404, 200]


def test_many_links_do_not_make_the_cookie_too_large_for_a_browser(client, make, attic):
    addresses = [make(attic)[0] for _ in range(25)]
    for address in addresses:
        client.get(address)
    value = client.cookies[configured.LINK_COOKIE_NAME].value
    assert len(value) < 2_000
    assert value.startswith(addresses[-1].split("/")[3])


@pytest.mark.parametrize("value", ["", ".", "x" * 5_000, "0" * 66, "ü.\x00", "." * 4_000])
def test_a_made_up_cookie_opens_nothing(client, attic, value):
    client.cookies[configured.LINK_COOKIE_NAME] = value
    assert client.get(f"/stations/{attic.pk}/").status_code == 404
    assert client.get("/").status_code == 200


def test_a_link_that_is_over_or_wrong_says_so_in_the_visitor_s_language(client, make, attic):
    address, link = make(attic)
    StationLink.objects.filter(pk=link.pk).end()
    for each in (address, "/account/link/x/", f"/account/link/{'0' * 66}/"):
        answer = client.get(each, headers={"accept-language": "de"})
        assert answer.status_code == 404
        assert "Dieser Link gilt nicht mehr" in answer.content.decode()
        assert not answer.cookies


def test_whoever_guesses_links_is_slowed_down_and_a_right_one_opens_all_the_same(client, make, attic):
    assert {client.get("/account/link/0/").status_code for _ in range(WRONG_KEYS)} == {404}
    assert client.get("/account/link/0/").status_code == 429
    assert client.get(make(attic)[0]).status_code == 302


def test_somebody_who_is_logged_in_sees_the_station_too_and_keeps_what_they_may_do(keeping, make, attic, cellar):
    keeping.get(make(attic)[0])
    assert keeping.get(f"/stations/{attic.pk}/").status_code == 200
    assert keeping.get(f"/stations/{cellar.pk}/").status_code == 200
    assert keeping.get(f"/admin/stations/station/{attic.pk}/change/").status_code == 200


def test_it_costs_a_query(opened, attic, django_assert_num_queries):
    client, _ = opened
    address = f"{STATIONS}{attic.pk}/"
    client.get(address)
    with django_assert_num_queries(3):  # The links, the station and its fields.
        client.get(address)


def test_its_use_is_dated(opened, attic):
    client, link = opened
    client.get(f"/stations/{attic.pk}/")
    link.refresh_from_db()
    assert timezone.now() - link.last_used_at < timedelta(minutes=1)


def test_no_log_shows_one(make, attic):
    address, _ = make(attic)
    for line in (f"GET {address} HTTP/1.1", f"Not Found: {address}", f"/?next={address.replace('/', '%2F')}"):
        assert address.split("/")[3] not in mask_keys(line)


def test_a_keeper_makes_one_on_the_station_s_page_and_ends_it(keeping, attic):
    page = keeping.get(f"/admin/stations/station/{attic.pk}/change/").content.decode()
    assert f"/admin/stations/station/{attic.pk}/links/" in page
    own = f"/admin/stations/station/{attic.pk}/links/"
    last = (timezone.now() + timedelta(days=10)).date()
    made = keeping.post(own, {"make": "1", "name": "Class 7b", "last_day": last.isoformat()})
    address = unescape(search(r'<code id="link">([^<]*)', made.content.decode())[1])
    assert "no-store" in made["Cache-Control"]
    assert "<svg" in made.content.decode()
    visitor = Client()
    assert visitor.get(address).status_code == 302
    link = StationLink.objects.get()
    assert link.expires_at.astimezone(attic.zone).isoformat()[:19] == f"{last + timedelta(days=1)}T00:00:00"
    assert keeping.post(own, {"end": str(link.pk)}).status_code == 302
    assert visitor.get(f"/stations/{attic.pk}/").status_code == 404
    listed = keeping.get(own).content.decode()
    assert "ended" in listed
    assert address not in listed


@pytest.mark.parametrize(
    ("name", "days", "sentence"),
    [("", 1, "This field is required"), ("x", -2, "This day is over"), ("x", 402, "400 days at most")],
)
def test_a_link_that_cannot_be_is_refused_with_a_sentence(keeping, attic, name, days, sentence):
    last = (timezone.now().astimezone(attic.zone) + timedelta(days=days)).date().isoformat()
    page = keeping.post(f"/admin/stations/station/{attic.pk}/links/", {"make": "1", "name": name, "last_day": last})
    assert sentence in page.content.decode()
    assert not StationLink.objects.exists()


@pytest.mark.parametrize("number", ["x", "0", "9" * 30, "-1"])
def test_ending_what_is_no_link_of_the_station_changes_nothing(keeping, make, attic, cellar, number):
    _, other = make(cellar)
    for each in (number, str(other.pk)):
        assert keeping.post(f"/admin/stations/station/{attic.pk}/links/", {"end": each}).status_code == 302
    assert StationLink.objects.usable().count() == 1


def test_links_that_were_to_end_long_ago_are_forgotten_when_another_is_made(make, attic, cellar):
    make(attic)
    make(cellar)
    StationLink.objects.update(expires_at=timezone.now() - timedelta(days=400))
    make(attic)
    assert StationLink.objects.filter(station=attic).count() == 1
    assert StationLink.objects.filter(station=cellar).count() == 1


def test_whoever_is_logged_in_sees_it_where_a_second_factor_is_asked_of_staff(settings, attic, administrator):
    settings.SECOND_FACTOR = "staff"
    browser = client_of(User.objects.create_user("pupil"))
    _, text = StationLink.objects.make(attic, "class", timezone.now() + timedelta(days=1), administrator)
    browser.get(f"/account/link/{text}/")
    assert browser.get(f"/stations/{attic.pk}/").status_code == 200


def administrator_of(station):
    """Return somebody with a role in a group of the station, by which links may be made."""
    teacher = User.objects.create_user("teacher")
    group = StationGroup.objects.create(name="School")
    group.stations.add(station)
    Membership.objects.create(group=group, user=teacher, role=Role.KEEPER)
    return teacher


@pytest.mark.all_parameters
@pytest.mark.parametrize("loss", ["role", "station", "active", "account"])
def test_it_shows_nothing_once_whoever_made_it_could_not_make_it_any_more(client, attic, administrating, loss):
    teacher = administrator_of(attic)
    _, text = StationLink.objects.make(attic, "Parents", timezone.now() + timedelta(days=9), teacher)
    client.get(f"/account/link/{text}/")
    tag = client.get(f"{STATIONS}{attic.pk}/").get("ETag", "")
    if loss == "role":
        Membership.objects.update(role=Role.VIEWER)
    elif loss == "station":
        StationGroup.objects.get().stations.clear()
    elif loss == "active":
        User.objects.filter(pk=teacher.pk).update(is_active=False)
    else:
        teacher.delete()
    assert client.get(f"{STATIONS}{attic.pk}/", HTTP_IF_NONE_MATCH=tag).status_code == 404
    assert Client().get(f"/account/link/{text}/").status_code == 404
    page = administrating.get(f"/admin/stations/station/{attic.pk}/links/").content.decode()
    assert f"resting: {'whoever made it' if loss == 'account' else 'teacher'} may not make links" in page


def test_it_is_back_with_the_right_of_its_maker_unless_somebody_ended_it(client, attic, administrating):
    teacher = administrator_of(attic)
    link, text = StationLink.objects.make(attic, "Parents", timezone.now() + timedelta(days=9), teacher)
    for again in (200, 404):
        User.objects.filter(pk=teacher.pk).update(is_active=False)
        client.get(f"/account/link/{text}/")
        assert client.get(f"/stations/{attic.pk}/").status_code == 404
        if again == 404:
            administrating.post(f"/admin/stations/station/{attic.pk}/links/", {"end": str(link.pk)})
        User.objects.filter(pk=teacher.pk).update(is_active=True)
        client.get(f"/account/link/{text}/")
        assert client.get(f"/stations/{attic.pk}/").status_code == again


def test_many_links_of_one_maker_cost_a_page_no_more_queries(client, attic, django_assert_max_num_queries):
    teacher = administrator_of(attic)
    ends = timezone.now() + timedelta(days=9)
    for _ in range(5):
        client.get(f"/account/link/{StationLink.objects.make(attic, 'x', ends, teacher)[1]}/")
    client.get(f"{STATIONS}{attic.pk}/")
    with django_assert_max_num_queries(4):  # The links, their maker's roles, the station and its fields.
        client.get(f"{STATIONS}{attic.pk}/")
