"""The list of deeds for those who may see it, the history of a row, and the file."""

import csv
import io
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission, User
from django.db import transaction

from audit.deeds import record, record_each
from audit.models import Event
from audit.wording import Change
from stations.models import Key, Station
from tests.conftest import client_of

pytestmark = pytest.mark.django_db
LIST = "/admin/audit/event/"


@pytest.fixture
def deeds(station):
    with transaction.atomic():
        record("station changed", station=station, details={"place": Change("", "Roof")})
        record("key ended", station=Station(pk=99, name="Gone"), what="…abcd")
        record("upload changed", what="=HYPERLINK(1)")
    Event._base_manager.model.objects.create(at=datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC), deed="old one")


@pytest.fixture
def auditor():
    user = User.objects.create_user("auditor", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_event"))
    return client_of(user)


def listed(client, query=""):
    page = client.get(f"{LIST}{query}")
    assert page.status_code == 200
    return [event.deed for event in page.context["cl"].result_list if "user" not in event.deed]


def test_all_deeds_are_listed_the_newest_first(auditor, deeds):
    assert listed(auditor) == ["old one", "upload changed", "key ended", "station changed"]


def test_a_deed_without_a_person_is_found_by_a_choice_that_can_be_read(auditor, deeds):
    listing = auditor.get(LIST).context["cl"]
    [choice] = [each for each in listing.filter_specs if each.title == "person"]
    named = {each["display"]: each["query_string"] for each in choice.choices(listing) if each["display"] != "All"}
    assert "" not in named
    assert listed(auditor, named["nobody by name"])[-1] == "station changed"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=Roof", ["station changed"]),
        ("?q=gone", ["key ended"]),
        ("?station=99", ["key ended"]),
        ("?deed=key+ended", ["key ended"]),
        ("?since=1999-12-31&until=1999-12-31", ["old one"]),
        ("?since=2000-01-01&q=changed", ["upload changed", "station changed"]),
        ("?until=1999-12-30", []),
        ("?since=nonsense&until=9999-12-31&q=old", ["old one"]),
        ("?since=2026-02-31&q=old", ["old one"]),
    ],
)
def test_a_deed_is_found(auditor, deeds, query, found):
    assert listed(auditor, query) == found


def test_the_days_keep_the_other_filters(auditor, deeds):
    page = auditor.get(f"{LIST}?q=one&since=1999-12-31").content.decode()
    assert '<input type="hidden" name="q" value="one">' in page
    assert 'name="since" value="1999-12-31"' in page


def test_nothing_can_be_added_changed_or_deleted_there(admin_client, deeds):
    event = Event.objects.first()
    for path in (f"{LIST}add/", f"{LIST}{event.pk}/delete/"):
        assert admin_client.get(path).status_code == 403
    page = admin_client.get(f"{LIST}{event.pk}/change/")
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert admin_client.post(f"{LIST}{event.pk}/change/", {"deed": "x"}).status_code == 403
    admin_client.post(LIST, {"action": "delete_selected", "_selected_action": event.pk, "post": "yes"})
    assert Event.objects.filter(pk=event.pk).exists()


def test_a_keeper_sees_the_deeds_of_a_station_without_addresses_and_no_list(keeping, station, deeds):
    assert keeping.get(LIST).status_code == 403
    assert keeping.get(f"{LIST}export.csv").status_code == 403
    Key.objects.issue(station)
    page = keeping.get(f"/admin/stations/station/{station.pk}/history/").content.decode()
    assert "key issued" in page
    assert ">From<" not in page


def test_a_stations_page_has_its_last_deeds(admin_client, station):
    with transaction.atomic():
        record_each("station activated", [station] * 9)
    page = admin_client.get(f"/admin/stations/station/{station.pk}/change/").content.decode()
    assert page.count("station activated") == 5
    assert f"/admin/stations/station/{station.pk}/history/" in page
    assert ">From<" in page


def test_a_history_has_what_was_done_to_a_row_and_to_no_other(admin_client, deeds):
    otto, anna = User.objects.create_user("otto"), User.objects.create_user("anna")
    page = admin_client.get(f"/admin/auth/user/{otto.pk}/history/").content.decode()
    assert "user added: otto" in page
    assert anna.username not in page
    assert admin_client.get("/admin/auth/user/99999/history/").status_code == 302


def rows_of(answer):
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))


def test_the_file_has_what_the_list_shows_without_formulas(auditor, deeds, station):
    head, *rows = rows_of(auditor.get(f"{LIST}export.csv?q=changed&since=2000-01-01"))
    assert head[:3] == ["when (UTC)", "deed", "what"]
    assert [row[1:3] for row in rows] == [["upload changed", "'=HYPERLINK(1)"], ["station changed", ""]]
    assert rows[1][3:6] == ["Garden", str(station.pk), "place: nothing → Roof"]


def test_the_file_is_of_any_size_and_made_in_pieces(auditor, station, monkeypatch):
    monkeypatch.setattr("audit.shown.ROWS_A_PIECE", 10)
    with transaction.atomic():
        record_each("station activated", [station] * 35)
    rows = rows_of(auditor.get(f"{LIST}export.csv?deed=station+activated"))
    assert len(rows) == 36


def test_a_form_of_a_station_tells_all_that_was_changed(admin_client, station, django_assert_max_num_queries):
    field = station.fields.get()
    form = {
        "name": "Roof", "device": "board", "mac": station.mac, "timezone": "Europe/Berlin", "interval_s": "600",
        "public": "on", "active": "on", "notes": "the WiFi password is secret99", "place": "",
        "fields-TOTAL_FORMS": "1", "fields-INITIAL_FORMS": "1", "fields-0-id": field.pk, "fields-0-station": station.pk,
        "fields-0-number": "1", "fields-0-name": "air", "fields-0-unit": "degC", "fields-0-decimals": "1",
        "fields-0-quantity": field.quantity,
    }  # fmt: skip
    for prefix in ("equipment", "further_sensors", "wifi"):
        form |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    answer = admin_client.post(f"/admin/stations/station/{station.pk}/change/", form)
    assert answer.status_code == 302, answer.context["errors"]
    event = Event.objects.first()
    details = event.details.splitlines()
    assert event.deed == "station changed"
    assert {"name: Garden → Roof", "notes: changed"} <= set(details)
    assert any(line.endswith("name: temperature → air") for line in details)
    assert "secret99" not in str(list(Event.objects.values()))
