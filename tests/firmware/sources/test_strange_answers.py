"""RemoteSource with another kind of server in place of a freetemp server, or with no answer."""

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

from firmware.sources import Bundle, NoAnswerError, RemoteSource, SourceError
from tests.firmware.ready import IMAGE, forget_images_of_elsewhere, images_of_elsewhere
from tests.recorder import listening
from tests.server import free_port

TOKEN = "no-token-that-any-server-knows"

pytestmark = pytest.mark.sqlite_only


def refused(question, sentence):
    with pytest.raises(SourceError, match=sentence):
        question()


@contextmanager
def answering(answers, certificate=None):
    """A web server that is not a freetemp server, or a strange one: path to (status, headers, body)."""
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
            pass  # The tested client leaves at the handshake.

    server = Quiet(("127.0.0.1", 0), Handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "http" if certificate is None else "https"
    with listening(server):
        yield f"{scheme}://127.0.0.1:{server.server_port}", asked


FACTS, IMAGE_FACTS, BUNDLE = "/api/v1/flash/", "/api/v1/flash/image/", "/api/v1/flash/bundle/"
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


@pytest.mark.parametrize("strange", STRANGE)
def test_what_is_not_the_server_it_should_be_is_told(strange):
    answers, error, sentence = STRANGE[strange]
    with answering(answers) as (url, _), pytest.raises(error, match=sentence) as told:
        RemoteSource(url, TOKEN).station()
    assert TOKEN not in str(told.value)


def test_a_token_is_not_carried_to_where_a_redirect_points():
    with answering({FACTS: (200, {}, b"{}")}) as (there, asked):
        sentence = f"has moved: give --server {there} instead"
        with answering({FACTS: (301, {"Location": there + FACTS}, b"")}) as (url, _):
            refused(RemoteSource(url, TOKEN).station, sentence)
        assert asked == []


def test_the_token_is_in_a_header_and_in_no_address_and_not_where_it_is_not_needed():
    with answering(OURS) as (url, asked):
        source = RemoteSource(url, TOKEN)
        for question in (source.station, source.bundle, source.image, lambda: source.has_reported(Bundle(1, {}))):
            with pytest.raises(SourceError):
                question()
    assert {path for path, header in asked if header} == {
        FACTS,
        IMAGE_FACTS,
        BUNDLE,
        "/api/v1/flash/reported/?key_id=1",
    }
    assert {header for path, header in asked if path == "/api/v1/stations/"} == {None}


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


@pytest.mark.parametrize(
    "files",
    [{"main.py": "not base64!"}, {"main.py": 7}, ["main.py"], None, {"../../etc/passwd": "YWJj"}, {"/x": "YWJj"}],
)
def test_files_that_are_none_are_refused(files):
    bundle = json.dumps({"key_id": 1, "files": files}).encode()
    with answering({BUNDLE: (200, {}, bundle)}) as (url, _):
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


def test_a_server_whose_certificate_nobody_vouches_for_is_told_nothing(certificate):
    with answering({}, certificate) as (url, asked):
        refused(RemoteSource(url, TOKEN).station, r"cannot prove that it is itself .*: nothing was sent to it")
    assert asked == []


def test_plain_http_at_an_https_address_is_told():
    with answering({}) as (url, _), pytest.raises(SourceError, match="speaks no TLS there"):
        RemoteSource(url.replace("http:", "https:"), TOKEN).station()


def test_nothing_that_listens_is_told():
    with pytest.raises(NoAnswerError, match=r"Nothing listens at http://127\.0\.0\.1:\d+: is the server running"):
        RemoteSource(f"http://127.0.0.1:{free_port()}", TOKEN).station()


def test_a_name_that_leads_nowhere_is_told():
    with pytest.raises(NoAnswerError, match=r"There is no server freetemp\.invalid: check its spelling"):
        RemoteSource("https://freetemp.invalid", TOKEN).station()


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


def test_an_image_that_cannot_be_kept_here_is_told(settings, tmp_path):
    (tmp_path / "var").write_text("a file")
    settings.VAR_DIR = tmp_path / "var"
    facts = json.dumps({"sha256": hashlib.sha256(IMAGE).hexdigest(), "size": len(IMAGE)}).encode()
    path = f"{IMAGE_FACTS}{hashlib.sha256(IMAGE).hexdigest()}/"
    with answering({IMAGE_FACTS: (200, {}, facts), path: (200, {}, IMAGE)}) as (url, _):
        refused(RemoteSource(url, TOKEN).image, "cannot be written .*: set VAR_DIR to a folder")


@pytest.mark.parametrize(
    ("server", "token", "sentence"),
    [
        ("freetemp.example", TOKEN, "is not a server address: give --server one like https"),
        ("https://freetemp.example/admin/", TOKEN, "is not a server address"),
        ("http://freetemp.example", TOKEN, "in plain text: use https:// instead"),
        ("http://198.51.100.7:8000x", TOKEN, "is not a server address"),
        ("https://freetemp.example", "", "That is not a token"),
        ("https://freetemp.example", "two words", "That is not a token"),
        ("https://freetemp.example", "a\r\nHost: b", "That is not a token"),
        ("https://freetemp.example", "schlüssel", "That is not a token"),
    ],
)
def test_what_cannot_be_right_is_refused_before_anything_is_sent(server, token, sentence):
    with pytest.raises(SourceError, match=sentence):
        RemoteSource(server, token)
