"""Each error that a viewer meets has a page with a sentence and a way on, in both languages."""

from unittest import mock

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError
from django.test import Client

from freetemp.sql.waits import InDoubtError
from readings.pages.views import HomeView

GERMAN = {"Accept-Language": "de"}


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False)


def failing(visitor, error, headers=None):
    with mock.patch.object(HomeView, "get", side_effect=error):
        return visitor.get("/", headers=headers)


@pytest.mark.parametrize(
    ("error", "status", "english", "german"),
    [
        (KeyError("x"), 500, "Something broke on the server", "Auf dem Server ging etwas schief"),
        (OperationalError("disk is full"), 503, "cannot answer just now", "kann gerade nicht antworten"),
        (InDoubtError("no answer"), 503, "may be kept or not: look before", "Vielleicht ist gespeichert"),
        (SuspiciousOperation("x"), 400, "does not understand this request", "versteht diese Anfrage nicht"),
    ],
)
def test_a_failure_has_a_page_in_the_viewers_language_and_leads_home(visitor, error, status, english, german):
    for words, headers, home in ((english, None, "See all stations"), (german, GERMAN, "Alle Stationen ansehen")):
        answer = failing(visitor, error, headers)
        assert answer.status_code == status
        page = answer.content.decode()
        assert words in page
        assert f'href="/">{home}</a>' in page
        assert "css/base.css" in page


def test_a_database_that_cannot_answer_is_asked_again_later(visitor):
    assert failing(visitor, OperationalError("database is locked"))["Retry-After"] == "30"


def test_an_error_needs_no_collected_files_and_no_database(visitor):
    with mock.patch("freetemp.templatetags.about.static", side_effect=ValueError("missing")):
        page = failing(visitor, KeyError("x")).content.decode()
    assert "Something broke on the server" in page
    assert "stylesheet" not in page


def test_a_name_that_the_server_does_not_know_is_said_with_the_right_one(visitor, settings):
    settings.ALLOWED_HOSTS = ["station.example"]
    settings.SERVER_URL = "http://station.example"
    answer = visitor.get("/", HTTP_HOST="pi.local:8000")
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "You asked for it as pi.local:8000." in page
    assert '<a href="http://station.example">' in page
    assert 'class="button" href="http://station.example">' in page, "the other name would be refused again"
    assert "ALLOWED_HOSTS" in page


@pytest.mark.parametrize("host", ["<script>alert(1)</script>", "x" * 5_000, "[", "a b"])
def test_a_hostile_name_is_text(visitor, host):
    answer = visitor.get("/", HTTP_HOST=host)
    assert answer.status_code == 400
    assert "<script>" not in answer.content.decode()
    assert len(answer.content) < 3_000


@pytest.mark.django_db
def test_a_form_without_its_token_says_what_to_try():
    visitor = Client(enforce_csrf_checks=True)
    answer = visitor.post("/admin/login/", {"username": "ann", "password": "x"})
    assert answer.status_code == 403
    assert "This form was not accepted" in answer.content.decode()
    assert "SERVER_URL" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "words"), [(None, "There is no such station"), (GERMAN, "Diese Station gibt es nicht")]
)
def test_an_unknown_station_is_no_unknown_page(client, station, headers, words):
    station.public = False
    station.save()
    pages = [client.get(f"/stations/{number}/", headers=headers) for number in (station.pk, station.pk + 1)]
    assert [page.status_code for page in pages] == [404, 404]
    assert all(words in page.content.decode() for page in pages)
    assert pages[0].content == pages[1].content, "nobody is told that a station exists"
    assert words not in client.get("/nowhere/", headers=headers).content.decode()


@pytest.mark.django_db
def test_a_frame_of_a_station_that_is_gone_says_so_in_the_frame(client):
    answer = client.get("/stations/99/embed/?lang=de")
    assert answer.status_code == 404
    assert "Diese Station gibt es nicht" in answer.content.decode()
    assert "X-Frame-Options" not in answer
    assert "frame-ancestors *" in answer["Content-Security-Policy"]


@pytest.mark.django_db
def test_staff_without_permission_are_told_to_sign_in_with_another_account(client):
    client.force_login(User.objects.create_user("ann", is_staff=True))
    answer = client.get("/admin/stations/station/")
    assert answer.status_code == 403
    assert "You may not see this page" in answer.content.decode()
