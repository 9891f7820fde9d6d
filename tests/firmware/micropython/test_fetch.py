"""fetch_micropython against a local server that behaves and misbehaves like real networks and servers."""

import functools
import io
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.management import CommandError, call_command

from firmware.management.commands import fetch_micropython
from firmware.micropython import download
from firmware.models import MicroPythonImage
from tests.firmware.flash.flashing import esp8266_image
from tests.firmware.micropython.image import micropython_image
from tests.firmware.ready import lose
from tests.recorder import listening
from tests.server import free_port

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]

IMAGE = micropython_image(fetch_micropython.VERSION, size=300_000)
FILE = f"/ESP8266_GENERIC-{fetch_micropython.RELEASED}-v{fetch_micropython.VERSION}.bin"


class Site:
    """A download site. `answers` are its reactions to one request after another; the last one serves all others."""

    def __init__(self):
        self.answers, self.content, self.asked = ["whole"], IMAGE, []

    def handle(self, request):
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.asked.append((request.path, request.headers.get("Range")))
        getattr(self, answer)(request)

    def head(self, request, status, **headers):
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), str(value))
        request.end_headers()

    def whole(self, request, cut=None):
        """Send the requested bytes, the whole file or a piece, up to `cut` bytes into the file."""
        asked = request.headers.get("Range")
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        size = len(self.content)
        if start >= size and start:
            return self.head(request, 416, Content_Range=f"bytes */{size}")
        more = {"Content_Range": f"bytes {start}-{size - 1}/{size}"} if asked else {}
        self.head(request, 206 if asked else 200, Content_Length=size - start, **more)
        return request.wfile.write(self.content[start:cut])

    def cut_early(self, request):
        self.whole(request, cut=100_000)

    def cut_late(self, request):
        self.whole(request, cut=250_000)

    def cut_at_once(self, request):
        self.head(request, 200, Content_Length=len(self.content))

    def knows_no_pieces(self, request):
        self.head(request, 200, Content_Length=len(self.content))
        request.wfile.write(self.content)

    def another_piece(self, request):
        self.head(request, 206, Content_Length=10, Content_Range=f"bytes 5-14/{len(self.content)}")
        request.wfile.write(self.content[5:15])

    def no_length(self, request):
        self.head(request, 200)
        request.wfile.write(self.content)

    def no_length_cut(self, request):
        self.head(request, 200)
        request.wfile.write(self.content[:200_000])

    def not_found(self, request):
        request.send_error(404)

    def unavailable(self, request):
        request.send_error(503)

    def garbage(self, request):
        request.wfile.write(b"\x00\xff nonsense\r\n\r\n")

    def moved(self, request):
        self.head(request, 302, Location="/elsewhere.bin", Content_Length=0)

    def in_a_circle(self, request):
        self.head(request, 302, Location=request.path, Content_Length=0)

    def to_a_file(self, request):
        self.head(request, 302, Location="file:///etc/passwd", Content_Length=0)

    def to_ftp(self, request):
        self.head(request, 302, Location="ftp://127.0.0.1/x", Content_Length=0)

    def endless(self, request):
        self.head(request, 200)
        try:
            while True:
                request.wfile.write(b"\xe9" * 2**16)
        except OSError:
            pass  # The client has had enough.

    def huge(self, request):
        self.head(request, 200, Content_Length=2**40)


class Handler(BaseHTTPRequestHandler):
    def __init__(self, site, *args):
        self.site = site
        super().__init__(*args)

    def do_GET(self):
        self.close_connection = True
        self.site.handle(self)

    def log_message(self, *args):
        pass


@pytest.fixture
def site(image_folder, monkeypatch):
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, site))
    site.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(fetch_micropython, "SITE", site.url)
    monkeypatch.setattr(download, "PAUSE_S", 0)
    with listening(server):
        yield site


def fetch(**options):
    call_command("fetch_micropython", **options)
    return MicroPythonImage.objects.get()


def refusal(**options):
    with pytest.raises(CommandError) as error:
        call_command("fetch_micropython", **options)
    assert not MicroPythonImage.objects.exists()
    return str(error.value)


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_pinned_version_is_fetched_checked_and_kept(site, image_folder, capsys):
    image = fetch()
    assert image.content == IMAGE
    assert (image.board, image.version, image.origin) == ("ESP8266_GENERIC", fetch_micropython.VERSION, "fetched")
    assert files(image_folder) == [f"ESP8266_GENERIC-{fetch_micropython.VERSION}.bin"]
    assert site.asked == [(FILE, None)]
    assert image.sha256 in capsys.readouterr().out


def test_it_is_fetched_once(site, capsys):
    fetch()
    fetch()
    assert len(site.asked) == 1
    assert "is there already" in capsys.readouterr().out


def test_an_image_whose_file_is_gone_is_fetched_again(site):
    lose(fetch())
    assert fetch().content == IMAGE


def test_another_board_has_another_file(site):
    image = fetch(board="ESP8266_GENERIC-FLASH_1M")
    assert image.board == "ESP8266_GENERIC-FLASH_1M"
    assert site.asked[0][0].startswith("/ESP8266_GENERIC-FLASH_1M-2")


def test_a_given_address_brings_the_version_that_is_there(site):
    site.content = micropython_image("1.27.0")
    assert fetch(url=f"{site.url}/mine.bin").version == "1.27.0"
    assert site.asked == [("/mine.bin", None)]


def test_a_connection_that_is_cut_is_taken_up_where_it_ended(site):
    site.answers = ["cut_early", "cut_late", "whole"]
    assert fetch().content == IMAGE
    assert [piece for _, piece in site.asked] == [None, "bytes=100000-", "bytes=250000-"]


def test_the_bar_follows_over_a_cut_and_ends_with_the_whole(site, tmp_path):
    site.answers = ["cut_early", "whole"]
    shown = []
    length = download.fetch_file(
        f"{site.url}{FILE}", tmp_path / "x.part", max_bytes=2**20, max_s=60, progress=lambda *both: shown.append(both)
    )
    assert shown == sorted(shown)
    assert shown[-1] == (len(IMAGE), len(IMAGE)) == (length, length)


def test_what_one_run_left_the_next_run_goes_on_from(site):
    site.answers = ["cut_early"]
    assert "broke off 5 times (100000 of 300016 bytes): run this again, and it goes on from there" in refusal()
    site.answers, site.asked = ["whole"], []
    assert fetch().content == IMAGE
    assert site.asked == [(FILE, "bytes=100000-")]


def test_a_server_that_knows_no_pieces_sends_all_of_it_again(site):
    site.answers = ["cut_early", "knows_no_pieces"]
    assert fetch().content == IMAGE


def test_another_piece_than_was_asked_for_is_not_taken(site):
    site.answers = ["cut_early", "another_piece", "whole"]
    assert fetch().content == IMAGE
    assert site.asked[-1] == (FILE, None), "the download starts again"


@pytest.mark.parametrize("answer", ["unavailable", "garbage", "cut_at_once"])
def test_a_server_in_passing_trouble_is_asked_again(site, answer):
    site.answers = [answer, "whole"]
    assert fetch().content == IMAGE


@pytest.mark.parametrize("answer", ["unavailable", "garbage", "cut_at_once"])
def test_a_server_in_lasting_trouble_is_told_with_what_to_do(site, answer):
    site.answers = [answer]
    assert "broke off 5 times" in refusal()
    assert len(site.asked) == 5


def test_a_file_that_has_changed_on_the_server_is_fetched_again(site):
    site.answers = ["cut_late"]
    refusal()
    site.answers, site.content = ["whole"], micropython_image(fetch_micropython.VERSION, size=200_000)
    assert fetch().content == site.content


def test_two_halves_of_two_files_are_never_taken_for_one(site, image_folder):
    site.answers = ["cut_early"]
    refusal()
    site.answers = ["whole"]
    site.content = micropython_image(fetch_micropython.VERSION, size=300_000, salt=b"another build")
    assert "is damaged: its own checksum does not agree" in refusal()
    assert files(image_folder) == []
    assert fetch().content == site.content


def test_a_file_that_is_not_there_is_told_at_once(site):
    site.answers = ["not_found"]
    sentence = refusal()
    assert f"answered 404 Not Found for {site.url}{FILE}: give another address with --url." in sentence
    assert len(site.asked) == 1


def test_a_redirect_is_followed(site):
    site.answers = ["moved", "whole"]
    assert fetch().content == IMAGE
    assert site.asked[-1] == ("/elsewhere.bin", None)


@pytest.mark.parametrize(("answer", "reason"), [("to_a_file", "answered 302"), ("to_ftp", "which is not https")])
def test_a_redirect_to_what_is_no_web_address_is_not_followed(site, answer, reason):
    site.answers = [answer]
    assert reason in refusal()
    assert len(site.asked) == 1


def test_from_https_nobody_is_led_to_http():
    request = download.Request("https://micropython.org/x.bin")
    with pytest.raises(download.DownloadError, match=r"leads to http://example.org/x\.bin, which is not https"):
        download._SafeRedirects().redirect_request(request, io.BytesIO(), 302, "", None, "http://example.org/x.bin")


def test_redirects_in_a_circle_end(site):
    site.answers = ["in_a_circle"]
    assert "answered 302" in refusal()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<!doctype html>" * 1000, "does not begin with the byte 0xE9"),
        (esp8266_image(3000), "is an image, but not MicroPython"),
        (micropython_image("1.19.1"), "is MicroPython 1.19.1 and not"),
        (IMAGE[:200_000], "is not whole"),
        (b"", "does not begin with the byte 0xE9"),
    ],
)
def test_what_is_not_the_image_is_refused_and_not_kept(site, image_folder, content, reason):
    site.content = content
    assert f"The download from {site.url}{FILE} {reason}" in refusal()
    assert files(image_folder) == []


def test_without_a_length_the_image_s_own_checksum_tells_whether_it_is_whole(site, image_folder):
    site.answers = ["no_length_cut"]
    assert "is not whole" in refusal()
    assert files(image_folder) == []
    site.answers = ["no_length"]
    assert fetch().content == IMAGE


def test_without_a_length_and_a_checksum_it_is_not_taken_for_whole(site):
    version = f"MicroPython v{fetch_micropython.VERSION} on 2026-04-06".encode()
    site.content, site.answers = esp8266_image(3000) + version, ["no_length"]
    assert "may not be whole" in refusal()


@pytest.mark.parametrize("answer", ["endless", "huge"])
def test_a_file_without_an_end_is_not_waited_for(site, answer, image_folder):
    site.answers = [answer]
    assert "has more than 4194304 bytes: give another address with --url." in refusal()
    assert sum(path.stat().st_size for path in image_folder.iterdir()) < 5_000_000


def test_what_was_given_up_as_too_much_is_not_gone_on_from(site):
    site.answers = ["endless"]
    refusal()
    site.answers = ["whole"]
    assert fetch().content == IMAGE
    assert site.asked[-1] == (FILE, None)


def test_a_server_that_says_nothing_is_not_waited_for(site, monkeypatch):
    monkeypatch.setattr(download, "SILENCE_S", 0.05)
    stop = threading.Event()
    monkeypatch.setattr(site, "whole", lambda request: stop.wait(10))
    try:
        assert "broke off 5 times (timed out)" in refusal()
    finally:
        stop.set()


def test_a_server_that_is_too_slow_is_not_waited_for(site, monkeypatch):
    monkeypatch.setattr(fetch_micropython, "MAX_S", 0)
    assert "comes too slowly: run this again, and it goes on from there" in refusal()


def test_without_internet_it_says_so_and_what_else_can_be_done(image_folder):
    url = f"http://127.0.0.1:{free_port()}/x.bin"
    sentence = refusal(url=url)
    assert "cannot be reached ([Errno 111] Connection refused)" in sentence
    assert "check the connection" in sentence
    assert f"download {url} on another computer, and upload it in the admin under MicroPython images" in sentence


@pytest.mark.parametrize("url", ["x", "file:///etc/passwd", "ftp://127.0.0.1/x", "http://", "http:///x", "http://a b"])
def test_what_is_no_address_is_refused(image_folder, url):
    assert "is not the address of a file: give one that begins with https://" in refusal(url=url)


@pytest.mark.parametrize("board", ["", "../x", "a/b", "a b", "x" * 61])
def test_what_is_no_board_is_refused(board):
    assert "is not a board: MicroPython calls them like ESP8266_GENERIC." in refusal(board=board)


def test_a_full_disk_is_told(site, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(download.os, "fsync", full)
    assert "No space left on device. Once that is mended, run this again." in refusal()


def test_the_real_address_is_micropython_s_own_over_https():
    assert fetch_micropython.SITE == "https://micropython.org/resources/firmware"
