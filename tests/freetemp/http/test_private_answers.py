"""Every address, now and in future: what somebody is shown who has logged in is kept by no cache."""

import pytest

from freetemp.http.board_requests import view_for
from tests.addresses import addresses

pytestmark = pytest.mark.django_db

# The same for everybody, as static files are.
OF_ALL = ("/manifest.webmanifest", "/sw.js")
FOR_PEOPLE = [each.path for each in addresses() if view_for(each.path) is None]


def walk(client, pk):
    """Yield each address with its answer and what that says to caches."""
    for each in addresses(pk):
        if view_for(each.path) is None and each.path not in OF_ALL:
            answer = client.get(each.path)
            if answer.streaming:
                b"".join(answer)
            yield each.path, answer, answer.headers.get("Cache-Control", "")


def test_the_walk_reaches_pages_files_the_api_and_the_admin():
    assert {"/", "/stations/1/", "/stations/1/readings.csv", "/api/v1/stations/", "/admin/stations/station/"} <= {
        *FOR_PEOPLE
    }


def test_with_a_session_nothing_about_a_station_that_is_not_public_is_kept(admin_client, station):
    station.public = False
    station.save()
    shown = 0
    for path, answer, told in walk(admin_client, station.pk):
        assert "private" in told, (path, answer.status_code)
        assert "no-store" in told or "no-cache" in told, (path, told)
        shown += answer.status_code == 200
    assert shown > 30, "most were really shown"


def test_without_a_session_what_is_public_may_be_kept(client, station):
    for path, answer, told in walk(client, station.pk):
        if not path.startswith(("/account/", "/admin/", "/alerts/phone/", "/api/v1/flash/")):
            assert "private" not in told, path
            assert "no-store" not in told, path
        assert "sessionid" not in answer.cookies, path
