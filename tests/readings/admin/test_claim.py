"""A device of another maker that is refused becomes a station's, from the page of refused reports."""

import pytest
from django.test import Client

from audit.models import Event
from readings.ingest.refusals import refusals
from readings.models import Reading, RefusedReport
from stations.models import Key, Station
from tests.readings.admin.test_refused import URL, html

pytestmark = pytest.mark.django_db

PASSKEY = "0123456789ABCDEF0123456789ABCDEF"


@pytest.fixture(autouse=True)
def _nothing_counted(monkeypatch):
    monkeypatch.setattr(refusals, "_tallies", {})


def report(key=PASSKEY):
    body = f"PASSKEY={key}&stationtype=GW2000A_V3.1.5&dateutc=now&tempf=50&model=GW2000A"
    return Client().generic("POST", "/data/report/", body.encode(), content_type="application/x-www-form-urlencoded")


@pytest.fixture
def refused(db):
    for _ in range(2):
        assert report().status_code == 403
    assert refusals.flush()
    return RefusedReport.objects.get()


def claim(client, row, **form):
    return client.post(f"{URL}{row.pk}/claim/", form)


def test_the_page_says_which_device_sent_a_key_with_which_end_from_where_and_no_more_of_it(keeping, refused):
    assert (refused.device, refused.part, refused.count) == ("ecowitt", "CDEF", 2)
    listed, page = html(keeping.get(URL)), html(keeping.get(f"{URL}{refused.pk}/claim/"))
    assert "ecowitt …CDEF" in listed
    assert "ecowitt …CDEF" in html(keeping.get("/admin/overview/"))
    assert f"{URL}{refused.pk}/claim/" in listed
    assert "127.0.0.1 sent a key that ends in <b>CDEF</b>, 2 times: Ecowitt" in page
    for text in (listed, page, html(keeping.get(f"{URL}{refused.pk}/change/"))):
        assert PASSKEY not in text
        assert refused.digest not in text
    assert PASSKEY not in str(refused.__dict__)


def test_a_new_station_with_that_key_takes_what_comes_next(keeping, refused):
    answer = claim(keeping, refused, name="Roof", timezone="Europe/Berlin")
    station = Station.objects.get()
    assert answer["Location"] == f"/admin/stations/station/{station.pk}/change/"
    assert (station.name, station.device, station.mac) == ("Roof", "ecowitt", None)
    assert report().status_code == 200
    assert Reading.objects.get().station == station
    said = "refused key taken over, which 127.0.0.1 sent"
    assert [(event.deed, event.what) for event in Event.objects.of_station(station.pk)] == [
        (said, "…CDEF"),
        ("station added", "Roof"),
    ]
    assert "It is a station&#x27;s key by now" in html(keeping.get(URL))
    again = keeping.get(f"{URL}{refused.pk}/claim/")
    assert again["Location"] == f"/admin/stations/station/{station.pk}/keys/"


def test_a_station_that_is_there_gets_that_key_and_its_own_is_good_until_it_is_used(keeping, refused):
    station = Station.objects.create(name="Garden", device="ecowitt")
    own = Key.objects.issue(station)
    assert report(own).status_code == 200
    assert claim(keeping, refused, give="1", station=station.pk).status_code == 302
    assert [report(own).status_code, report().status_code, report(own).status_code] == [200, 200, 403]


def test_a_board_s_station_cannot_get_it_and_wrong_forms_come_back(keeping, refused, station):
    assert html(claim(keeping, refused, give="1", station=station.pk))
    other = Station.objects.create(name="Console", device="wunderground")
    assert "is not one of the available choices" in html(claim(keeping, refused, give="1", station=station.pk))
    assert f'<option value="{other.pk}">Console</option>' in html(keeping.get(f"{URL}{refused.pk}/claim/"))
    assert "errorlist" in html(claim(keeping, refused, name="Garden", timezone="Europe/Berlin"))
    assert not Key.objects.exists()


def test_a_board_s_key_names_no_station_alone_so_it_is_not_taken_for_done(keeping, refused, station):
    Key.objects.issue(station, PASSKEY)
    assert report().status_code == 403
    assert "It is a station&#x27;s key by now" not in html(keeping.get(URL))
    assert f"{URL}{refused.pk}/claim/" in html(keeping.get(URL))


@pytest.mark.parametrize("key", ["short", "AA:BB:CC:DD:EE:FF", "0123456789ABCDE", "a b" * 6, "x" * 129])
def test_a_key_that_is_none_for_a_station_is_not_kept_in_any_form(keeping, key):
    report(key)
    refusals.flush()
    row = RefusedReport.objects.get()
    assert (row.part, row.digest, row.device) == ("", "", "ecowitt")
    assert keeping.get(f"{URL}{row.pk}/claim/").status_code == 404
    assert "/claim/" not in html(keeping.get(URL))


@pytest.mark.parametrize(
    ("path", "device"),
    [
        (f"/weatherstation/updateweatherstation.php?PASSWORD={PASSKEY}", "wunderground"),
        (f"/data/report/?PASSKEY={PASSKEY}&stationtype=AMBWeatherV4", "ambient"),
        (f"/update?api_key={PASSKEY}&field1=1", "thingspeak"),
        (f"/eingabe_pruefung.php?val={PASSKEY};x;28.11.2026;01:24;1", "awekas"),
        (f"/in/{PASSKEY}/tasmota?A.Temperature=1", "tasmota"),
    ],
)
def test_every_device_is_named(path, device):
    Client().get(path)
    refusals.flush()
    assert [(row.device, row.part) for row in RefusedReport.objects.all()] == [(device, "CDEF")]


def test_who_may_not_add_stations_sees_no_button_and_no_page(client_who_views, refused):
    assert "/claim/" not in html(client_who_views.get(URL))
    assert client_who_views.get(f"{URL}{refused.pk}/claim/").status_code == 403


@pytest.fixture
def client_who_views(db):
    from django.contrib.auth.models import Permission, User

    from tests.conftest import client_of

    user = User.objects.create_user("viewer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_refusedreport"))
    return client_of(user)
