"""The sources of a station's facts and files for flashing: this computer's database, or a real server elsewhere."""

import json
import socket
from contextlib import ExitStack
from functools import cache

import pytest

from firmware.models import FlashToken, FlashUse
from firmware.sources import LocalSource, OtherBoardError, RemoteSource, SourceError
from stations.models import Key, Station
from tests.conftest import MAC
from tests.firmware.ready import IMAGE, PASSWORD, add_image, forget_images_of_elsewhere, give_wifi, lose, use
from tests.server import Server

OTHER_MAC = "5c:cf:7f:00:00:01"
BOARDS_REACH = "http://192.168.1.5:8000"
TOKEN = "no-token-that-any-server-knows"


def real(program):
    """A real server differs from the API, which firmware/test_api.py asks on each database, in no question to one."""
    return pytest.param(program, marks=pytest.mark.sqlite_only)


@pytest.fixture(scope="module")
def servers(django_db_setup, tmp_path_factory):
    """Return the one server of each program for all tests: each has a station and a token of its own."""
    with ExitStack() as ends:

        def start(program):
            log = tmp_path_factory.mktemp(program) / "log"
            return ends.enter_context(Server(log, program, SERVER_URL=BOARDS_REACH))

        yield cache(start)


@pytest.fixture(params=["local", real("gunicorn")])
def source(request, servers, settings, transactional_db):
    """A station's source: the database itself, and the API of a real server with that database."""
    settings.SERVER_URL = BOARDS_REACH
    station = Station.objects.create(name="Garden", mac=MAC)
    give_wifi(station)
    if request.param == "local":
        yield LocalSource(station)
        return
    yield RemoteSource(servers(request.param).url, FlashToken.objects.make(station))


@pytest.mark.parametrize("source", ["local", real("gunicorn"), real("waitress")], indirect=True)
def test_a_station_is_flashed_from_its_facts_to_its_first_reading(source):
    forget_images_of_elsewhere()
    image = add_image()
    station = Station.objects.get()
    live = Key.objects.issue(station)
    use(live)
    assert source.station().name == "Garden"
    source.take_mac(MAC)
    assert source.image().read_bytes() == IMAGE
    lose(image)
    bundle = source.bundle()
    config = json.loads(bundle.files["config.json"])
    assert (config["server"], config["networks"]) == (BOARDS_REACH, [["Garden", PASSWORD]])
    assert not source.has_reported(bundle)
    assert Key.objects.authenticate(MAC, live) is not None
    use(config["key"])
    assert source.has_reported(bundle)
    assert Key.objects.authenticate(MAC, live) is None


def test_what_goes_wrong_is_the_same_sentence_here_and_elsewhere(source):
    Station.objects.create(name="Pond", mac=OTHER_MAC)
    with pytest.raises(OtherBoardError, match=f"Garden has the board {MAC}, but this one is {OTHER_MAC}"):
        source.take_mac(OTHER_MAC)
    with pytest.raises(SourceError, match="Another station has this MAC address"):
        source.take_mac(OTHER_MAC, replace=True)
    there = " there" if isinstance(source, RemoteSource) else ""
    with pytest.raises(SourceError, match=rf"`python manage\.py fetch_micropython`{there}, or add"):
        source.image()
    with pytest.raises(SourceError, match="'http://x/y z' is not a server address"):
        source.bundle("http://x/y z")
    replaced = source.bundle()
    Key.objects.issue(Station.objects.get(name="Garden"))
    with pytest.raises(SourceError, match="Another key has been issued"):
        source.has_reported(replaced)
    Station.objects.filter(name="Garden").update(active=False)
    with pytest.raises(SourceError, match="Garden is inactive, so its readings would be refused"):
        source.bundle()
    Station.objects.update(active=True)
    Station.objects.get(name="Garden").wifi.all().delete()
    with pytest.raises(SourceError, match="has no WiFi network"):
        source.bundle()


def test_a_board_has_its_files_before_it_takes_the_place_of_another(source):
    live = Key.objects.issue(Station.objects.get())
    use(live)
    source.check_mac(OTHER_MAC, replace=True)
    config = json.loads(source.bundle(mac=OTHER_MAC).files["config.json"])
    assert config["mac"] == OTHER_MAC.replace(":", "")
    assert source.station().mac == MAC
    assert Key.objects.authenticate(MAC, live) is not None
    source.take_mac(OTHER_MAC, replace=True)
    assert Key.objects.authenticate(OTHER_MAC, config["key"]) is not None


def test_a_board_that_may_not_be_taken_is_refused_by_the_question_already(source):
    Station.objects.create(name="Pond", mac=OTHER_MAC)
    with pytest.raises(OtherBoardError, match=f"Garden has the board {MAC}, but this one is {OTHER_MAC}"):
        source.check_mac(OTHER_MAC)
    with pytest.raises(SourceError, match="Another station has this MAC address"):
        source.check_mac(OTHER_MAC, replace=True)


def test_a_board_replaces_another_where_that_is_asked_for(source):
    source.take_mac(OTHER_MAC, replace=True)
    assert source.station().mac == OTHER_MAC


@pytest.mark.django_db
def test_an_image_that_is_named_is_taken_as_it_is_and_must_be_there(station, tmp_path):
    (tmp_path / "mine.bin").write_bytes(IMAGE)
    for source in (LocalSource(station), RemoteSource("http://127.0.0.1:9", TOKEN)):
        assert source.image(tmp_path / "mine.bin") == tmp_path / "mine.bin"
        with pytest.raises(SourceError, match=r"There is no file .*none\.bin"):
            source.image(tmp_path / "none.bin")


@pytest.mark.sqlite_only
@pytest.mark.django_db(transaction=True)
def test_a_token_is_in_no_log_and_neither_is_what_it_brings(station, tmp_path, settings):
    settings.SERVER_URL = BOARDS_REACH
    give_wifi(station)
    token = FlashToken.objects.make(station)
    with Server(tmp_path / "log", ACCESS_LOG="on", LOG_LEVEL="DEBUG", SERVER_URL=BOARDS_REACH) as server:
        source = RemoteSource(server.url, token)
        key = json.loads(source.bundle().files["config.json"])["key"]
        with pytest.raises(SourceError) as refused:
            RemoteSource(server.url, "wrong" + token).bundle()
    log = server.log.read_text()
    assert "/api/v1/flash/bundle/" in log
    for secret in (token, key, PASSWORD):
        assert secret not in log
        assert secret not in str(refused.value)
    assert token not in repr(source.__dict__)
    assert FlashUse.objects.get().address == "127.0.0.1"


@pytest.mark.sqlite_only
@pytest.mark.django_db(transaction=True)
def test_a_token_that_is_wrong_too_often_wrong_or_used_says_so(station, tmp_path):
    give_wifi(station)
    token = FlashToken.objects.make(station)
    with Server(tmp_path / "log") as server:
        source = RemoteSource(server.url, token)
        bundle = source.bundle(BOARDS_REACH)
        use(json.loads(bundle.files["config.json"])["key"])
        with pytest.raises(SourceError, match="This token has flashed its station: make another"):
            source.station()
        assert source.has_reported(bundle)
        guesser = RemoteSource(server.url, TOKEN)
        with pytest.raises(SourceError, match="is wrong, has ended, or is older than an hour: make another"):
            guesser.station()
        sentences = set()
        for _ in range(60):
            with pytest.raises(SourceError) as refused:
                guesser.station()
            sentences.add(str(refused.value).split(":")[0])
        assert "Too many wrong tokens came from here" in sentences


@pytest.mark.sqlite_only
@pytest.mark.django_db(transaction=True)
def test_a_server_that_does_not_know_its_own_name_says_where_to_add_it(tmp_path, monkeypatch):
    # A name of the network, as 192.168.1.5.nip.io would be, that leads to this computer.
    monkeypatch.setenv("no_proxy", "weather")
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: real("127.0.0.1", *rest, **more))
    with Server(tmp_path / "log") as server, pytest.raises(SourceError, match="add it to ALLOWED_HOSTS"):
        RemoteSource(f"http://weather:{server.port}", TOKEN).station()
