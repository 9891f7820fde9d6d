"""A token of a person's programs flashes any number of boards, of the stations that its person keeps."""

import json
from base64 import b64decode

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from accounts.models import ApiToken
from firmware.models import FlashToken, FlashUse
from stations.access import Role
from stations.models import Key, Membership, Station, StationGroup
from tests.conftest import MAC
from tests.firmware.ready import give_wifi, use

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_a_network(settings):
    settings.SERVER_URL = "http://192.168.1.5:8000"


@pytest.fixture
def token(keeper, station):
    give_wifi(station)
    return ApiToken.objects.make(keeper, "workshop", "write")[1]


@pytest.fixture
def ask(with_token, station):
    """Ask the API for flashing: ask(token, "bundle/", {}) is a POST."""

    def ask(token, path="", body=None, named=None):
        address = f"/api/v1/flash/{path}{'&' if '?' in path else '?'}station={named or station.pk}"
        more = {} if body is None else {"data": body, "content_type": "application/json"}
        return with_token(address, token, "get" if body is None else "post", **more)

    return ask


def key_in(bundle):
    return json.loads(b64decode(bundle.json()["files"]["config.json"]))["key"]


def test_it_is_good_for_one_flash_after_another_each_with_a_key_of_its_own(ask, token, station):
    keys = []
    for _ in range(2):
        assert ask(token).json() == {"id": station.pk, "name": "Garden", "mac": MAC, "simulated": False}
        bundles = [ask(token, "bundle/", {}) for _ in range(2)]
        assert len(set(map(key_in, bundles))) == 1, "whoever repeats a step gets the same files"
        number = bundles[0].json()["key_id"]
        assert ask(token, f"reported/?key_id={number}").json() == {"reported": False}
        use(key_in(bundles[0]))
        assert ask(token, f"reported/?key_id={number}").json() == {"reported": True}
        keys.append(key_in(bundles[0]))
    assert keys[0] != keys[1]
    assert FlashToken.objects.count() == 2


def test_a_flash_that_is_done_gives_no_other_key_until_the_next_one_begins(ask, token):
    ask(token)
    use(key_in(ask(token, "bundle/", {})))
    assert ask(token, "bundle/", {}).status_code == 403
    assert ask(token).status_code == 200
    assert ask(token, "bundle/", {}).status_code == 200


def test_a_flash_that_somebody_has_ended_begins_anew(ask, token, station):
    first = key_in(ask(token, "bundle/", {}))
    FlashToken.objects.filter(station=station).end()
    assert key_in(ask(token, "bundle/", {})) != first


def test_the_key_is_not_that_of_another_station_with_the_same_token(ask, token, keeper):
    other = Station.objects.create(name="Roof", mac="5c:cf:7f:00:00:09")
    give_wifi(other, "Roof")
    assert key_in(ask(token, "bundle/", {})) != key_in(ask(token, "bundle/", {}, named=other.pk))


def test_staff_see_who_flashed_by_which_token(ask, token, station):
    ask(token)
    flash = FlashToken.objects.get()
    assert flash.made_by.startswith("keeper, by workshop (freetemp_")
    assert token not in repr(vars(flash))
    assert list(FlashUse.objects.values_list("what", flat=True)) == ["asked for the station's facts"]


def test_nobody_can_ask_by_the_row_that_stands_for_it(ask, token, client):
    ask(token)
    row = FlashToken.objects.get()
    for text in (row.digest, row.program):
        assert client.get("/api/v1/flash/", HTTP_AUTHORIZATION=f"Bearer {text}").status_code == 401


@pytest.mark.all_parameters
@pytest.mark.parametrize("what", ["reads only", "for another station", "nobody's keeper", "a viewer"])
def test_one_that_may_not_flash_the_station_is_refused_with_a_sentence(ask, keeper, station, attic, what):
    give_wifi(station)
    person = keeper
    if what in ("nobody's keeper", "a viewer"):
        person = User.objects.create_user("pupil")
    if what == "a viewer":
        school = StationGroup.objects.create(name="School")
        school.stations.add(station)
        Membership.objects.create(group=school, user=person, role=Role.VIEWER)
    scope = "read" if what == "reads only" else "write"
    _, text = ApiToken.objects.make(person, "x", scope, stations=[attic] if what == "for another station" else [])
    for path, body in (("", None), ("bundle/", {}), ("mac/", {"mac": MAC}), ("reported/?key_id=1", None)):
        answer = ask(text, path, body)
        assert (answer.status_code, path) == (403, path)
        assert "may not flash station" in answer.json()["detail"]
    assert not FlashToken.objects.exists()
    assert not Key.objects.exists()


def test_the_keeper_of_a_group_flashes_its_stations(ask, station, attic):
    give_wifi(station)
    school = StationGroup.objects.create(name="School")
    school.stations.add(station)
    teacher = User.objects.create_user("teacher")
    Membership.objects.create(group=school, user=teacher, role=Role.KEEPER)
    _, text = ApiToken.objects.make(teacher, "workshop", "write")
    assert ask(text).status_code == 200
    assert ask(text, named=attic.pk).status_code == 403


def test_a_station_is_named_by_its_number_or_its_name_unless_there_is_only_one(ask, with_token, keeper, token, attic):
    assert ask(token, named="Garden").status_code == 200
    for name in ("Nowhere", "999", "%00", "9" * 400):
        assert ask(token, named=name).status_code == 403, name
    unnamed = with_token("/api/v1/flash/", token)
    assert (unnamed.status_code, "more than one station" in unnamed.json()["detail"]) == (403, True)
    _, only = ApiToken.objects.make(keeper, "x", "write", stations=[attic])
    assert with_token("/api/v1/flash/", only).json()["id"] == attic.pk


def test_one_that_has_ended_issues_nothing_more(ask, token):
    assert ask(token).status_code == 200
    ApiToken.objects.update(ended_at=timezone.now())
    assert ask(token, "bundle/", {}).status_code == 401


def test_a_token_of_the_station_s_page_works_as_ever_and_needs_no_name(with_token, station):
    text = FlashToken.objects.make(station)
    assert with_token("/api/v1/flash/", text).json()["id"] == station.pk
