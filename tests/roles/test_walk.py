"""Every address as every role: nobody reads or changes anything of another group, and each role can do its work."""

import re

import pytest
from django.test import Client

from tests.addresses import addresses
from tests.conftest import client_of
from tests.roles.site import OTHER, OWN, SECRETS, make, rows_of_other

pytestmark = pytest.mark.django_db

WITHOUT_STAFF = ("anonymous", "nobody", "viewer", "keeper", "administrator")
LOGIN = "/admin/login/"
FOR_ANYBODY = re.compile(r"^/(admin/password_change|account/)")  # Its number is not that of anything there.
ENDS = ("", "outages/", "readings.csv", "readings.json", "readings.xlsx", "chart.svg", "preview.png", "embed/")
PAGES = [f"/stations/{{}}/{end}" for end in ENDS]
PAGES += ["/api/v1/stations/{}/", "/api/v1/stations/{}/series/"]
PAGES += ["/compare/?field={}.1", "/compare/chart.svg?field={}.1"]
OF_STATION = "/admin/stations/station/"
WORK = [f"{OF_STATION}{{}}/{end}/" for end in ("change", "keys", "flash", "board", "history")]
WORK += [f"{OF_STATION}import/{{}}/", f"{OF_STATION}import/{{0}}/{{0}}/"]
WORK += [f"/admin/readings/{name}/{{}}/{end}/" for name in ("setaside", "sensor") for end in ("change", "history")]
OWN_LISTS = ("outages/outage", "firmware/wifinetwork", "uploads/upload", "alerts/incident", "stations/stationgroup")
WORK += [f"/admin/{each}/{{}}/change/" for each in OWN_LISTS]
LISTS = ["/admin/", "/admin/overview/", OF_STATION, "/admin/readings/setaside/", "/admin/readings/sensor/"]
LISTS += [f"/admin/{each}/" for each in OWN_LISTS]
ADDED = ("readings/setaside", "readings/sensor", "firmware/wifinetwork", "uploads/upload")
LISTS += [f"/admin/{each}/add/" for each in ADDED]
OF_SERVER = ("auth/user", "auth/group", "readings/refusedreport", "readings/mqttdevice", "outages/serverrun")
OF_SERVER += ("alerts/recipient", "alerts/rule", "alerts/notice", "firmware/micropythonimage")
NOT_FOR_KEEPERS = [*(f"/admin/{each}/" for each in OF_SERVER), "/admin/stations/stationgroup/add/"]
# What the forms and buttons of any page send, all at once: each view takes what it knows.
EVERY_BUTTON = {
    **dict.fromkeys(["_save", "issue", "make", "confirmed", "import", "forget", "_undo"], "1"),
    **dict.fromkeys(["end", "_accept", "_refuse", "station", "_selected_action", "group"], str(OTHER)),
    "post": "yes",
    "action": "deactivate",
    "what": "2:1",
    "network": "wunderground",
    "name": "mine",
    "ssid": "mine",
    "field": ["1.1", "2.1"],
    "reason": "other",
    "first": "2026-01-01",
    "last": "2026-01-02",
    "model": "x",
    "factor": "2",
    "offset": "1",
    "interval_s": "60",
    "timezone": "UTC",
    "is_open": "on",
    "stations": ["1", "2"],
    "memberships-TOTAL_FORMS": "1",
    "memberships-INITIAL_FORMS": "0",
    "memberships-0-group": str(OTHER),
    "memberships-0-person": "own-keeper",
    "memberships-0-role": "administrator",
}
ACTIONS = ("activate", "deactivate", "accept_proposals", "refuse_proposals", "delete_selected")


@pytest.fixture(scope="module")
def people(kept_rows):
    return make()


def client(people, name):
    return client_of(people[name]) if people[name] else Client()


def told(response):
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return f"{body.decode(errors='replace')} {list(response.headers.items())}"


def status(response):
    """Return the status of an answer that is read to its end: few files are sent at a time."""
    told(response)
    return response.status_code


@pytest.mark.parametrize("name", WITHOUT_STAFF)
def test_nobody_reads_of_another_group_at_any_address(people, name):
    browser = client(people, name)
    for address in [*addresses(OTHER), *(each for each in addresses(OWN) if str(OWN) in each.path)]:
        if "get" not in address.methods:
            continue
        text = told(response := browser.get(address.path, {"field": f"{OTHER}.1"} if "compare" in address.path else {}))
        assert [secret for secret in SECRETS if secret in text] == [], address.path
        assert response.status_code < 500, address.path
        if f"/{OTHER}/" in address.path and not FOR_ANYBODY.match(address.path):
            assert response.status_code != 200, address.path


def test_nobody_changes_anything_of_another_group_at_any_address(people):
    before = rows_of_other()
    for name in WITHOUT_STAFF:
        browser = client(people, name)
        for address in addresses(OTHER):
            if "post" in address.methods and "/logout/" not in address.path:
                assert told(browser.post(address.path, EVERY_BUTTON)).count("Zwinger") == 0, address.path
    assert rows_of_other() == before


@pytest.mark.all_parameters
@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_reaches_only_ones_own_rows(people, action):
    before = rows_of_other()
    browser = client(people, "administrator")
    for path in LISTS:
        browser.post(path, {"action": action, "_selected_action": ["1", "2"], "select_across": "1", "post": "yes"})
    assert rows_of_other() == before


@pytest.mark.parametrize("name", ["viewer", "keeper", "administrator", "staff", "station keepers", "superuser"])
def test_who_belongs_to_a_station_sees_its_pages(people, name):
    browser = client(people, name)
    assert {path: status(browser.get(path.format(OWN))) for path in PAGES} == dict.fromkeys(PAGES, 200)


@pytest.mark.parametrize("name", ["anonymous", "nobody", "other keeper"])
def test_who_does_not_finds_no_page_of_it(people, name):
    browser = client(people, name)
    assert {path: browser.get(path.format(OWN)).status_code for path in PAGES} == dict.fromkeys(PAGES, 404)


@pytest.mark.parametrize("name", ["keeper", "administrator", "superuser"])
def test_keepers_find_all_pages_of_their_work(people, name):
    browser = client(people, name)
    paths = [*(path.format(OWN) for path in WORK), *LISTS]
    assert {path: browser.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)


@pytest.mark.parametrize("name", ["keeper", "administrator"])
def test_a_keeper_of_a_group_finds_nothing_of_the_server(people, name):
    browser = client(people, name)
    assert {path: browser.get(path).status_code for path in NOT_FOR_KEEPERS} == dict.fromkeys(NOT_FOR_KEEPERS, 403)


@pytest.mark.parametrize("name", ["anonymous", "nobody", "viewer"])
def test_the_admin_is_closed_to_those_without_a_role_that_works_in_it(people, name):
    browser = client(people, name)
    for path in (*(path.format(OWN) for path in WORK), *LISTS):
        response = browser.get(path)
        assert response.status_code == 302, path
        assert response.url.startswith(LOGIN), path


def test_staff_without_permissions_see_all_stations_and_find_nothing_in_the_admin(people):
    browser = client(people, "staff")
    assert "Zwinger" in told(browser.get("/"))
    paths = [path.format(OTHER) for path in WORK] + [path for path in LISTS if path != "/admin/"]
    assert {path: browser.get(path).status_code for path in paths} == dict.fromkeys(paths, 403)
    assert not any(secret in told(browser.get("/admin/")) for secret in SECRETS)


def test_the_group_station_keepers_reaches_all_stations_as_ever(people):
    browser = client(people, "station keepers")
    paths = [path.format(pk) for path in WORK for pk in (OWN, OTHER) if "stationgroup" not in path]
    assert {path: browser.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)
    assert "Zwinger" in told(browser.get(OF_STATION))
