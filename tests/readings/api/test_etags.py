"""A client that has a station's state already gets a 304: pages ask again and again, usually without news."""

from datetime import timedelta

import pytest
from django.utils import timezone

from readings import ingest
from stations.models import Claim, Station

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["/api/v1/stations/", "/api/v1/stations/{}/"])
def address(request, station):
    Station.objects.filter(pk=station.pk).update(last_heard_at=timezone.now())
    return request.param.format(station.pk)


def ask(client, address, etag, **headers):
    return client.get(address, headers={"if-none-match": etag, **headers})


def test_what_is_known_is_not_sent_again(client, address):
    first = client.get(address)
    again = ask(client, address, first["ETag"])
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    for response in (first, again):
        assert response["ETag"] == first["ETag"]
        assert response["Cache-Control"] == "no-cache"
        assert {"Cookie", "Accept-Encoding"} <= set(response["Vary"].split(", "))


def test_validators_come_in_lists_and_a_compressed_answer_has_the_same(client, address):
    Station.objects.update(place="The roof of the school, " * 4)  # Django adds up to 100 random bytes to it, packed.
    etag = client.get(address)["ETag"]
    packed = client.get(address, headers={"accept-encoding": "gzip"})
    assert (packed["Content-Encoding"], packed["ETag"]) == ("gzip", etag)
    for known in (f'"another", {etag}', etag.removeprefix("W/"), "*"):
        assert ask(client, address, known).status_code == 304
    for other in ('W/"another"', '"a", "b"', "nonsense", ""):
        assert ask(client, address, other).status_code == 200


def test_a_new_value_is_sent(client, address, station, key):
    etag = client.get(address)["ETag"]
    ingest.record(Claim.of(station.mac, key), 1, 21.4)
    answer = ask(client, address, etag)
    assert answer.status_code == 200
    assert b"21.4" in answer.content


@pytest.mark.all_parameters
@pytest.mark.parametrize(
    "change",
    [
        lambda station: Station.objects.update(name="Yard"),
        lambda station: station.fields.update(largest=20),
        lambda station: station.fields.create(number=2, name="humidity"),
        lambda station: Station.objects.update(last_heard_at=timezone.now() - timedelta(hours=2)),
    ],
    ids=["its name", "a limit", "another field", "its silence"],
)
def test_whatever_else_an_answer_tells_is_sent_when_it_changes(client, address, station, change):
    etag = client.get(address)["ETag"]
    change(station)
    assert ask(client, address, etag).status_code == 200


def test_a_station_falls_silent_without_a_change_in_the_database(client, address, station, monkeypatch):
    etag = client.get(address)["ETag"]
    later = timezone.now() + timedelta(hours=2)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert ask(client, address, etag).status_code == 200


def test_staff_who_are_told_more_have_another_validator(client, admin_client, address, station):
    etag = client.get(address)["ETag"]
    assert ask(admin_client, address, etag).status_code == 200


def test_no_shared_cache_keeps_what_only_staff_are_told(client, admin_client, address):
    """A public station's coordinates, while it is not shown on the map."""
    assert "private" not in client.get(address)["Cache-Control"]
    assert "private" in admin_client.get(address)["Cache-Control"]


def test_a_validator_cannot_be_made_without_the_secret_of_the_server(client, address, settings):
    """Otherwise the validator would confirm a guess of a place that only staff see."""
    etag = client.get(address)["ETag"]
    settings.SECRET_KEY = "another, and as long as such a thing has to be " * 2
    assert client.get(address)["ETag"] != etag


def test_no_shared_cache_keeps_a_private_station_and_a_validator_does_not_show_it(client, admin_client, station):
    Station.objects.update(public=False)
    address = f"/api/v1/stations/{station.pk}/"
    for each in (address, "/api/v1/stations/"):
        assert "private" in admin_client.get(each)["Cache-Control"]
    assert ask(client, address, admin_client.get(address)["ETag"]).status_code == 404
    assert ask(client, address, "*").status_code == 404


def test_an_answer_takes_two_queries_known_or_not(client, address, django_assert_num_queries):
    with django_assert_num_queries(2):
        etag = client.get(address)["ETag"]
    with django_assert_num_queries(2):
        assert ask(client, address, etag).status_code == 304
