"""Wrong logins at once, to two processes: each is counted, and no more are looked at than the limit allows."""

import re
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from http.cookiejar import CookieJar
from importlib.util import find_spec
from urllib.error import HTTPError

import pytest
from django.core.cache import caches
from django.test import override_settings

from freetemp.conf.cache_url import shared_cache
from freetemp.logins.wrong_passwords import FIRST_WAIT_S, FREE_TRIES
from tests.pages.conftest import data_in, empty_server
from tests.programs import daemon, killed_at_last
from tests.server import PATIENCE_S, Server, free_port

pytestmark = [pytest.mark.sqlite_only]

TRIES, THREADS = 40, 8


@contextmanager
def redis(folder):
    program = daemon("redis-server")
    if program is None or find_spec("redis") is None:
        pytest.skip("there is no Redis, or its package is missing")
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with killed_at_last(subprocess.Popen(command, stdout=subprocess.DEVNULL)):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def file(folder):
    yield ""


@pytest.fixture(scope="module", params=[file, redis], ids=["file", "Redis"])
def served(request, tmp_path_factory):
    """Two processes for people, and the cache that they share."""
    folder = tmp_path_factory.mktemp("counts")
    var = folder / "var"
    shutil.copytree(empty_server(tmp_path_factory), var)
    with request.param(folder) as url:
        own = data_in(var) | {"WEB_CONCURRENCY": "2", "TRUSTED_PROXIES": "127.0.0.1", "CACHE_URL": url}
        with Server(folder / "server.log", **own) as server:
            yield server, shared_cache(url, var)


@pytest.fixture
def cache(served):
    with override_settings(CACHES={"default": served[1]}):
        yield caches["default"]


class Guesser:
    """Posts wrong passwords, and tells those that were looked at from those that have to wait."""

    def __init__(self, url):
        self.url = f"{url}/account/login/"
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        page = self.browser.open(self.url, timeout=PATIENCE_S).read().decode()
        self.token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]

    def guess(self, name, address):
        """Return whether a guess from an address was looked at. It comes again while others have the place."""
        form = {"csrfmiddlewaretoken": self.token, "username": name, "password": "wrong"}
        request = urllib.request.Request(self.url, urllib.parse.urlencode(form).encode())
        request.add_header("X-Forwarded-For", address)
        while True:
            try:
                return "is wrong" in self.browser.open(request, timeout=PATIENCE_S).read().decode()
            except HTTPError as error:
                if error.code != 429:
                    raise
                if "Too many wrong passwords" in error.read().decode():
                    return False
                time.sleep(0.02)


def guess_all(server, name, addresses):
    with ThreadPoolExecutor(THREADS) as pool:
        guessers = list(pool.map(lambda _: Guesser(server.url), range(THREADS)))
        parts = [(guesser, addresses[number::THREADS]) for number, guesser in enumerate(guessers)]
        return sum(pool.map(lambda part: sum(part[0].guess(name, each) for each in part[1]), parts))


def test_40_wrong_logins_from_40_networks_are_counted_exactly(served, cache):
    server, _ = served
    looked_at = guess_all(server, "ann", [f"198.51.100.{number}" for number in range(TRIES)])
    assert looked_at == TRIES
    assert cache.get(f"wrong-passwords-for:{sha256(b'ann').hexdigest()}") == TRIES
    assert {cache.get(f"wrong-passwords:198.51.100.{number}") for number in range(TRIES)} == {1}
    assert server.log.read_text().count("Wrong password from 198.51.100.") == TRIES


def test_40_wrong_logins_from_one_network_are_looked_at_only_as_often_as_the_limit_says(served, cache):
    server, _ = served
    began = time.monotonic()
    looked_at = guess_all(server, "bob", ["203.0.113.7"] * TRIES)
    waited_out = int(time.monotonic() - began) // FIRST_WAIT_S  # Each wait is as long as this one, or longer.
    assert FREE_TRIES <= looked_at <= FREE_TRIES + waited_out
    assert cache.get("wrong-passwords:203.0.113.7") == looked_at
    assert server.log.read_text().count("Wrong password from 203.0.113.7 ") == looked_at
