"""A body that an address does not take is refused before a byte of it is read. The real servers: test_board_views."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.test.client import FakePayload

from freetemp.http.bodies import BOARD_BYTES, FORM_BYTES, STAFF_FORM_BYTES, UPLOAD_BYTES, most_bytes
from tests.conftest import client_of

IMAGES = "/admin/firmware/micropythonimage/add/"

pytestmark = pytest.mark.django_db


class Unread(FakePayload):
    """A body of which nobody may read a byte."""

    def read(self, size=None):
        raise AssertionError("it was read")


def send(size, path="/", browser=None, **headers):
    kind = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": str(size), **headers}
    return (browser or Client()).generic("POST", path, **kind, **{"wsgi.input": Unread(b"x")})


@pytest.fixture
def staff():
    return client_of(User.objects.create_superuser("admin"))


@pytest.mark.parametrize(
    ("path", "everybody", "staff"),
    [
        ("/", 0, 0),
        ("/stations/1/", 0, 0),
        ("/api/v1/stations/", 0, 0),
        ("/api/v1/schema/", 0, 0),
        ("/nowhere/", 0, 0),
        ("/admin/login/", FORM_BYTES, STAFF_FORM_BYTES),
        ("/admin/stations/station/1/change/", FORM_BYTES, STAFF_FORM_BYTES),
        (IMAGES, FORM_BYTES, UPLOAD_BYTES),
        ("/api/v1/flash/bundle/", FORM_BYTES, FORM_BYTES),
        ("/api/v1/readings/", BOARD_BYTES, BOARD_BYTES),
        ("/update/x", BOARD_BYTES, BOARD_BYTES),
    ],
)
def test_how_much_an_address_takes(path, everybody, staff):
    assert (most_bytes(path), most_bytes(path, is_staff=True)) == (everybody, staff)


@pytest.mark.parametrize("path", ["/", "/stations/1/readings.csv", "/nowhere/"])
def test_a_page_takes_no_byte(path):
    answer = send(1, path)
    assert answer.status_code == 413
    assert "More was sent than this address takes" in answer.content.decode()


def test_it_says_so_in_the_language_of_the_browser_and_to_programs_as_json():
    assert "mehr gesendet" in send(1, HTTP_ACCEPT_LANGUAGE="de").content.decode()
    assert send(1, "/api/v1/stations/").json() == {"detail": "More was sent than this address takes."}


def test_only_staff_upload_files_and_no_larger_ones_than_there_are(staff):
    assert send(FORM_BYTES + 1, IMAGES).status_code == 413
    assert send(FORM_BYTES + 1, IMAGES, client_of(User.objects.create_user("visitor"))).status_code == 413
    assert send(UPLOAD_BYTES + 1, IMAGES, staff).status_code == 413
    with pytest.raises(AssertionError, match="it was read"):
        send(UPLOAD_BYTES, IMAGES, staff)


def test_an_upload_waits_while_the_disk_has_only_its_reserve(staff, settings):
    settings.DISK_RESERVE_MB = 10**12
    answer = send(UPLOAD_BYTES, IMAGES, staff)
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert "uploads wait until there is room" in answer.content.decode()
    with pytest.raises(AssertionError, match="it was read"):
        send(FORM_BYTES, "/admin/login/")


def test_a_body_in_chunks_needs_a_length():
    answer = send("", "/admin/login/", HTTP_TRANSFER_ENCODING="chunked")
    assert answer.status_code == 411
    assert "does not say how long it is" in answer.content.decode()


@pytest.mark.parametrize("length", ["", "0", "-1", "many"])
def test_no_body_is_none_too_large(client, length):
    assert client.generic("POST", "/", CONTENT_LENGTH=length).status_code == 405
