"""The home page that a browser has is not sent again. tests/readings/pages/test_kept_cards.py changes what is on it."""

import gzip
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import override_settings

from freetemp import read_only
from freetemp.conf.map_tiles import Credit, Tiles
from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.reports import Measurement
from readings.pages.kept_pages import kept_pages
from stations.models import Station
from tests.conftest import client_of
from tests.readings.pages.processes import Process

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 6, 10, 12, 0, 30, tzinfo=UTC)
TILES = Tiles("https://tile.example/{z}/{x}/{y}.png", "https://tile.example")


@pytest.fixture
def roof(station):
    ingest.store(station, [Measurement(1, to_millis(NOON) - 20_000 - n * 600_000, 10.0 + n % 7) for n in range(150)])
    Station.objects.update(last_heard_at=NOON - timedelta(seconds=20), latitude=52.5, longitude=13.25)
    return station


@pytest.mark.usefixtures("roof")
def test_a_page_that_a_browser_has_is_not_sent_again(django_assert_num_queries):
    process = Process()
    first = process.answers(NOON)
    with django_assert_num_queries(2):
        again = process.answers(NOON + timedelta(seconds=2), **{"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    other = Process().answers(NOON, **{"If-None-Match": first["ETag"]})
    for response in (first, again, other, process.answers(NOON)):  # A browser takes the headers of a 304 for its page.
        assert response["ETag"] == first["ETag"]
        assert response["Cache-Control"] == "no-cache"
        assert response["Content-Security-Policy"] == first["Content-Security-Policy"]
        assert {"Cookie", "Accept-Language", "Accept-Encoding"} <= set(response["Vary"].split(", "))
    assert process.answers(NOON).content == first.content


@pytest.mark.usefixtures("roof")
def test_a_page_is_the_same_compressed(settings):
    process, plain = Process(), Process().answers(NOON)
    for _ in range(2):
        packed = process.answers(NOON, **{"Accept-Encoding": "gzip"})
        assert (packed["Content-Encoding"], packed["ETag"]) == ("gzip", plain["ETag"])
        assert gzip.decompress(packed.content) == plain.content


@pytest.mark.usefixtures("roof")
def test_a_large_page_is_not_kept_and_has_an_etag(monkeypatch):
    monkeypatch.setattr("readings.pages.kept_pages.MOST_OF_A_PAGE", 1_000)
    process = Process()
    first = process.answers(NOON)
    assert len(process.pages) == 0
    assert process.answers(NOON, **{"If-None-Match": first["ETag"]}).status_code == 304


@pytest.mark.usefixtures("roof")
@pytest.mark.parametrize(
    "headers", [{"Accept-Language": "de"}, {"Cookie": "language=de"}, {"Cookie": "units=us"}], ids=str
)
def test_each_viewer_has_own_words_and_units(headers):
    process = Process()
    first = process.answers(NOON, **{"Accept-Language": "en"})
    other = process.answers(NOON, **headers, **{"If-None-Match": first["ETag"]})
    assert other.status_code == 200
    assert other.content == Process().answers(NOON, **headers).content != first.content


@pytest.mark.usefixtures("roof")
def test_what_is_looked_for_and_a_choice_are_other_pages():
    process = Process()
    etag = process.answers(NOON)["ETag"]
    found = process.answers(NOON, "/?q=nothing", **{"If-None-Match": etag})
    assert (found.status_code, b'<li class="card" hidden>' in found.content) == (200, True)
    for choice in ("/?units=us", "/?lang=de"):
        answer = process.answers(NOON, choice, **{"If-None-Match": "*"})
        assert (answer.status_code, bool(answer.cookies), "ETag" in answer) == (200, True, False)


def test_what_staff_see_is_never_kept_and_a_private_station_is_gone_at_once(roof):
    process = Process()
    etag = process.answers(NOON)["ETag"]
    Station.objects.update(public=False)
    staff = client_of(User.objects.create_user("anna", is_staff=True, is_superuser=True))
    kept_pages.forget()
    for _ in range(2):
        with process.at_work():
            answer = staff.get("/", headers={"If-None-Match": "*"})
        assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
        assert (roof.name.encode() in answer.content, "ETag" in answer) == (True, False)
    answer = process.answers(NOON, **{"If-None-Match": etag})
    assert (answer.status_code, roof.name.encode() in answer.content) == (200, False)


@pytest.mark.usefixtures("roof")
def test_a_disk_another_build_an_origin_and_a_map_are_seen_at_once():
    process = Process()
    Station.objects.update(on_map=True)
    known = {"If-None-Match": process.answers(NOON)["ETag"]}
    with mock.patch.object(read_only, "is_read_only", return_value=True):
        if settings.DATABASES["default"]["ENGINE"] == "freetemp.sqlite":
            assert b"read-only" in process.answers(NOON, **known).content
    with mock.patch("readings.pages.kept_pages.build", return_value="another"):
        assert process.answers(NOON, **known).status_code == 200
    with override_settings(SERVER_ORIGIN="https://weather.example"):
        assert b"https://weather.example/" in process.answers(NOON, **known).content
    with override_settings(MAP_TILES=TILES):
        answer = process.answers(NOON, **known)
        assert b'data-at="52.5,13.25"' in answer.content
        again = process.answers(NOON, **{"If-None-Match": answer["ETag"]})
        assert again.status_code == 304
        assert "https://tile.example" in again["Content-Security-Policy"]
        with override_settings(MAP_CREDIT=Credit("mine", "https://tile.example/")):
            assert b"mine</a>" in process.answers(NOON, **{"If-None-Match": answer["ETag"]}).content
