"""A token lets a program in as its person, with that person's rights or fewer."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.utils import timezone

from accounts.models import ApiToken
from accounts.tokens.bearer import bearer_of
from firmware.models import FlashToken
from freetemp.masking import mask_keys
from stations.access import Role
from stations.models import Membership, Station, StationGroup
from stations.wrong_keys import WRONG_KEYS
from tests.accounts.conftest import read

pytestmark = pytest.mark.django_db

STATIONS = "/api/v1/stations/"


def names(answer):
    assert answer.status_code == 200, answer.content
    return sorted(each["name"] for each in answer.json())


@pytest.fixture
def token(keeper, station, attic):
    return ApiToken.objects.make(keeper, "Grafana")[1]


def addresses(pk):
    of_station = ["", "readings.csv", "readings.json", "readings.xlsx", "chart.svg", "preview.png", "outages/"]
    return [f"{STATIONS}{pk}/", f"{STATIONS}{pk}/series/?field=1", *(f"/stations/{pk}/{rest}" for rest in of_station)]


def test_it_sees_what_its_person_sees(with_token, client, token):
    assert names(client.get(STATIONS)) == ["Garden"]
    assert names(with_token(STATIONS, token)) == ["Attic", "Garden"]


def test_it_opens_the_files_and_pictures_of_a_private_station_too(with_token, client, token, attic):
    for address in addresses(attic.pk):
        assert read(client.get(address)).status_code == 404, address
        assert with_token(address, token).status_code == 200, address


def test_an_answer_to_a_token_is_kept_by_no_cache(with_token, token, attic):
    for address in [*addresses(attic.pk), "/", "/metrics"]:
        assert "private" in with_token(address, token)["Cache-Control"], address


def test_a_public_page_that_was_drawn_for_everybody_is_not_what_a_token_gets(with_token, client, token, station):
    station.latitude, station.longitude = 52.5, 13.4
    station.save()
    for _ in range(2):
        public, own = client.get(f"{STATIONS}{station.pk}/"), with_token(f"{STATIONS}{station.pk}/", token)
        assert (public.json()["latitude"], own.json()["latitude"]) == (None, 52.5)
        assert public["ETag"] != own["ETag"]


def test_the_table_has_its_digest_only(token):
    row = ApiToken.objects.get()
    assert token not in repr(vars(row))
    assert len(token) >= 64
    assert token.startswith(row.beginning)


@pytest.mark.parametrize("change", [{"ended_at": 0}, {"expires_at": 0}])
def test_one_that_has_ended_is_refused_from_the_next_request_on(with_token, token, change):
    assert with_token(STATIONS, token).status_code == 200
    ApiToken.objects.update(**{name: timezone.now() for name in change})
    answer = with_token(STATIONS, token)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert "make another" in answer.json()["detail"]


def test_whoever_may_not_log_in_any_more_has_no_programs_either(with_token, token, keeper):
    User.objects.filter(pk=keeper.pk).update(is_active=False)
    assert with_token(STATIONS, token).status_code == 401


def test_a_wrong_one_is_refused_with_a_sentence_and_not_answered_as_nobody(with_token, token):
    for wrong in (f"{token[:-1]}x", "freetemp_", f"freetemp_{'ü' * 3}\udc80", "something"):
        assert with_token(STATIONS, wrong).status_code == 401, wrong
    for address in ("/", "/metrics", "/stations/1/readings.csv"):
        answer = with_token(address, f"{token}0")
        assert (answer.status_code, answer["Content-Type"]) == (401, "text/plain; charset=utf-8")


def test_wrong_ones_in_number_are_slowed_down_and_the_right_one_is_not(with_token, token):
    assert {with_token(STATIONS, f"{token}0").status_code for _ in range(WRONG_KEYS)} == {401}
    answer = with_token(STATIONS, f"{token}0")
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
    assert with_token(STATIONS, token).status_code == 200


def test_one_for_some_stations_sees_no_other_private_one_even_if_its_person_is_a_superuser(
    with_token, administrator, attic
):
    cellar = Station.objects.create(name="Cellar", public=False)
    _, text = ApiToken.objects.make(administrator, "display", stations=[cellar])
    assert names(with_token(STATIONS, text)) == ["Cellar"]
    assert with_token(f"/stations/{attic.pk}/readings.csv", text).status_code == 404


def test_one_for_a_group_sees_the_stations_that_come_to_it_later(with_token, administrator, attic):
    school = StationGroup.objects.create(name="School")
    _, text = ApiToken.objects.make(administrator, "display", groups=[school])
    assert names(with_token(STATIONS, text)) == []
    school.stations.add(attic)
    assert names(with_token(STATIONS, text)) == ["Attic"]


def test_one_whose_only_station_was_deleted_is_not_one_for_all_of_them(with_token, administrator, attic):
    cellar = Station.objects.create(name="Cellar", public=False)
    _, text = ApiToken.objects.make(administrator, "display", stations=[cellar])
    cellar.delete()
    assert names(with_token(STATIONS, text)) == []


def test_a_viewer_of_a_group_has_programs_that_see_the_group(with_token, attic, station):
    school = StationGroup.objects.create(name="School")
    school.stations.add(attic)
    pupil = User.objects.create_user("pupil")
    Membership.objects.create(group=school, user=pupil, role=Role.VIEWER)
    _, text = ApiToken.objects.make(pupil, "Grafana")
    assert names(with_token(STATIONS, text)) == ["Attic", "Garden"]
    Membership.objects.all().delete()
    assert names(with_token(STATIONS, text)) == ["Garden"], "a right that is taken away is gone at once"


@pytest.mark.parametrize("scope", ["read", "write"])
def test_a_token_has_no_more_rights_than_its_scope_and_its_stations(administrator, attic, station, scope):
    made, _ = ApiToken.objects.make(administrator, "lab", scope, stations=[attic])
    person = bearer_of(made)
    may_write = scope == "write"
    assert person.has_perm("stations.view_station", attic)
    assert person.has_perm("stations.change_station", attic) == may_write
    assert person.has_perms(["stations.view_station", "stations.change_station"], attic) == may_write
    assert not person.has_perm("stations.view_station", station)
    assert not person.has_perm("stations.change_field", station.fields.get())
    assert person.has_perm("stations.change_field", attic.fields.get()) == may_write
    assert not person.has_module_perms("stations")


def test_pages_of_staff_and_of_the_account_take_no_token(with_token, administrator):
    _, text = ApiToken.objects.make(administrator, "lab", "write")
    for address in ("/admin/", "/admin/stations/station/", "/account/tokens/"):
        assert with_token(address, text).status_code == 302, address
    assert with_token("/compare/propose/", text, "post").status_code >= 300


def test_its_last_use_is_written_once_in_minutes(with_token, token, django_assert_num_queries):
    with_token(f"{STATIONS}999/", token)
    first = ApiToken.objects.get().last_used_at
    assert timezone.now() - first < timedelta(minutes=1)
    with django_assert_num_queries(2):  # The token with its person, and the station.
        with_token(f"{STATIONS}999/", token)
    assert ApiToken.objects.get().last_used_at == first


@pytest.mark.parametrize("off", [timedelta(minutes=-6), timedelta(days=800)])
def test_a_use_is_dated_anew_after_minutes_and_after_a_clock_that_was_ahead(with_token, token, off):
    ApiToken.objects.update(last_used_at=timezone.now() + off)
    with_token(STATIONS, token)
    assert abs(timezone.now() - ApiToken.objects.get().last_used_at) < timedelta(minutes=1)


def test_a_database_that_takes_nothing_refuses_no_program(with_token, token, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError("attempt to write a readonly database")

    monkeypatch.setattr("accounts.models.api_token.ApiTokenQuerySet.update", fail)
    assert names(with_token(STATIONS, token)) == ["Attic", "Garden"]


def test_metrics_take_a_token_as_well_as_the_setting(with_token, client, token, settings):
    settings.METRICS_TOKEN = "0123456789abcdef" * 2
    assert b'name="Attic"' not in client.get("/metrics").content
    for text in (token, settings.METRICS_TOKEN):
        assert b'name="Attic"' in with_token("/metrics", text).content
    assert with_token("/metrics", "wrong").status_code == 401


def test_no_log_shows_one(token):
    for line in (
        f"Invalid HTTP Header: 'Authorization Bearer {token}'",
        f"GET /api/v1/stations/?token={token} HTTP/1.1",
        f"/account/tokens/%20{token.replace('_', '%5F')}",
    ):
        assert token[-50:] not in mask_keys(line), line


def test_the_description_of_the_api_knows_tokens(client):
    description = client.get("/api/v1/schema/?format=json").json()
    assert description["components"]["securitySchemes"]["apiToken"]["scheme"] == "bearer"
    for path in (STATIONS, f"{STATIONS}{{id}}/", f"{STATIONS}{{id}}/series/"):
        assert description["paths"][path]["get"]["security"] == [{"apiToken": []}, {}]


def test_a_token_for_one_flash_is_none_of_these(with_token, station):
    assert with_token(STATIONS, FlashToken.objects.make(station)).status_code == 401
