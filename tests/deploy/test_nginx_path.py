"""nginx with the shipped part for a path of another site, in front of the real gunicorn."""

import pytest

from tests.deploy.board import assert_plain_line, get, path
from tests.deploy.nginx import Nginx
from tests.server import ROOT, Server

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.sqlite_only,
    pytest.mark.usefixtures("_nginx"),
]

PART = ROOT / "deploy" / "nginx-path.conf"
OTHER_SITE = """
server {
    listen 80 default_server;
    server_name home.example;
    access_log /var/log/nginx/site.log;
    location / { return 200 "another program"; }
    %s
}
"""


class NginxOfAnotherSite(Nginx):
    """A site with another program, which includes the shipped part."""

    def at_home(self, site, upstream_port):
        return super().at_home(OTHER_SITE % PART.read_text(), upstream_port)


@pytest.fixture
def nginx(folder, key, tmp_path):
    own = {"SERVER_URL": "http://home.example/weather", "TRUSTED_PROXIES": "127.0.0.1"}
    with Server(tmp_path / "log", **own) as server, NginxOfAnotherSite(folder, server.port) as nginx:
        yield nginx


def test_boards_and_people_reach_freetemp_below_its_path_and_the_other_program_stays(nginx, key):
    assert_plain_line(nginx.send(get(b"/weather" + path(key))), 200, b"OK")
    assert_plain_line(nginx.send(get(b"/weather" + path("0" * 32))), 403, b"unknown station or key")
    host = b"Host: home.example"
    status, _, body = nginx.send(get(b"/weather/api/v1/stations/", host))
    assert (status, body[:1]) == (200, b"[")
    assert nginx.send(get(b"/weather/admin/", host))[1]["location"] == "/weather/admin/login/?next=/weather/admin/"
    assert nginx.send(get(b"/weather", host))[1]["location"].endswith("/weather/")
    assert nginx.send(get(b"/", host))[2] == b"another program"


def test_no_log_has_a_board_s_key(folder, key, tmp_path):
    with NginxOfAnotherSite(folder, 9) as nginx:  # Nobody listens there, which nginx logs.
        assert nginx.send(get(b"/weather" + path(key)))[0] == 502
        for near_miss in (b"/weather//Update/key=", b"/weather/updates/"):
            assert nginx.send(get(near_miss + key.encode()))[0] == 502
        nginx.send(get(b"/weather/" + b"x" * 20))
    assert key not in nginx.logs()
    assert "/weather/xxx" in nginx.logs()
