"""A token leads to one key: files asked for at once, again, or too late never bring a second one that works."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from firmware.models import FlashToken
from firmware.sources import local
from stations.models import Key
from tests.conftest import MAC
from tests.firmware.ready import give_wifi, use

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 6


@pytest.fixture
def token(station, settings):
    settings.SERVER_URL = "http://192.168.1.5:8000"
    give_wifi(station)
    return FlashToken.objects.make(station)


def take(token):
    """Ask for the files, as another thread of the server answers it."""
    try:
        return Client().post(
            "/api/v1/flash/bundle/", {}, content_type="application/json", HTTP_AUTHORIZATION=f"Bearer {token}"
        )
    finally:
        connection.close()


def key_of(answer):
    return json.loads(base64.b64decode(answer.json()["files"]["config.json"]))["key"]


def test_files_that_are_asked_for_at_once_have_the_same_key_and_it_works(token):
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(take, [token] * AT_ONCE))
    assert [answer.status_code for answer in answers] == [200] * AT_ONCE
    (key,) = set(map(key_of, answers))
    (issued,) = Key.objects.all()
    assert Key.objects.authenticate(MAC, key) == issued
    assert {answer.json()["key_id"] for answer in answers} == {issued.pk}
    assert FlashToken.objects.get().key == issued
    use(key)
    refused = take(token)
    assert (refused.status_code, Key.objects.usable().count()) == (403, 1)
    assert "This token has flashed its station: make another" in refused.json()["detail"]


def test_a_key_that_is_used_while_the_files_are_made_is_the_last_one(token, monkeypatch):
    key, build = key_of(take(token)), local.build

    def and_meanwhile_the_board_reports(recipe):
        use(key)
        return build(recipe)

    monkeypatch.setattr(local, "build", and_meanwhile_the_board_reports)
    refused = take(token)
    assert (refused.status_code, Key.objects.pending().count()) == (403, 0)
    assert "This token has flashed its station" in refused.json()["detail"]


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda station, _: Key.objects.issue(station),
        lambda *_: Key.objects.all().end(),
        lambda _, settings: setattr(settings, "SECRET_KEY", "another one, as after a leak: 0123456789abcdefghijk"),
    ],
    ids=["another key issued", "its key ended", "a new SECRET_KEY"],
)
def test_a_token_whose_key_has_ended_says_so_and_issues_no_other(token, station, settings, meanwhile):
    take(token)
    meanwhile(station, settings)
    usable = list(Key.objects.usable())
    refused = take(token)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_ready")
    assert "make another token on the station's page" in refused.json()["detail"]
    assert list(Key.objects.usable()) == usable


def test_a_token_that_is_ended_while_the_files_are_made_issues_nothing(token, monkeypatch):
    build = local.build
    monkeypatch.setattr(local, "build", lambda recipe: (FlashToken.objects.end(), build(recipe))[1])
    assert take(token).status_code == 409
    assert not Key.objects.exists()


def test_two_tokens_of_a_station_lead_to_different_keys_and_so_does_another_server(token, station, settings):
    first = key_of(take(token))
    second = key_of(take(FlashToken.objects.make(station)))
    settings.SECRET_KEY = "that of another server: 0123456789abcdefghijklmnopqrst"
    third = key_of(take(FlashToken.objects.make(station)))
    assert len({first, second, third}) == 3
    assert {len(key) for key in (first, second, third)} == {32}
