"""The page of the overview and the admin's first page: who sees what, and what they cost."""

import platform
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from freetemp import __version__
from stations.models import Key, Station
from tests.conftest import MAC, client_of
from tests.freetemp.overview.seen import URL, alive, fill, hear, html, refuse

pytestmark = pytest.mark.django_db


def queries_of(client, url):
    with CaptureQueriesContext(connection) as queries:
        html(client.get(url))
    return len(queries)


def test_it_tells_its_versions(keeping):
    page = html(keeping.get(URL))
    assert f"<dt>Version</dt><dd>{__version__}, Python {platform.python_version()}, " in page
    assert f"{'SQLite' if connection.vendor == 'sqlite' else 'PostgreSQL'} " in page.partition("<dt>Version</dt>")[2]


def test_the_admin_s_first_page_says_in_short_what_needs_attention(keeping):
    hear(Station.objects.create(name="Ridge"), hours=3)
    page = html(keeping.get("/admin/"))
    assert "1 needs attention." in page
    assert f'<a href="{URL}#silent">Silent stations</a>' in page
    assert f'href="{URL}">Overview</a>' in page, "in the header"


def test_whoever_may_see_neither_keys_nor_refused_reports_is_told_of_none(station):
    user = User.objects.create_user("viewer", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_station"))
    refuse("wrong_key", MAC)
    Key.objects.issue(station)
    Key.objects.update(issued_at=timezone.now() - timedelta(days=3))
    page = html(client_of(user).get(URL))
    assert "Nothing needs attention." in page
    assert "192.0.2.1" not in page


def test_staff_without_rights_see_no_overview_and_no_way_there(station):
    user = User.objects.create_user("other", is_staff=True)
    browser = client_of(user)
    assert browser.get(URL).status_code == 403
    hear(station, hours=9)
    page = html(browser.get("/admin/"))
    assert "attention" not in page
    assert URL not in page


def test_for_everybody_else_it_is_the_login(client, db):
    login = f"/admin/login/?next={URL}"
    assert client.get(URL)["Location"] == login
    client.force_login(User.objects.create_user("visitor"))
    assert client.get(URL)["Location"] == login


def test_no_cache_keeps_it(keeping):
    assert "no-store" in keeping.get(URL)["Cache-Control"]


def test_hostile_text_is_only_text(keeping):
    evil = "<script>alert(1)</script>"
    station = hear(Station.objects.create(name=evil, trouble=evil), hours=3)
    station.fields.update(name=evil, newest_value=85, newest_at=timezone.now(), largest=60)
    for url in (URL, "/admin/"):
        assert "<script>alert" not in html(keeping.get(url))


@pytest.mark.parametrize(("url", "most"), [(URL, 25), ("/admin/", 26)])
def test_it_asks_as_much_for_thirty_stations_as_for_one(keeping, url, most):
    fill(alive("One"), 5)
    fill(hear(Station.objects.create(name="Late"), minutes=5), 3)
    queries_of(keeping, url)
    for_one = queries_of(keeping, url)
    for n in range(29):
        station = hear(Station.objects.create(name=f"School {n}", mac=f"02:00:00:00:00:{n:02x}"), minutes=n * 5)
        fill(station, 3)
        Key.objects.issue(station)
        refuse("wrong_key", station.mac)
    Key.objects.update(issued_at=timezone.now() - timedelta(days=3))
    of_standbys = connection.vendor == "postgresql"
    assert queries_of(keeping, url) == for_one <= most + of_standbys
