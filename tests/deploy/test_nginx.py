"""nginx with the shipped site, in front of the real gunicorn: the answers to boards and browsers."""

import re
import shutil
from urllib.parse import quote

import pytest

from readings.models import Reading
from tests.deploy.board import DOWN, assert_plain_line, get, path, send_to_end, unreadable
from tests.deploy.nginx import BEHIND_NGINX, NAME, Nginx
from tests.pages.conftest import data_in, empty_server, run
from tests.server import Server

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.sqlite_only,
    pytest.mark.usefixtures("_nginx"),
]

HOST = f"Host: {NAME}".encode()


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_a_board_is_answered_as_without_nginx(nginx, key, tls):
    for request, status, line in [
        (get(path(key)), 200, b"OK"),
        (get(path(key), b"Host: not.one.of.ours"), 200, b"OK"),
        (b"GET " + path(key) + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200, b"OK"),
        (get(path(key).replace(b":", b"%3A")), 200, b"OK"),
        (get(path("0" * 32)), 403, b"unknown station or key"),
        (b"POST " + path(key) + b" HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi", 405, b"use GET"),
    ]:
        assert_plain_line(nginx.send(request, tls=tls), status, line)
    assert Reading.objects.count() == 4


def test_what_nginx_adds_to_an_answer_is_its_name_and_the_date(nginx, gunicorn, key):
    direct, behind = gunicorn.send(get(path(key)))[1], nginx.send(get(path(key)))[1]
    assert direct.keys() == behind.keys()
    assert behind["server"] == "nginx"
    assert int(behind["size"]) <= int(direct["size"])


@pytest.mark.parametrize(
    "page", ["/", "/stations/1/?period=week", "/admin/login/", "/api/v1/stations/", "/api/v1/readings", "/updates/"]
)
def test_everything_else_on_the_plain_port_is_sent_to_https(nginx, page):
    status, headers, _ = nginx.send(get(page.encode(), b"Host: not.one.of.ours"))
    assert (status, headers["location"]) == (301, f"https://{NAME}{page}")


def test_a_token_on_the_plain_port_is_refused_and_not_led_on(nginx):
    for page in (b"/api/v1/stations/", b"/metrics"):
        status, _, body = nginx.send(get(page, HOST, b"Authorization: Bearer freetemp_x"))
        assert (status, body[:9]) == (403, b"use https")


def test_the_boards_second_path_is_no_redirect_on_either_port(nginx):
    request = b"POST /api/v1/readings/ HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    for tls in (False, True):
        assert nginx.send(request, tls=tls)[0] not in (301, 302, 308)


def test_a_device_of_another_maker_is_answered_on_either_port(nginx):
    for tls in (False, True):
        status, _, body = nginx.send(get(b"/weatherstation/updateweatherstation.php?ID=x&PASSWORD=x"), tls=tls)
        assert (status, body[:17]) == (200, b"INVALIDPASSWORDID")


def test_https_serves_people_up_to_the_admin(folder, tmp_path, tmp_path_factory):
    var = tmp_path / "var"
    shutil.copytree(empty_server(tmp_path_factory), var)
    own, password = data_in(var), "only for this test"
    who = {"DJANGO_SUPERUSER_PASSWORD": password}
    run("manage.py", "createsuperuser", "--noinput", "--username=admin", "--email=", **own, **who)
    with Server(tmp_path / "log", **own, **BEHIND_NGINX) as server, Nginx(folder, server.port) as nginx:
        _, headers, page = nginx.send(get(b"/", HOST), tls=True)
        assert headers["strict-transport-security"] == "max-age=31536000"
        style = re.search(rb'href="(/static/[^"]+\.css)"', page)[1]
        assert nginx.send(get(style), tls=True)[0] == 200
        for path in (b"/", b"/account/login/", b"/no/such/page", style):
            assert headers_of_a_careful_site(send_to_end(nginx, get(path, HOST), tls=True))
        assert nginx.send(get(b"/", b"Host: not.one.of.ours"), tls=True)[0] == 400
        assert log_in(nginx, password) == (302, "/admin/")


def headers_of_a_careful_site(answer):
    """Tell whether an answer has each header once, those for browsers among them, and protects its cookies."""
    lines = answer.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
    names = [line.partition(":")[0].lower() for line in lines]
    assert len(names) == len(set(names)), names
    assert {"x-content-type-options", "referrer-policy", "strict-transport-security"} <= set(names)
    cookies = [line for line in lines if line.startswith("Set-Cookie: ")]
    return all(line.startswith("Set-Cookie: __Host-") and "; Secure" in line for line in cookies)


def log_in(nginx, password):
    """Log in as a browser does; return the status and the redirect's address."""
    page = send_to_end(nginx, get(b"/account/login/", HOST), tls=True).decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    form = f"csrfmiddlewaretoken={token}&username=admin&password={quote(password)}&next=/admin/"
    lines = [
        re.search(r"Cookie: __Host-csrftoken=\w+", page)[0],
        f"Origin: https://{NAME}",
        f"Content-Length: {len(form)}",
        "Content-Type: application/x-www-form-urlencoded",
    ]
    post = get(b"/account/login/", HOST, *(line.encode() for line in lines)).replace(b"GET", b"POST", 1)
    status, headers, _ = nginx.send(post + form.encode(), tls=True)
    return status, headers.get("location")


def test_without_its_tls_lines_the_plain_port_serves_people(key, station, folder, tmp_path):
    own = {"SERVER_URL": "http://192.168.1.20", "TRUSTED_PROXIES": "127.0.0.1"}
    with Server(tmp_path / "log", **own) as server, Nginx(folder, server.port, without_tls=True) as nginx:
        assert nginx.send(get(b"/api/v1/stations/", b"Host: 192.168.1.20"))[0] == 200
        assert_plain_line(nginx.send(get(path(key))), 200, b"OK")


def test_a_gunicorn_that_is_down_is_one_line_that_says_when_to_come_again(nginx_alone, key):
    for tls in (False, True):
        answer = nginx_alone.send(get(path(key)), tls=tls)
        assert_plain_line(answer, 503, DOWN)
        assert answer[1]["retry-after"] == "30"


def test_a_body_over_256_kib_is_refused_in_one_line_and_one_of_256_kib_is_not(nginx_alone):
    head = b"POST /api/v1/readings/ HTTP/1.0\r\nContent-Length: %d\r\n\r\n"
    assert_plain_line(nginx_alone.send(head % 262_145 + b"x" * 262_145), 413, b"too large: 256 KiB at most")
    assert_plain_line(nginx_alone.send(head % 262_144 + b"x" * 262_144), 503, DOWN)


def test_what_nginx_cannot_read_is_one_line(nginx_alone, key):
    for request, status in unreadable(key):
        got, headers, body = nginx_alone.send(request)
        assert (got, headers["content-type"]) == (status, "text/plain; charset=utf-8"), request
        assert b"<" not in body
