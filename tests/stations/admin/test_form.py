"""Adding and changing a station in the admin, the daily work of a station keeper."""

import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from freetemp.conf.map_tiles import Tiles
from readings import ingest
from stations.models import Claim, Field, Key, Station

pytestmark = pytest.mark.django_db

URL = "/admin/stations/station/"


def form(**changed):
    """Return the data of a station's form."""
    filled = {"name": "Pond", "mac": "aa:bb:cc:dd:ee:01", "interval_s": "60", "active": "on", "public": "on"}
    filled |= {"place": "", "latitude": "", "longitude": "", "elevation_m": "", "timezone": "UTC", "board": "ESP8266"}
    return filled | {"notes": ""} | changed


def inlines(station, *rows):
    """Return the form's data for the fields: existing ones with changes, then new ones."""
    there = list(station.fields.order_by("number"))
    sent = {"fields-TOTAL_FORMS": str(max(len(rows), len(there))), "fields-INITIAL_FORMS": str(len(there))}
    for n in range(max(len(rows), len(there))):
        row = {"number": "", "name": "", "unit": "", "decimals": "1", "smallest": "", "largest": ""}
        if n < len(there):
            row |= {"id": there[n].pk, "number": there[n].number, "name": there[n].name, "unit": there[n].unit}
        row |= rows[n] if n < len(rows) else {}
        sent |= {f"fields-{n}-{name}": str(value) for name, value in (row | {"station": station.pk}).items()}
    return sent


def own(station, **changed):
    return form(name=station.name, mac=station.mac, timezone=station.timezone) | changed


# The untouched part of the form that firmware adds.
INLINES = ("equipment", "further_sensors", "wifi")
NO_BOARD = {f"{name}-{count}_FORMS": "0" for name in INLINES for count in ("TOTAL", "INITIAL")}


def change(client, station, *rows, **changed):
    return client.post(f"{URL}{station.pk}/change/", own(station, **changed) | inlines(station, *rows) | NO_BOARD)


def sentences(response):
    assert response.status_code == 200, "the form comes back with its sentences"
    return html.unescape(str(response.context["errors"]))


def test_a_keeper_adds_a_station_and_is_led_to_its_fields_and_its_key(keeping):
    page = keeping.post(f"{URL}add/", form(mac="AA-BB-CC-DD-EE-01"), follow=True)
    station = Station.objects.get()
    assert station.mac == "aa:bb:cc:dd:ee:01"
    assert page.request["PATH_INFO"] == f"{URL}{station.pk}/change/"
    page = page.content.decode()
    assert f'<a href="{URL}{station.pk}/keys/">issue its key</a>' in page
    assert page.index("was added successfully") < page.index("Its days are those of UTC. Next, flash its board")
    assert 'value="temperature"' in page, "the first field is there"


def test_a_simulated_station_s_next_step_is_its_command(keeping):
    page = keeping.post(f"{URL}add/", form(simulated="on"), follow=True).content.decode()
    pk = Station.objects.get().pk
    assert f"Next, run <code>python manage.py simulate_station {pk}</code> on this server." in page
    assert "flash its board" not in page


@pytest.mark.parametrize(
    ("typed", "zone"),
    [("berlin", "Europe/Berlin"), ("São Paulo", "America/Sao_Paulo"), ("Etc/GMT-1 (UTC+1)", "Etc/GMT-1")],
)
def test_a_city_is_enough_for_a_time_zone_and_the_answer_names_it(keeping, typed, zone):
    page = keeping.post(f"{URL}add/", form(timezone=typed), follow=True)
    assert Station.objects.get().timezone == zone
    assert f"Its days are those of {zone}." in page.content.decode()


def test_a_new_station_s_form_begins_with_its_name_and_the_likely_time_zone(keeping, station):
    page = keeping.get(f"{URL}add/").content.decode()
    assert re.search(r'<input[^>]*name="name"[^>]* autofocus', page)
    assert re.search(r'<input[^>]*name="timezone"[^>]*value="Europe/Berlin"[^>]*data-zone-of-browser', page)
    change_page = keeping.get(f"{URL}{station.pk}/change/").content.decode()
    assert "data-zone-of-browser" not in change_page
    assert "autofocus" not in change_page


def test_what_the_first_day_needs_is_open_and_the_rest_is_folded_unless_it_is_wrong(keeping):
    page = keeping.get(f"{URL}add/").content.decode()
    open_part = page.partition("<details")[0]
    for name in ("name", "mac", "timezone", "place"):
        assert f'name="{name}"' in open_part
    for name in ("latitude", "interval_s", "simulated", "notes"):
        assert f'name="{name}"' not in open_part
    wrong = keeping.post(f"{URL}add/", form(latitude="91", longitude="0")).content.decode()
    assert 'name="latitude"' in wrong.partition("<details")[0]


def test_a_new_field_begins_with_the_next_number_which_alone_is_no_field(keeping, station):
    station.fields.create(number=4, name="humidity", unit="%")
    page = keeping.get(f"{URL}{station.pk}/change/").content.decode()
    assert re.search(r'name="fields-__prefix__-number" value="5"', page)
    assert change(keeping, station, {}, {}, {"number": 5}).status_code == 302
    assert station.fields.count() == 2
    assert change(keeping, station, {}, {}, {"number": 5, "name": "pressure", "unit": "hPa"}).status_code == 302
    assert station.fields.get(number=5).unit == "hPa"


@pytest.mark.usual_limits
def test_a_new_field_gets_the_limits_of_its_quantity_and_says_when_a_value_is_outside(keeping, station, key):
    change(keeping, station, {}, {"number": 2, "name": "humidity", "unit": "%"})
    assert list(station.fields.values_list("smallest", "largest")) == [(None, None), (0, 105)]
    ingest.record(Claim(station.mac, Key.objects.get().digest), 2, 999)
    assert "999.0\N{NO-BREAK SPACE}% (!)" in keeping.get(f"{URL}{station.pk}/change/").content.decode()


def test_save_and_add_another_goes_on_to_the_next_station(keeping):
    page = keeping.post(f"{URL}add/", form(_addanother="1"), follow=True)
    assert page.request["PATH_INFO"] == f"{URL}add/"


def test_a_station_that_is_not_there_yet_has_no_status(keeping):
    page = keeping.get(f"{URL}add/").content.decode()
    assert "never heard" not in page
    assert 'name="fields-TOTAL_FORMS"' not in page


def test_a_station_without_a_mac_waits_for_its_board(keeping):
    for name in ("One", "Two"):
        assert keeping.post(f"{URL}add/", form(name=name, mac="")).status_code == 302
    assert [station.mac for station in Station.objects.all()] == [None, None]


@pytest.mark.any_day
@pytest.mark.sqlite_only
@pytest.mark.parametrize("action", ["add/", "change"])
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"mac": "6c:ef:7f"}, "“6c:ef:7f” is not a MAC address: six hex pairs expected, like 6c:ef:7f:3b:9d:e8."),
        ({"mac": "6c:ef:7f:3b:9d:e8:00:11"}, "A MAC address has six hex pairs, like 6c:ef:7f:3b:9d:e8."),
        ({"mac": "6c:ef:7f:3b:9d:e8"}, "Another station has this MAC address: search for it in the list of stations."),
        ({"mac": "6CEF7F3B9DE8"}, "Another station has this MAC address: search for it in the list of stations."),
        ({"timezone": "Europe/Berln"}, "“Europe/Berln” is not an IANA time zone: did you mean Europe/Berlin?"),
        ({"timezone": "Mars"}, "is not an IANA time zone"),
        ({"timezone": "GMT+1"}, "For UTC+1 all year, write “Etc/GMT-1 (UTC+1)”."),
        ({"timezone": "Etc/GMT+1"}, "“Etc/GMT+1” is UTC-1"),
        ({"timezone": "MEZ"}, "Europe/Berlin"),
        ({"mac": "ff:ff:ff:ff:ff:ff"}, "all ones are the address of every board at once"),
        ({"mac": "00:00:00:00:00:00"}, "all zeros are what a board without an address shows"),
        ({"mac": "01:23:45:67:89:ab"}, "make one up like 02:23:45:67:89:ab"),
        ({"latitude": "52.5"}, "Give both latitude and longitude, or neither."),
        ({"longitude": "13.4"}, "Give both latitude and longitude, or neither."),
        ({"latitude": "nan", "longitude": "nan"}, "Enter a number."),
        ({"on_map": "on"}, "Give the station's coordinates, or leave it off the map."),
        ({"name": "Garden"}, "Another station has this name: choose another."),
        ({"name": " "}, "This field is required."),
        ({"name": "a\x00b"}, "Null characters are not allowed."),
        ({"interval_s": "0"}, "Ensure this value is greater than or equal to 1."),
    ],
)
def test_a_slip_is_refused_with_a_sentence_and_changes_nothing(keeping, station, action, wrong, sentence):
    other = Station.objects.create(name="Ridge", mac="aa:bb:cc:dd:ee:02") if action == "change" else None
    before = list(Station.objects.values())
    response = change(keeping, other, **wrong) if other else keeping.post(f"{URL}add/", form(**wrong))
    assert sentence in sentences(response)
    assert list(Station.objects.values()) == before


def test_a_keeper_changes_a_station_its_fields_and_adds_one(keeping, station):
    new = {"number": 2, "name": "humidity", "unit": "%", "decimals": 0, "smallest": 0, "largest": 100}
    assert change(keeping, station, {"largest": 45}, new, place="The pond").status_code == 302
    station.refresh_from_db()
    assert station.place == "The pond"
    assert list(station.fields.values_list("number", "largest", "unit")) == [(1, 45.0, "degC"), (2, 100.0, "%")]


def test_what_the_station_reports_while_its_form_is_saved_stays(keeping, station, monkeypatch):
    heard_at = timezone.now().replace(microsecond=0)
    save = Station.save

    def heard_meanwhile(self, **kwargs):
        Station.objects.filter(pk=self.pk).update(last_heard_at=heard_at)
        save(self, **kwargs)

    monkeypatch.setattr(Station, "save", heard_meanwhile)
    assert change(keeping, station, place="The pond").status_code == 302
    station.refresh_from_db()
    assert (station.place, station.last_heard_at) == ("The pond", heard_at)


def test_the_fields_are_locked_while_their_form_is_saved_where_the_database_locks_rows(keeping, station):
    with CaptureQueriesContext(connection) as queries:
        change(keeping, station, {"largest": 45})
    locked = [query for query in queries if "FOR UPDATE" in query["sql"] and "stations_field" in query["sql"]]
    assert bool(locked) == connection.features.has_select_for_update


@pytest.fixture
def measured(station, key):
    ingest.record(Claim(station.mac, Key.objects.get().digest), 1, 21.4)
    return station


@pytest.mark.parametrize(("name", "value", "was"), [("unit", "degF", "degC"), ("number", 3, "1")])
def test_unit_and_number_of_a_field_with_readings_stay(keeping, measured, name, value, was):
    response = change(keeping, measured, {name: value})
    assert f"It is {was} in the readings that are stored: add another field instead." in sentences(response)
    assert Field.objects.filter(number=1, unit="degC").exists()


def test_a_field_with_readings_stays_and_one_without_goes(keeping, measured):
    assert "has readings, so it stays" in sentences(change(keeping, measured, {"DELETE": "on"}))
    measured.fields.create(number=2, name="humidity")
    assert change(keeping, measured, {}, {"DELETE": "on"}).status_code == 302
    assert [field.number for field in measured.fields.all()] == [1]


@pytest.mark.parametrize(
    "twin", [{"number": 1, "name": "humidity"}, {"number": 2, "name": "temperature"}, {"number": 2, "unit": "%"}]
)
def test_two_fields_with_one_number_or_name_are_refused(keeping, station, twin):
    assert "<li>" in sentences(change(keeping, station, {}, twin))
    assert station.fields.count() == 1


def test_the_form_shows_how_the_station_is_and_suggests_zones_and_units(keeping, measured):
    page = keeping.get(f"{URL}{measured.pk}/change/").content.decode()
    assert '<span class="status status-alive">alive</span>' in page
    assert "s ago</time>" in page
    assert '<option value="degC">' in page or "<option>degC</option>" in page
    assert "<option>Asia/Kathmandu</option>" in page
    assert 'list="time-zones"' in page
    assert 'list="units"' in page


def test_every_page_of_the_admin_obeys_the_strict_content_security_policy(keeping, station):
    for path in ("", "add/", f"{station.pk}/change/", f"{station.pk}/keys/"):
        response = keeping.get(f"{URL}{path}")
        assert "script-src 'self';" in response["Content-Security-Policy"] + ";"
        page = response.content.decode()
        assert " style=" not in page
        assert " onclick=" not in page
        assert "<style" not in page


def test_view_permission_alone_shows_the_form_and_changes_nothing(viewing, station):
    page = viewing.get(f"{URL}{station.pk}/change/")
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert change(viewing, station, place="Elsewhere").status_code == 403
    assert viewing.get(f"{URL}add/").status_code == 403
    station.refresh_from_db()
    assert station.place == ""


def queries_of(client, url):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_the_form_asks_as_much_among_thirty_stations_and_with_ten_fields(keeping, station):
    url = f"{URL}{station.pk}/change/"
    queries_of(keeping, url)
    for_one = queries_of(keeping, url)
    for n in range(29):
        Station.objects.create(name=f"School {n}")
    for n in range(2, 11):
        station.fields.create(number=n, name=f"field {n}", newest_value=n, newest_at=timezone.now())
    assert queries_of(keeping, url) == for_one <= 22


def test_the_version_that_a_board_tells_is_shown_and_not_changed(keeping, station):
    Station.objects.update(firmware="1.0.<b>7")
    assert "1.0.&lt;b&gt;7" in keeping.get(f"{URL}{station.pk}/change/").content.decode()
    keeping.post(f"{URL}{station.pk}/change/", own(station, firmware="9") | inlines(station))
    station.refresh_from_db()
    assert station.firmware == "1.0.<b>7"


def test_shown_on_the_map_says_which_setting_is_missing(keeping, settings):
    settings.MAP_TILES = None
    assert "it needs <code>MAP_TILES_URL</code> in .env" in keeping.get(f"{URL}add/").content.decode()
    settings.MAP_TILES = Tiles("https://tile.example/{z}/{x}/{y}.png", "https://tile.example")
    assert "MAP_TILES_URL" not in keeping.get(f"{URL}add/").content.decode()
