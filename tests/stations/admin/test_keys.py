"""The admin's page of a station's keys: a key is in one answer, and nowhere after that."""

import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from audit.models import Event
from stations.models import Key, Station
from stations.models.key import digest
from tests.conftest import MAC, client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(station):
    return f"/admin/stations/station/{station.pk}/keys/"


def issue(client, url):
    response = client.post(url, {"issue": "1"})
    assert response.status_code == 200
    return response.context["key"], response


def test_a_key_is_shown_in_the_answer_to_the_click_that_issued_it(keeping, url):
    key, answer = issue(keeping, url)
    html = answer.content.decode()
    assert f'<code id="new-key">{key}</code>' in html
    address = f"http://127.0.0.1:8000/update/API_key={key}/mac={MAC}/field=1/data=21.4"
    assert f'<code id="new-address">{address}</code>' in html
    assert f'<code id="new-command">curl "{address}"</code>' in html
    assert "<input" not in html.partition('class="new-key"')[2].partition("</div>")[0], "no autocomplete keeps it"
    assert Key.objects.authenticate(MAC, key) is not None


def test_the_address_that_is_shown_reports(keeping, url, client):
    _, answer = issue(keeping, url)
    path = answer.context["example"].removeprefix("http://127.0.0.1:8000")
    assert client.get(path).content == b"OK"
    assert Key.objects.get().state == "live"


def test_the_page_with_a_new_key_leads_to_the_page_that_shows_the_value(keeping, url, station):
    _, answer = issue(keeping, url)
    assert f'href="/stations/{station.pk}/">the station\'s page</a>' in answer.content.decode()


@pytest.mark.parametrize("mac", [MAC, None])
def test_the_keys_of_a_simulated_station_come_by_its_command_and_no_board_is_flashed(keeping, url, station, mac):
    Station.objects.update(simulated=True, mac=mac)
    html = keeping.get(url).content.decode().partition('id="content-main"')[2]
    assert f'<code class="command">python manage.py simulate_station {station.pk}</code>' in html
    assert "lashing" not in html
    assert "the board" not in html


def test_no_cache_keeps_the_answer(keeping, url):
    for response in (issue(keeping, url)[1], keeping.get(url)):
        assert "no-store" in response["Cache-Control"]
        assert "private" in response["Cache-Control"]


def test_no_later_page_shows_it_and_nothing_keeps_it(keeping, url, station):
    key, answer = issue(keeping, url)
    assert key not in str(answer.cookies)
    later = [url, f"/admin/stations/station/{station.pk}/change/", f"/admin/stations/station/{station.pk}/history/"]
    for page in (*later, "/admin/", "/admin/stations/station/"):
        assert key not in keeping.get(page).content.decode()
    assert key not in str([session.get_decoded() for session in Session.objects.all()])
    assert key not in str(list(Event.objects.values()))


def test_no_table_of_the_database_holds_it(keeping, url):
    key, _ = issue(keeping, url)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            assert key not in str(cursor.fetchall()), table


def test_the_users_behind_issuing_and_ending_are_in_the_history(keeping, keeper, url, station):
    key, _ = issue(keeping, url)
    keeping.post(url, {"end": Key.objects.get().pk, "confirmed": "1"})
    events = Event.objects.of_station(station.pk).filter(person=keeper.username).order_by("pk")
    told = f"…{key[-4:]}"
    assert [(event.deed, event.what) for event in events] == [("key issued", told), ("key ended", told)]


def test_an_ended_key_is_refused_at_once_and_the_page_says_so(keeping, url):
    key, _ = issue(keeping, url)
    page = keeping.post(url, {"end": Key.objects.get().pk, "confirmed": "1"}, follow=True)
    html = page.content.decode()
    assert f"The key …{key[-4:]} has ended: reports with it are refused from now on." in html
    assert 'name="end"' not in html
    assert Key.objects.authenticate(MAC, key) is None


def test_a_live_key_ends_only_after_a_question_that_says_what_follows(keeping, url, client, station):
    _, answer = issue(keeping, url)
    client.get(answer.context["example"].removeprefix("http://127.0.0.1:8000"))
    question = keeping.post(url, {"end": Key.objects.get().pk})
    html = question.content.decode()
    assert Key.objects.get().state == "live"
    assert f"<strong>{station}</strong> reports with this key, last <time" in html
    assert "the station is silent until somebody puts a new key onto its board" in html
    assert f'href="{url}">Keep it</a>' in html
    form = html.partition('<form method="post">')[2]
    sent = dict(re.findall(r'name="(end|confirmed)" value="([^"]+)"', form))
    keeping.post(url, sent)
    assert Key.objects.get().state == "ended"


def test_the_question_about_a_key_that_was_never_used_says_so(keeping, url):
    issue(keeping, url)
    html = keeping.post(url, {"end": Key.objects.get().pk}).content.decode()
    assert "was never used" in html
    assert "reports with this key" not in html
    assert Key.objects.get().state == "pending"


def test_the_question_about_a_simulated_station_speaks_of_no_board(keeping, url, key, station):
    Key.objects.update(first_used_at=timezone.now())
    Station.objects.update(simulated=True)
    html = keeping.post(url, {"end": Key.objects.get().pk}).content.decode()
    assert f"python manage.py simulate_station {station.pk}" in html
    assert "board" not in html.partition('id="content-main"')[2]


@pytest.mark.parametrize("number", ["", "x", "0", "-1", "²", "9" * 25, "9" * 5000, "99999999"])
@pytest.mark.parametrize("sure", [{}, {"confirmed": "1"}])
def test_ending_an_unknown_key_ends_nothing(keeping, url, key, number, sure):
    page = keeping.post(url, {"end": number} | sure, follow=True)
    assert page.status_code == 200
    assert Key.objects.get().state == "pending"
    assert not Event.objects.filter(deed="key ended").exists()


def test_the_key_of_another_station_cannot_be_ended_here(keeping, url):
    other = Station.objects.create(name="Pond")
    Key.objects.issue(other)
    for sure in ({}, {"confirmed": "1"}):
        assert keeping.post(url, {"end": Key.objects.get().pk} | sure).status_code == 302
    assert Key.objects.get().state == "pending"


def test_an_empty_post_issues_nothing(keeping, url):
    assert keeping.post(url).status_code == 200
    assert not Key.objects.exists()


@pytest.fixture
def bare(db):
    """A station without a MAC address, and the address of its keys."""
    station = Station.objects.create(name="Bare")
    return station, f"/admin/stations/station/{station.pk}/keys/"


def test_a_station_without_a_mac_gets_it_before_its_key(keeping, bare):
    station, url = bare
    html = keeping.get(url).content.decode()
    assert "First, the MAC address" in html
    assert f'href="/admin/stations/station/{station.pk}/change/#flash-heading"' in html, "or it is taken from the board"
    for sent in ({"issue": "1"}, {"issue": "1", "mac": " "}):
        assert "Type the MAC address first" in keeping.post(url, sent).content.decode()
    assert not Key.objects.exists()


def test_the_mac_the_key_and_the_address_come_in_one_step(keeping, bare, client):
    station, url = bare
    answer = keeping.post(url, {"issue": "1", "mac": "6C-EF-7F-3B-9D-E8"})
    station.refresh_from_db()
    assert station.mac == MAC
    assert f"/mac={MAC}/field=1/data=21.4" in answer.context["example"]
    assert client.get(answer.context["example"].removeprefix("http://127.0.0.1:8000")).content == b"OK"
    board, issued = Event.objects.of_station(station.pk).order_by("pk")
    assert (board.deed, board.details) == ("board given", f"MAC address: nothing → {MAC}")
    assert (issued.deed, issued.what) == ("key issued", f"…{answer.context['key'][-4:]}")


@pytest.mark.parametrize(
    ("mac", "sentence"),
    [
        ("6c:ef", "is not a MAC address: six hex pairs expected"),
        ("ff:ff:ff:ff:ff:ff", "all ones are the address of every board at once"),
        ("6cef7f3b9de8", "Another station has this MAC address"),
        ("<b>" * 9, "Ensure this value has at most 17 characters"),
    ],
)
def test_a_mac_that_is_none_issues_no_key_and_comes_back_to_be_mended(keeping, bare, station, mac, sentence):
    bare_station, url = bare
    html = keeping.post(url, {"issue": "1", "mac": mac}).content.decode()
    assert sentence in html
    assert f'value="{mac}"' in html or "&lt;b&gt;" in html
    assert not Key.objects.exists()
    bare_station.refresh_from_db()
    assert bare_station.mac is None


def test_a_mac_that_is_there_is_not_changed_here(keeping, url, station):
    keeping.post(url, {"issue": "1", "mac": "02:00:00:00:00:01"})
    station.refresh_from_db()
    assert station.mac == MAC


def test_whoever_may_not_change_stations_gives_no_mac(bare):
    _, url = bare
    user = User.objects.create_user("issuer", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_station", "view_key", "add_key"]))
    browser = client_of(user)
    assert 'name="mac"' not in browser.get(url).content.decode()
    assert browser.post(url, {"issue": "1", "mac": MAC}).status_code == 403
    assert not Key.objects.exists()


def test_a_forged_click_issues_nothing(keeper, url):
    browser = client_of(keeper)
    browser.handler.enforce_csrf_checks = True
    assert browser.post(url, {"issue": "1"}).status_code == 403
    assert not Key.objects.exists()


def test_view_permission_alone_shows_keys_and_neither_issues_nor_ends_one(viewing, url, key, station):
    html = viewing.get(url).content.decode()
    assert f"…{key[-4:]}" in html
    assert "Issue a new key" not in html
    assert 'name="end"' not in html
    assert viewing.post(url, {"issue": "1"}).status_code == 403
    for sure in ({}, {"confirmed": "1"}):
        assert viewing.post(url, {"end": Key.objects.get().pk} | sure).status_code == 403
    assert Key.objects.get().digest == digest(key)
    assert Key.objects.get().state == "pending"
    assert url in viewing.get(f"/admin/stations/station/{station.pk}/change/").content.decode()


def test_permission_to_change_stations_without_one_to_see_keys_shows_no_keys(station, url):
    user = User.objects.create_user("mover", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_station", "change_station"]))
    browser = client_of(user)
    assert browser.get(url).status_code == 403
    assert browser.post(url, {"issue": "1"}).status_code == 403
    assert url not in browser.get(f"/admin/stations/station/{station.pk}/change/").content.decode()
    assert not Key.objects.exists()


def test_a_station_that_is_not_there_is_not_found(keeping):
    for number in ("999", "9" * 30):
        assert keeping.get(f"/admin/stations/station/{number}/keys/").status_code == 404


def test_other_methods_do_nothing(keeping, url):
    for method in (keeping.put, keeping.delete, keeping.patch):
        assert method(url).status_code == 405
    assert not Key.objects.exists()


def test_the_page_asks_as_much_for_thirty_keys_as_for_one(keeping, url, station, django_assert_num_queries):
    Key.objects.issue(station)
    keeping.get(url)
    for _ in range(29):
        Key.objects.issue(station)
    # Session, user, two for permissions, the station, its keys.
    with django_assert_num_queries(6):
        keeping.get(url)


def test_times_are_those_of_the_station_s_place(keeping, url, station):
    Station.objects.filter(pk=station.pk).update(timezone="Asia/Kathmandu")
    Key.objects.all().delete()
    Key.objects.issue(station, "0" * 32)
    Key.objects.update(issued_at=datetime(2026, 6, 1, 20, 0, tzinfo=UTC))
    page = keeping.get(url).content.decode()
    assert "2026-06-02 01:45" in page
    assert "Times are in Asia/Kathmandu." in page


def test_no_way_back_is_named_twice(admin_client, station):
    html = admin_client.get(f"/admin/stations/station/{station.pk}/history/").content.decode()
    crumbs = html.partition('class="breadcrumbs">')[2].partition("</div>")[0]
    assert re.findall(r">([^<>]+)</a>", crumbs) == ["Home", "Stations", station.name]
