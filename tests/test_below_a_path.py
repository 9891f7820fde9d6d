"""freetemp below a path of a site: /weather/ instead of /. A proxy may pass the path on or take it away."""

import re
import shutil
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

import pytest

from tests.pages.conftest import data_in, empty_server, run
from tests.pages.seed import KEY, MAC
from tests.server import Server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite_only]

SITE = "http://home.example/weather"
REPORT = f"/update/API_key={KEY}/mac={MAC}/field=1/data=21.4"
MAKE = f"""
from django.contrib.auth import get_user_model
from stations.models import Key, Station
get_user_model().objects.create_superuser("admin", password="admin")
Key.objects.issue(Station.objects.create(name="Roof", mac="{MAC}"), "{KEY}")
"""
ADDRESS = re.compile(r"""(?:href|src|action|content|data-[a-z-]+)="(/[^"/][^"]*|/)"|"url": ?"(/[^"]*)\"""")
PAGES = ["/", "/stations/1/", "/stations/1/?period=week", "/stations/1/embed/", "/api/v1/docs/", "/no/such/page"]
ADMIN = [
    "/admin/",
    "/admin/overview/",
    "/admin/stations/station/",
    "/admin/stations/station/1/change/",
    "/account/",
    "/account/second-factor/",
    "/account/sessions/",
    "/account/password/",
]


@pytest.fixture(scope="module")
def var(tmp_path_factory):
    folder = tmp_path_factory.mktemp("path") / "var"
    shutil.copytree(empty_server(tmp_path_factory), folder)
    run("manage.py", "shell", "-c", MAKE, **data_in(folder))
    return folder


@pytest.fixture(scope="module")
def server(var):
    with Server(var / "server.log", **data_in(var), SERVER_URL=SITE, ALLOWED_HOSTS="home.example") as server:
        yield server


@pytest.fixture(scope="module")
def by_script_name(var):
    own = data_in(var) | {"SERVER_URL": "http://home.example", "SCRIPT_NAME": "/weather"}
    with Server(var / "script-name.log", **own) as server:
        yield server


@pytest.fixture(scope="module")
def staff(server):
    """A browser that has logged in."""
    jar = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    login = f"{server.url}/weather/admin/login/"
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', opener.open(login).read().decode())[1]
    form = {"csrfmiddlewaretoken": token, "username": "admin", "password": "admin", "next": "/weather/admin/"}
    with opener.open(login, urllib.parse.urlencode(form).encode()) as answer:
        assert answer.url == f"{server.url}/weather/admin/", "the login leads to the admin, below the path"
    assert {(cookie.name, cookie.path) for cookie in jar} == {
        ("freetemp_sessionid", "/weather"),
        ("freetemp_csrftoken", "/weather"),
        ("freetemp_browser", "/weather"),
    }
    return opener


def get(path, *headers):
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *headers, "", ""]).encode()


def addresses(text):
    return [found for pair in ADDRESS.findall(text) for found in pair if found]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("kept", ["/weather", ""], ids=["path kept", "path taken away"])
@pytest.mark.parametrize("how", ["server", "by_script_name"])
def test_every_address_in_a_page_has_the_path(request, how, kept, page):
    _, _, body = request.getfixturevalue(how).send(get(kept + page))
    found = addresses(body.decode())
    assert found
    assert [address for address in found if not address.startswith("/weather/")] == []


@pytest.mark.parametrize("page", ADMIN)
def test_every_address_in_the_admin_has_the_path(server, staff, page):
    found = addresses(staff.open(f"{server.url}/weather{page}").read().decode())
    assert found
    assert [address for address in found if not address.startswith("/weather/")] == []


@pytest.mark.parametrize("kept", ["/weather", ""], ids=["path kept", "path taken away"])
@pytest.mark.parametrize("how", ["server", "by_script_name"])
def test_a_board_is_answered_in_one_line_with_and_without_the_path(request, how, kept):
    send = request.getfixturevalue(how).send
    for path, status, line in [
        (REPORT, 200, b"OK"),
        (REPORT.replace(KEY, "0" * 32), 403, b"unknown station or key"),
        ("/update/x", 400, b"path: "),
    ]:
        answered, headers, body = send(get(kept + path))
        assert (answered, headers["content-type"]) == (status, "text/plain; charset=utf-8")
        assert body.startswith(line)
    batch = b"POST %s/api/v1/readings/ HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    assert send(batch % kept.encode())[0] == 403


def test_a_page_s_style_is_there_with_and_without_the_path(server):
    style = re.search(r'href="/weather(/static/[^"]+\.css)"', server.send(get("/weather/"))[2].decode())[1]
    for path in (style, f"/weather{style}"):
        status, headers, _ = server.send(get(path))
        assert (status, headers["content-type"]) == (200, 'text/css; charset="utf-8"')


def test_the_address_of_the_path_without_a_slash_shows_the_stations(server):
    status, _, body = server.send(get("/weather"))
    assert (status, b"Roof" in body) == (200, True)


def test_a_path_that_only_begins_like_it_is_none(server):
    assert server.send(get("/weatherx/"))[0] == 404


def test_a_redirect_keeps_the_path(server):
    assert server.send(get("/weather/stations/1"))[1]["location"] == "/weather/stations/1/"
    assert server.send(get("/weather/admin/"))[1]["location"] == "/weather/admin/login/?next=/weather/admin/"


def test_what_is_shared_has_the_whole_address(server):
    assert server.send(get(f"/weather{REPORT}"))[0] == 200  # Without a reading there is nothing to share.
    page = server.send(get("/weather/stations/1/"))[2].decode()
    absolute = set(re.findall(r"http://home\.example[^\"?&<\s]*", page))
    assert f"{SITE}/stations/1/" in absolute
    assert f"{SITE}/stations/1/embed/" in absolute
    assert f"{SITE}/stations/1/preview.png" in absolute
    assert {each for each in absolute if not each.startswith(f"{SITE}/")} == set()
    assert not re.search("/weather/weather", page)


def test_preferences_are_remembered_below_the_path_only(server):
    cookies = server.send(get("/weather/?units=us&lang=de"))[1]["set-cookie"]
    assert "path=/weather;" in cookies


def test_programs_are_told_the_path(server):
    schema = server.send(get("/weather/api/v1/schema/"))[2].decode()
    stations = server.send(get("/weather/api/v1/stations/"))[2].decode()
    assert "servers:\n- url: /weather\n" in schema
    assert set(re.findall(r'"(/[^"]*)"', stations)) == set(re.findall(r'"(/weather/[^"]*)"', stations))


def test_staff_are_shown_the_address_that_a_board_calls(server, staff):
    page = f"{server.url}/weather/admin/stations/station/1/keys/"
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', staff.open(page).read().decode())[1]
    form = urllib.parse.urlencode({"csrfmiddlewaretoken": token, "issue": "1"}).encode()
    shown = staff.open(page, form).read().decode()
    assert re.search(rf"{SITE}/update/API_key=\w+/mac={MAC}/field=1/data=21\.4", shown)
    form = urllib.parse.urlencode({"csrfmiddlewaretoken": token, "make": "1"}).encode()
    flash = staff.open(f"{server.url}/weather/admin/stations/station/1/flash/", form).read().decode()
    assert f"--server {SITE}" in flash


def test_a_flash_from_elsewhere_finds_its_api(server):
    status, _, body = server.send(get("/weather/api/v1/flash/", "Authorization: Bearer nothing"))
    assert (status, b"detail" in body) == (401, True)
