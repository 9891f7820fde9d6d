"""The admin's list of stations: whether everything is alive, and finding one."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from stations.models import Station

pytestmark = pytest.mark.django_db

URL = "/admin/stations/station/"


@pytest.fixture
def five(db):
    """One station of each status, by the status's name."""
    now = timezone.now()
    heard = {"alive": 0, "late": 10, "silent": 90, "inactive": 0}
    for status, minutes in heard.items():
        Station.objects.create(
            name=status, last_heard_at=now - timedelta(minutes=minutes), active=status != "inactive", place="Here"
        )
    Station.objects.create(name="never", mac="6c:ef:7f:3b:9d:e8", place="The north ridge")


def listed(client, **query):
    return [station.name for station in client.get(URL, query).context["cl"].result_list]


def test_it_tells_at_a_glance_what_is_alive(keeping, five):
    Station.objects.filter(name="alive").get().fields.update(newest_value=-3.25, newest_at=timezone.now(), decimals=1)
    html = keeping.get(URL).content.decode()
    for status, label in [("alive", "alive"), ("late", "late"), ("silent", "silent"), ("never", "never heard")]:
        assert f'<a class="status status-{status}" href="?status={status}"><strong>1</strong> {label}</a>' in html
        assert f'<span class="status status-{status}">{label}</span>' in html
    assert re.search(r">\d+ s ago<", html)
    assert "10\N{NO-BREAK SPACE}minutes ago" in html
    assert "temperature <b>-3.2\N{NO-BREAK SPACE}°C</b>" in html


def test_what_a_board_says_is_wrong_with_it_stands_under_its_status(keeping, station):
    Station.objects.update(trouble="ds18b20: <b>no</b> answer")
    html = keeping.get(URL).content.decode()
    assert '<small class="trouble">ds18b20: &lt;b&gt;no&lt;/b&gt; answer</small>' in html


def test_a_value_outside_its_limits_is_marked(keeping, station):
    station.fields.update(newest_value=85.0, newest_at=timezone.now(), largest=60)
    assert "temperature <b>85.0\N{NO-BREAK SPACE}°C (!)</b>" in keeping.get(URL).content.decode()


def test_each_row_has_the_number_that_commands_take(keeping, station):
    assert f'<td class="field-number">{station.pk}</td>' in keeping.get(URL).content.decode()


def test_each_row_leads_to_the_station_s_page(keeping, station):
    assert f'href="/stations/{station.pk}/"' in keeping.get(URL).content.decode()


@pytest.mark.all_parameters
@pytest.mark.parametrize("status", ["alive", "late", "silent", "never", "inactive"])
def test_the_status_filter_shows_the_stations_of_that_status(keeping, five, status):
    assert listed(keeping, status=status) == [status]


def test_stations_with_imported_readings_are_listed_apart_from_those_never_heard(keeping, five):
    archive = Station.objects.create(name="archive")
    archive.fields.create(number=2, name="humidity", newest_value=50, newest_at=timezone.now() - timedelta(days=150))
    archive.fields.update(newest_value=5, newest_at=timezone.now() - timedelta(days=150))
    html = keeping.get(URL).content.decode()
    assert '<a class="status status-imported" href="?status=imported"><strong>1</strong> imported</a>' in html
    assert '<a class="status status-never" href="?status=never"><strong>1</strong> never heard</a>' in html
    assert '<span class="status status-imported">imported</span>' in html
    assert re.search(r"no report yet<br><small>newest reading <time [^>]*>\d+.months ago", html)
    assert listed(keeping, status="imported") == ["archive"]
    assert listed(keeping, status="never") == ["never"]
    Station.objects.filter(name="archive").update(last_heard_at=timezone.now())
    assert "status-imported" not in keeping.get(URL).content.decode()


def test_an_unknown_status_filters_nothing(keeping, five):
    assert len(listed(keeping, status="nonsense")) == 5


def test_filters_count_and_combine_with_a_search(keeping, five):
    assert listed(keeping, active__exact="0") == ["inactive"]
    assert listed(keeping, status="never", q="6cef7f3b9de8") == ["never"]
    assert listed(keeping, status="alive", q="6cef7f3b9de8") == []
    assert "never heard (1)" in keeping.get(URL, {"_facets": "True"}).content.decode()


@pytest.mark.all_parameters
@pytest.mark.parametrize(
    "text",
    [
        *("never", "NORTH", "ridge", "6c:ef:7f:3b:9d:e8", "6C-EF-7F-3B-9D-E8", "6cef7f3b9de8", "6CEF.7F3B.9DE8"),
        *("3b:9d", "3b9d", "6c ef 7f 3b 9d e8", " 6cef7f ", "6ce"),
    ],
)
def test_a_search_finds_by_name_place_and_mac_in_any_form(keeping, five, text):
    assert listed(keeping, q=text) == ["never"]


@pytest.mark.all_parameters
@pytest.mark.parametrize("text", ["nowhere", "aabbcc", "%", "' OR 1=1 --", "f" * 2000])
def test_a_search_for_what_is_not_there_finds_nothing(keeping, five, text):
    assert listed(keeping, q=text) == []


def test_sorting_by_status_puts_the_longest_unheard_first_on_every_database(keeping, five):
    column = 3
    assert listed(keeping, o=str(column))[:2] == ["never", "silent"]
    assert listed(keeping, o=f"-{column}")[-2:] == ["silent", "never"]


def queries_of(client, url):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_the_list_asks_as_much_for_thirty_stations_as_for_one(keeping, station, django_assert_num_queries):
    station.fields.update(newest_value=1, newest_at=timezone.now())
    keeping.get(URL)
    for_one = queries_of(keeping, URL)
    for n in range(29):
        more = Station.objects.create(name=f"School {n}", last_heard_at=timezone.now())
        more.fields.create(number=2, name="humidity", unit="%")
        more.fields.update(newest_value=1, newest_at=timezone.now())
    # Session, user, two for permissions, two for the counts, two for paging, the page, its fields, its lines.
    with django_assert_num_queries(11):
        keeping.get(URL)
    assert for_one >= 10  # Its line is kept.


def test_hostile_text_in_names_and_places_is_only_text(keeping):
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    station = Station.objects.create(name=evil, place=evil, last_heard_at=timezone.now())
    station.fields.update(name="<b>t</b>", unit="<i>u</i>", newest_value=1, newest_at=timezone.now())
    own = [URL, f"{URL}{station.pk}/change/", f"{URL}{station.pk}/keys/", f"{URL}{station.pk}/history/"]
    for url in own:
        html = keeping.get(url).content.decode()
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "<b>t</b>" not in html
        assert "<i>u</i>" not in html
        assert "&lt;script&gt;alert(1)" in html


def test_the_actions_rest_and_wake_stations_and_leave_a_trace(keeping, five):
    chosen = [str(pk) for pk in Station.objects.filter(name__in=["alive", "late"]).values_list("pk", flat=True)]
    page = keeping.post(URL, {"action": "deactivate", "_selected_action": chosen}, follow=True)
    assert "2 deactivated." in page.content.decode()
    assert set(Station.objects.inactive().values_list("name", flat=True)) == {"alive", "late", "inactive"}
    keeping.post(URL, {"action": "activate", "_selected_action": chosen})
    assert set(Station.objects.inactive().values_list("name", flat=True)) == {"inactive"}
    events = Event.objects.filter(station_name="alive")
    assert [(event.deed, event.person) for event in events] == [
        ("station activated", "keeper"),
        ("station deactivated", "keeper"),
    ]


def test_view_permission_alone_brings_no_actions(viewing, five):
    assert viewing.get(URL).context["action_form"] is None
    pk = str(Station.objects.get(name="alive").pk)
    viewing.post(URL, {"action": "deactivate", "_selected_action": [pk]})
    assert Station.objects.get(pk=pk).active


def test_nobody_deletes_a_station_by_a_click(admin_client, keeping, station):
    for client in (admin_client, keeping):
        assert "delete_selected" not in client.get(URL).content.decode()
        client.post(URL, {"action": "delete_selected", "_selected_action": [str(station.pk)], "post": "yes"})
        assert client.post(f"{URL}{station.pk}/delete/", {"post": "yes"}).status_code == 403
        assert "/delete/" not in client.get(f"{URL}{station.pk}/change/").content.decode()
    assert Station.objects.get() == station


@pytest.mark.parametrize("path", ["", "add/", "1/change/", "1/keys/", "1/history/"])
def test_without_staff_rights_every_page_is_the_login(client, station, path):
    login = f"{reverse('admin:login')}?next={URL}{path}"
    assert client.get(f"{URL}{path}")["Location"] == login
    client.force_login(User.objects.create_user("visitor"))
    assert client.get(f"{URL}{path}")["Location"] == login
    assert "Log in" in client.get(login).content.decode()


def test_staff_without_rights_in_the_registry_see_none_of_it(client, station):
    client.force_login(User.objects.create_user("other", is_staff=True))
    for path in ["", "add/", f"{station.pk}/change/", f"{station.pk}/keys/", "999/keys/"]:
        assert client.get(f"{URL}{path}").status_code == 403
