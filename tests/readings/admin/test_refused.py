"""The admin's page of refused reports: advice on each, and a board registered from there in one step."""

from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.utils import timezone

from audit.models import Event
from readings.ingest.refusals import refusals
from readings.models import RefusedReport
from readings.models.refused_report import Reason, Refusal, Tally
from stations.models import Key, Station
from tests.conftest import MAC, client_of

pytestmark = pytest.mark.django_db

URL = "/admin/readings/refusedreport/"
STRANGER = "0a:00:00:00:00:01"
REFUSED_KEY = "00112233445566778899aabbccddeeff"


@pytest.fixture(autouse=True)
def _nothing_counted(monkeypatch):
    monkeypatch.setattr(refusals, "_tallies", {})


@pytest.fixture
def stranger(client, db):
    """The row of an unregistered board."""
    client.get(f"/update/API_key={REFUSED_KEY}/mac={STRANGER}/field=1/data=1")
    assert refusals.flush()
    return RefusedReport.objects.get()


def add(reason, mac="", network="192.0.2.1", part="", count=1, at=1_000, example=""):
    RefusedReport.objects.add({Refusal(reason, mac, network, part): Tally(count, at, at, "", example)})
    return RefusedReport.objects.latest("pk")


def html(response):
    assert response.status_code == 200
    return response.content.decode()


def listed(client, query=""):
    return [row.mac or row.part for row in client.get(URL + query).context["cl"].result_list]


def register(client, row, **form):
    return client.post(f"{URL}{row.pk}/register/", {"name": "Roof", "timezone": "Europe/Berlin", **form})


def test_a_keeper_sees_what_was_refused_from_where_why_how_often_and_what_to_do(keeping, stranger):
    add("field", MAC, part="7", count=1234)
    page = html(keeping.get(URL))
    for text in ("unknown MAC", STRANGER, "127.0.0.1", Reason.UNKNOWN_MAC.advice, "field 7", "1\u202f234"):
        assert text in page
    assert f"{URL}{stranger.pk}/register/" in page
    assert "/add/" not in page.partition('id="content"')[2]
    one = html(keeping.get(f"{URL}{stranger.pk}/change/"))
    assert f"GET /update/API_key=***/mac={STRANGER}/field=1/data=1" in one
    assert "_save" not in one


def test_the_newest_is_first_and_the_list_is_searched_and_filtered(keeping, station):
    add("unknown_mac", STRANGER, at=1)
    add("wrong_key", MAC, at=3)
    add("malformed", part="mac", network="198.51.100.9", at=2)
    assert listed(keeping) == [MAC, "mac", STRANGER]
    assert listed(keeping, "?q=0a:00") == [STRANGER]
    assert listed(keeping, "?q=198.51") == ["mac"]
    assert listed(keeping, "?reason__exact=wrong_key") == [MAC]


def test_a_known_station_is_named_with_the_way_to_its_keys(keeping, station):
    add("wrong_key", MAC)
    page = html(keeping.get(URL))
    assert f'<a href="/admin/stations/station/{station.pk}/change/">Garden</a>' in page
    assert f"/admin/stations/station/{station.pk}/keys/" in page


def test_the_list_asks_as_much_for_thirty_rows_as_for_one(keeping, station, django_assert_num_queries):
    add("wrong_key", MAC)
    keeping.get(URL)
    for n in range(29):
        add("unknown_mac", f"0a:00:00:00:00:{n:02x}")
    # Session, user, two for permissions, two for paging, the page.
    with django_assert_num_queries(7):
        keeping.get(URL)


def test_rows_are_forgotten_without_a_question_and_come_back_when_seen_again(keeping, stranger, client):
    add("clock")
    page = keeping.post(URL, {"action": "forget", "_selected_action": [stranger.pk]}, follow=True)
    assert "1 forgotten." in html(page)
    assert [row.reason for row in RefusedReport.objects.all()] == ["clock"]
    client.get(f"/update/API_key=x/mac={STRANGER}/field=1/data=1")
    refusals.flush()
    assert RefusedReport.objects.filter(mac=STRANGER).exists()


def test_hostile_text_is_only_text(keeping, client, key):
    evil = "<script>alert(1)</script>%00%1b[31m%e2%80%ae'\"><img src=x onerror=alert(1)>"
    client.get(f"/update/API_key={key}/mac={MAC}/field={evil.replace('/', '%2F')}/data=1")
    client.get(f"/update/API_key={key}/mac={evil.replace('/', '')}/field=1/data={evil.replace('/', '')}")
    client.get(f"/update/mac={evil}")
    client.generic("<B>", "/update/")
    refusals.flush()
    pages = [html(keeping.get(URL))]
    pages += [html(keeping.get(f"{URL}{row.pk}/change/")) for row in RefusedReport.objects.all()]
    assert len(pages) >= 4
    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert not {char for char in page if not char.isprintable()} - {"\n", "\xa0", "\u202f"}
    assert "&lt;script&gt;alert(1)" in "".join(pages)


def test_a_board_is_registered_in_one_step_with_a_new_key(keeping, stranger, client):
    form = html(keeping.get(f"{URL}{stranger.pk}/register/"))
    assert STRANGER in form
    assert 'value="Board 00:00:01"' in form
    assert "type a few letters of a large city and choose" in form
    answer = register(keeping, stranger)
    key = answer.context["key"]
    assert f'<code id="new-key">{key}</code>' in html(answer)
    assert f'curl "http://127.0.0.1:8000/update/API_key={key}/mac={STRANGER}/field=1/data=21.4"' in html(answer)
    station = Station.objects.get()
    assert (station.name, station.mac, station.timezone) == ("Roof", STRANGER, "Europe/Berlin")
    assert client.get(f"/update/API_key={key}/mac={STRANGER}/field=1/data=1").content == b"OK"


def test_the_refused_key_is_never_adopted(keeping, stranger, client):
    register(keeping, stranger, key=REFUSED_KEY, mac=MAC)
    assert Station.objects.get().mac == STRANGER, "nor is a MAC that the form was not for"
    assert Key.objects.get().hint != REFUSED_KEY[-4:]
    assert client.get(f"/update/API_key={REFUSED_KEY}/mac={STRANGER}/field=1/data=1").status_code == 403


def test_the_new_key_is_kept_by_no_cache_and_no_history(keeping, stranger):
    answer = register(keeping, stranger)
    assert "no-store" in answer["Cache-Control"]
    events = Event.objects.of_station(Station.objects.get().pk).order_by("pk")
    told = f"…{answer.context['key'][-4:]}"
    assert [(event.deed, event.what) for event in events] == [("station added", "Roof"), ("key issued", told)]
    again = register(keeping, stranger)
    assert again["Location"] == f"/admin/stations/station/{Station.objects.get().pk}/keys/"
    assert Key.objects.count() == 1
    assert answer.context["key"] not in html(keeping.get(URL))
    assert "It is registered by now" in html(keeping.get(URL))


def test_once_the_registered_board_has_reported_with_its_new_key_there_is_nothing_to_do(keeping, stranger, client):
    register(keeping, stranger)
    Station.objects.update(last_heard_at=RefusedReport.objects.get().last_at + timedelta(milliseconds=1))
    page = html(keeping.get(URL))
    assert "Nothing: the station has reported well since." in page
    assert "It is registered by now" not in page


@pytest.mark.parametrize(
    ("count", "words"), [(1, '1<span class="unit"> time</span>'), (2, '2<span class="unit"> times</span>')]
)
def test_once_is_one_time(keeping, stranger, count, words):
    RefusedReport.objects.update(count=count)
    assert words in html(keeping.get(URL))


def test_a_name_that_is_taken_and_a_time_zone_that_is_none_are_refused_with_a_sentence(keeping, stranger, station):
    page = html(register(keeping, stranger, name="Garden", timezone="Europe/Berln"))
    assert "Another station has this name: choose another." in page
    assert "did you mean Europe/Berlin?" in page
    assert Station.objects.count() == 1


def test_a_refused_board_that_tells_no_address_of_its_own_is_not_registered(keeping):
    row = add("unknown_mac", "ff:ff:ff:ff:ff:ff")
    assert "all ones are the address of every board at once" in html(register(keeping, row))
    assert not Station.objects.exists()


def test_a_city_is_enough_for_the_time_zone_of_a_refused_board(keeping, stranger):
    assert "data-zone-of-browser" in html(keeping.get(f"{URL}{stranger.pk}/register/"))
    register(keeping, stranger, timezone="new york")
    assert Station.objects.get().timezone == "America/New_York"


@pytest.mark.parametrize(
    ("reason", "part", "mend", "said"),
    [
        ("field", "2", lambda station: station.fields.create(number=2, name="humidity"), "has this field now"),
        ("inactive", "", lambda station: Station.objects.update(active=True), "the station is active now"),
        (
            "wrong_key",
            "",
            lambda station: Station.objects.update(last_heard_at=timezone.now()),
            "has reported well since",
        ),
        (
            "malformed",
            "data",
            lambda station: Station.objects.update(last_heard_at=timezone.now()),
            "has reported well",
        ),
    ],
)
def test_the_advice_is_gone_when_it_was_followed(keeping, station, reason, part, mend, said):
    Station.objects.update(active=reason != "inactive")
    row = add(reason, MAC, part=part)
    assert row.advice in unescape(html(keeping.get(URL)))
    mend(station)
    page = unescape(html(keeping.get(URL)))
    assert row.advice not in page
    assert said in page


def test_an_address_that_no_board_has_is_not_offered_to_be_registered(keeping):
    add("unknown_mac", "ff:ff:ff:ff:ff:ff")
    page = html(keeping.get(URL))
    assert "Register this board" not in page
    assert "Correct the program: no board has this address of its own, since all ones are" in page


def test_what_has_no_mac_cannot_be_registered(keeping):
    row = add("malformed", part="mac")
    assert keeping.get(f"{URL}{row.pk}/register/").status_code == 404
    assert keeping.get(f"{URL}999/register/").status_code == 404


@pytest.mark.parametrize("missing", ["add_station", "add_key", "view_refusedreport"])
def test_whoever_may_not_add_stations_and_keys_cannot_register(missing, stranger):
    user = User.objects.create_user("half", is_staff=True)
    group = Group.objects.get(name="Station keepers")
    user.user_permissions.set(group.permissions.exclude(codename=missing))
    browser = client_of(user)
    assert register(browser, stranger).status_code == 403
    if missing != "view_refusedreport":
        assert "Register this board" not in html(browser.get(URL))
    assert not Station.objects.exists()


def test_whoever_may_only_look_forgets_nothing(stranger):
    user = User.objects.create_user("viewer", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_refusedreport"))
    browser = client_of(user)
    assert STRANGER in html(browser.get(URL))
    browser.post(URL, {"action": "forget", "_selected_action": [stranger.pk]})
    browser.post(URL, {"action": "delete_selected", "_selected_action": [stranger.pk], "post": "yes"})
    assert RefusedReport.objects.exists()


def test_nobody_adds_or_changes_rows(admin_client, stranger):
    assert admin_client.get(f"{URL}add/").status_code == 403
    assert admin_client.post(f"{URL}{stranger.pk}/change/", {"mac": MAC}).status_code == 403


@pytest.mark.parametrize("path", ["", "1/change/", "1/register/"])
def test_without_staff_rights_every_page_is_the_login(client, path):
    assert client.get(URL + path)["Location"] == f"/admin/login/?next={URL}{path}"


def test_a_forged_click_registers_nothing(keeper, stranger):
    browser = client_of(keeper)
    browser.handler.enforce_csrf_checks = True
    assert register(browser, stranger).status_code == 403
    assert not Station.objects.exists()


def test_what_an_administrator_takes_from_the_keepers_stays_taken(db):
    group = Group.objects.get(name="Station keepers")
    assert group.permissions.filter(codename="view_refusedreport").exists()
    group.permissions.clear()
    call_command("migrate", verbosity=0)
    assert not group.permissions.exists()
