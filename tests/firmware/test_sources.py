"""Where flashing gets a station's facts and files: this computer's database, or a real server elsewhere."""

import datetime
import hashlib
import http.server
import ipaddress
import json
import socket
import ssl
import threading
from contextlib import contextmanager

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from firmware.models import FlashToken, FlashUse
from firmware.sources import Bundle, LocalSource, NoAnswerError, OtherBoardError, RemoteSource, SourceError
from firmware.sources.address import board_address, is_reachable
from stations.models import Key, Station
from tests.conftest import MAC
from tests.firmware.ready import (
    IMAGE,
    PASSWORD,
    add_image,
    forget_images_of_elsewhere,
    give_wifi,
    images_of_elsewhere,
    use,
)
from tests.server import Server, free_port

OTHER_MAC = "5c:cf:7f:00:00:01"
BOARDS_REACH = "http://192.168.1.5:8000"
POLL_S = 0.02
TOKEN = "no-token-that-any-server-knows"


@pytest.fixture(params=["local", "gunicorn"])
def source(request, tmp_path, settings, transactional_db):
    """A station's source: the database itself, and a real server of it by its API."""
    settings.SERVER_URL = BOARDS_REACH
    station = Station.objects.create(name="Garden", mac=MAC)
    give_wifi(station)
    if request.param == "local":
        yield LocalSource(station)
        return
    with Server(tmp_path / "log", request.param, SERVER_URL=BOARDS_REACH) as server:
        yield RemoteSource(server.url, FlashToken.objects.make(station))


@pytest.mark.parametrize("source", ["local", "gunicorn", "waitress"], indirect=True)
def test_a_station_is_flashed_from_its_facts_to_its_first_reading(source):
    forget_images_of_elsewhere()
    image = add_image()
    station = Station.objects.get()
    live = Key.objects.issue(station)
    use(live)
    assert source.station().name == "Garden"
    source.take_mac(MAC)
    assert source.image().read_bytes() == IMAGE
    image.path.unlink()
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
    with pytest.raises(OtherBoardError, match=f"Garden has the board {MAC}, and this one is {OTHER_MAC}"):
        source.take_mac(OTHER_MAC)
    with pytest.raises(SourceError, match="Another station has this MAC address"):
        source.take_mac(OTHER_MAC, replace=True)
    with pytest.raises(SourceError, match=r"`python manage\.py fetch_micropython`"):
        source.image()
    with pytest.raises(SourceError, match="'http://x/y' is no server address"):
        source.bundle("http://x/y")
    replaced = source.bundle()
    source.bundle()
    with pytest.raises(SourceError, match="Another key has been issued"):
        source.has_reported(replaced)
    Station.objects.filter(name="Garden").update(active=False)
    with pytest.raises(SourceError, match="Garden is inactive, so its readings would be refused"):
        source.bundle()
    Station.objects.update(active=True)
    Station.objects.get(name="Garden").wifi.all().delete()
    with pytest.raises(SourceError, match="has no WiFi network"):
        source.bundle()


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


@pytest.mark.django_db(transaction=True)
def test_a_server_that_does_not_know_its_own_name_says_where_to_add_it(tmp_path, monkeypatch):
    # A name of the network, as 192.168.1.5.nip.io would be, that leads to this computer.
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: real("127.0.0.1", *rest, **more))
    with Server(tmp_path / "log") as server, pytest.raises(SourceError, match="add it to ALLOWED_HOSTS"):
        RemoteSource(f"http://weather:{server.port}", TOKEN).station()


def refused(question, sentence):
    with pytest.raises(SourceError, match=sentence):
        question()


@contextmanager
def answering(answers, certificate=None):
    """A web server that is no freetemp, or a strange one: path to (status, headers, body)."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers.get("Authorization")))
            status, headers, body = answers.get(self.path, (404, {}, b"<h1>no such page</h1>"))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *args):
            pass

    class Quiet(http.server.ThreadingHTTPServer):
        def handle_error(self, *args):
            pass  # A client that leaves at the handshake is what is tested.

    server = Quiet(("127.0.0.1", 0), Handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=[POLL_S])
    thread.start()
    try:
        scheme = "http" if certificate is None else "https"
        yield f"{scheme}://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


FACTS, IMAGE_FACTS = "/api/v1/flash/", "/api/v1/flash/image/"
OURS = {"/api/v1/stations/": (200, {}, b"[]")}

STRANGE = {
    "a web page": ({FACTS: (200, {}, b"<html>hello</html>")}, SourceError, "is not a freetemp server"),
    "another JSON": ({FACTS: (200, {}, b'{"hello": 1}')}, SourceError, "is not a freetemp server"),
    "a list": ({FACTS: (200, {}, b"[1]")}, SourceError, "is not a freetemp server"),
    "nothing there": ({}, SourceError, "is not a freetemp server"),
    "an old freetemp": (OURS, SourceError, "is too old to flash from elsewhere: update freetemp there"),
    "an error": ({FACTS: (500, {}, b"oh")}, NoAnswerError, r"failed \(status 500\): its log says why"),
    "a proxy": ({FACTS: (502, {}, b"oh")}, NoAnswerError, r"failed \(status 502\)"),
    "a login page": ({FACTS: (401, {}, b"oh")}, SourceError, "is not a freetemp server"),
    "what it takes for wrong": (
        {FACTS: (400, {}, b'{"mac": ["What?"]}')},
        SourceError,
        "does not understand this: .*What\\?.*Use the same version",
    ),
}


@pytest.mark.sqlite_only
@pytest.mark.parametrize("strange", STRANGE)
def test_what_is_not_the_server_it_should_be_is_told(strange):
    answers, error, sentence = STRANGE[strange]
    with answering(answers) as (url, _), pytest.raises(error, match=sentence) as told:
        RemoteSource(url, TOKEN).station()
    assert TOKEN not in str(told.value)


@pytest.mark.sqlite_only
def test_a_token_is_not_carried_to_where_a_redirect_points():
    with answering({FACTS: (200, {}, b"{}")}) as (there, asked):
        sentence = f"has moved: give --server {there} instead"
        with answering({FACTS: (301, {"Location": there + FACTS}, b"")}) as (url, _):
            refused(RemoteSource(url, TOKEN).station, sentence)
        assert asked == []


@pytest.mark.sqlite_only
def test_the_token_is_in_a_header_and_in_no_address_and_not_where_it_is_not_needed():
    with answering(OURS) as (url, asked):
        source = RemoteSource(url, TOKEN)
        for question in (source.station, source.bundle, source.image, lambda: source.has_reported(Bundle(1, {}))):
            with pytest.raises(SourceError):
                question()
    assert {path for path, header in asked if header} == {
        FACTS,
        IMAGE_FACTS,
        "/api/v1/flash/bundle/",
        "/api/v1/flash/reported/?key_id=1",
    }
    assert {header for path, header in asked if path == "/api/v1/stations/"} == {None}


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "image",
    [
        {"sha256": "../../../../manage.py", "size": 3},
        {"sha256": "0" * 64, "size": "many"},
        {"sha256": "0" * 64, "size": 3},
        {"sha256": "0" * 64, "size": 10**12},
        {"sha256": "é" * 64, "size": 3},
        {"size": 3},
    ],
)
def test_an_image_that_is_not_what_it_was_said_to_be_is_not_kept(image):
    forget_images_of_elsewhere()
    path = f"{IMAGE_FACTS}{'0' * 64}/"
    with answering({IMAGE_FACTS: (200, {}, json.dumps(image).encode()), path: (200, {}, b"abc")}) as (url, _):
        refused(RemoteSource(url, TOKEN).image, "did not arrive whole|not a freetemp server")
    assert not images_of_elsewhere()


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "files",
    [{"main.py": "not base64!"}, {"main.py": 7}, ["main.py"], None, {"../../etc/passwd": "YWJj"}, {"/x": "YWJj"}],
)
def test_files_that_are_none_are_refused(files):
    bundle = json.dumps({"key_id": 1, "files": files}).encode()
    with answering({"/api/v1/flash/bundle/": (200, {}, bundle)}) as (url, _):
        refused(RemoteSource(url, TOKEN).bundle, "is not a freetemp server")


@pytest.fixture
def certificate(tmp_path):
    """A certificate that this computer has no reason to trust, with its key, in a file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "freetemp.example")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.sqlite_only
def test_a_server_whose_certificate_nobody_vouches_for_is_told_nothing(certificate):
    with answering({}, certificate) as (url, asked):
        refused(RemoteSource(url, TOKEN).station, r"cannot prove that it is itself .*: nothing was sent to it")
    assert asked == []


@pytest.mark.sqlite_only
def test_plain_http_at_an_https_address_is_told():
    with answering({}) as (url, _), pytest.raises(SourceError, match="speaks no TLS there"):
        RemoteSource(url.replace("http:", "https:"), TOKEN).station()


@pytest.mark.sqlite_only
def test_nothing_that_listens_is_told():
    with pytest.raises(NoAnswerError, match=r"Nothing listens at http://127\.0\.0\.1:\d+: is the server running"):
        RemoteSource(f"http://127.0.0.1:{free_port()}", TOKEN).station()


@pytest.mark.sqlite_only
def test_a_name_that_leads_nowhere_is_told():
    with pytest.raises(NoAnswerError, match=r"There is no server freetemp\.invalid: check its spelling"):
        RemoteSource("https://freetemp.invalid", TOKEN).station()


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (b"", "did not answer within 1 s"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", "did not answer within 1 s"),
        (b"220 smtp.example ESMTP\r\n", "is not a freetemp server"),
    ],
    ids=["nothing", "half an answer", "another protocol"],
)
def test_a_server_that_hangs_or_babbles_is_told(sent, sentence):
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            connection, _ = listening.accept()
            with connection:
                connection.sendall(sent)
                connection.settimeout(10)
                while connection.recv(4096):
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(SourceError, match=sentence):
            RemoteSource(f"http://127.0.0.1:{listening.getsockname()[1]}", TOKEN, timeout_s=1).station()
        thread.join()


@pytest.mark.sqlite_only
@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"], ids=["at once", "midway"])
def test_a_server_that_breaks_off_may_be_asked_again(sent):
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            connection, _ = listening.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(sent)

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(NoAnswerError, match=r"cannot be reached .*: check the network, then run this again"):
            RemoteSource(f"http://127.0.0.1:{listening.getsockname()[1]}", TOKEN).station()
        thread.join()


@pytest.mark.sqlite_only
def test_an_image_that_cannot_be_kept_here_is_told(settings, tmp_path):
    (tmp_path / "var").write_text("a file")
    settings.VAR_DIR = tmp_path / "var"
    facts = json.dumps({"sha256": hashlib.sha256(IMAGE).hexdigest(), "size": len(IMAGE)}).encode()
    path = f"{IMAGE_FACTS}{hashlib.sha256(IMAGE).hexdigest()}/"
    with answering({IMAGE_FACTS: (200, {}, facts), path: (200, {}, IMAGE)}) as (url, _):
        refused(RemoteSource(url, TOKEN).image, "cannot be written .*: set VAR_DIR to a folder")


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("server", "token", "sentence"),
    [
        ("freetemp.example", TOKEN, "is no server address: give --server one like https"),
        ("https://freetemp.example/admin/", TOKEN, "is no server address"),
        ("http://freetemp.example", TOKEN, "in plain text: use https:// instead"),
        ("http://198.51.100.7:8000x", TOKEN, "is no server address"),
        ("https://freetemp.example", "", "That is no token"),
        ("https://freetemp.example", "two words", "That is no token"),
        ("https://freetemp.example", "a\r\nHost: b", "That is no token"),
        ("https://freetemp.example", "schlüssel", "That is no token"),
    ],
)
def test_what_cannot_be_right_is_refused_before_anything_is_sent(server, token, sentence):
    with pytest.raises(SourceError, match=sentence):
        RemoteSource(server, token)


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("server_url", "address"),
    [
        ("http://192.168.1.5:8000", "http://192.168.1.5:8000"),
        ("https://freetemp.example", "http://freetemp.example"),
    ],
)
def test_boards_report_to_the_server_in_plain_http(settings, server_url, address):
    settings.SERVER_URL = server_url
    assert board_address() == address


@pytest.mark.sqlite_only
def test_an_address_with_tls_goes_onto_no_board(settings):
    with pytest.raises(
        SourceError, match="https://x is https://, and boards speak plain HTTP: give the http:// address"
    ):
        board_address("https://x")
    settings.SERVER_URL = "https://freetemp.example:8443"
    with pytest.raises(SourceError, match="a port with TLS, and boards speak plain HTTP: give the http:// address"):
        board_address()


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("url", "reachable"),
    [
        ("http://192.168.1.5:8000", True),
        ("http://weather.lan", True),
        ("https://freetemp.example", True),
        ("http://weather", True),
        ("http://127.0.0.1:8000", False),
        ("http://127.1.2.3", False),
        ("http://0.0.0.0:8000", False),
        ("http://localhost", False),
        ("http://raspberrypi.local", False),
        ("http://[::1]:8000", False),
        ("http://[2001:db8::1]", False),
    ],
)
def test_which_addresses_an_esp8266_may_reach(url, reachable):
    assert is_reachable(url) == reachable
