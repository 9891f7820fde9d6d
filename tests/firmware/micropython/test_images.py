"""MicroPython images: recognizing them, uploading them in the admin, and choosing one for a board."""

import hashlib
import html
import struct
import subprocess
import sys

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from firmware.micropython.image_file import MAX_BYTES, ImageError, inspect
from firmware.models import ImageFile, MicroPythonImage
from tests.firmware.flash.flashing import esp8266_image
from tests.firmware.micropython.image import micropython_image
from tests.firmware.ready import add_image, lose

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("image_folder")]

URL = "/admin/firmware/micropythonimage/"


def test_an_image_says_its_version_and_carries_its_own_checksum():
    image = micropython_image("1.28.0")
    facts = inspect(image)
    assert (facts.version, facts.size, facts.has_own_md5) == ("1.28.0", len(image), True)
    assert facts.sha256 == hashlib.sha256(image).hexdigest()


@pytest.mark.parametrize("version", ["1.28", "1.29.0-preview.12.gabcdef0", "1.9.4"])
def test_versions_as_micropython_writes_them_are_read(version):
    assert inspect(micropython_image(version)).version == version


def test_another_program_for_the_chip_is_an_image_without_a_version():
    facts = inspect(esp8266_image(3000))
    assert (facts.version, facts.has_own_md5) == ("", False)


def test_flash_size_and_mode_in_the_header_may_differ_as_esptool_sets_them():
    image = bytearray(micropython_image())
    image[2:4] = b"\x02\x20"
    assert inspect(bytes(image)).has_own_md5


@pytest.mark.parametrize(("built_for", "files_at"), [("ESP module", 0x100000), ("ESP module (1M)", 0x99000)])
def test_the_name_of_a_build_tells_where_its_files_begin(built_for, files_at):
    """MicroPython's boards/esp8266_2MiB.ld and esp8266_1MiB.ld, and modules/flashbdev.py."""
    assert inspect(micropython_image(built_for=built_for)).files_at == files_at


def test_another_program_s_files_are_taken_to_begin_where_micropython_s_usually_do():
    assert inspect(esp8266_image(3000)).files_at == 0x100000


def test_a_build_without_a_file_system_is_no_image_for_a_station():
    with pytest.raises(ImageError, match="is made for 512 KB of flash, and keeps no files"):
        inspect(micropython_image(built_for="ESP module (512K)"))


@pytest.mark.parametrize("at", [5_000, 0x9000, 50_000, -1])
def test_one_changed_byte_anywhere_is_damage(at):
    image = bytearray(micropython_image())
    image[at] ^= 1
    with pytest.raises(ImageError, match="is damaged"):
        inspect(bytes(image))


@pytest.mark.parametrize("end", [0x9000, 40_000, -16, -1])
def test_a_file_that_ends_early_is_not_whole(end):
    with pytest.raises(ImageError, match="is not whole: it has"):
        inspect(micropython_image()[:end])


def with_segments(count, *lengths):
    """Return the 2 kB of a made-up image: a right header, and segments of these lengths as far as they go."""
    head = bytes([0xE9, count, 2, 0x20]) + struct.pack("<I", 0x40100000)
    body = b"".join(struct.pack("<II", 0x40100000, n) + bytes(min(n, 2048)) for n in lengths)
    return (head + body).ljust(2048, b"\0")[:2048]


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (with_segments(255), "it says that it has 255 segments, and 1 to 16 can be"),
        (with_segments(0), "it says that it has 0 segments"),
        (with_segments(1, 2**32 - 1), "is not whole: its segment 1 of 1 ends behind its 2048 bytes"),
        (with_segments(3, 100, 200, 1800), "is not whole: its segment 3 of 3 ends behind"),
        (with_segments(2, 100, 200), "is damaged: the checksum of its segments does not agree"),
    ],
)
def test_an_image_that_the_chip_could_not_load_is_refused(image, reason):
    with pytest.raises(ImageError, match=reason):
        inspect(image)


@pytest.mark.parametrize("end", [1024, 2000, 3000, -1])
def test_another_program_s_file_that_ends_early_is_not_whole(end):
    with pytest.raises(ImageError, match="is not whole"):
        inspect(esp8266_image(3000)[:end])


@pytest.mark.parametrize("at", [20, 1500, -1])
def test_one_changed_byte_of_another_program_is_damage(at):
    image = bytearray(esp8266_image(3000))
    image[at] ^= 4
    with pytest.raises(ImageError, match="is damaged"):
        inspect(bytes(image))


@pytest.mark.parametrize("size", [2996, 3000, 3004, 3008])
def test_esptool_finds_the_same_images_whole(tmp_path, size):
    image = esp8266_image(size)
    inspect(image)
    (tmp_path / "image.bin").write_bytes(image)
    command = [sys.executable, "-m", "esptool", "image-info", str(tmp_path / "image.bin")]
    assert "(valid)" in subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "does not begin with the byte 0xE9"),
        (b"<!doctype html>" * 1000, "does not begin with the byte 0xE9"),
        (b"\xe9", "has 1 bytes"),
        (b"\xe9" + bytes(MAX_BYTES), "has 4194305 bytes"),
        (b"\xe9\x04\x02\x20\x40\x11\x08\x40" + bytes(5000), "is an image for another chip than the ESP8266"),
    ],
)
def test_what_is_no_image_for_the_chip_is_refused(content, reason):
    with pytest.raises(ImageError, match=reason):
        inspect(content)


def test_the_highest_version_is_taken_and_not_the_last_to_come():
    versions = ["1.9.4", "1.28.0", "1.20.0", "1.28.0-preview.7"]
    for number, version in enumerate(versions):
        add_image(version, b"\xe9 %d" % number)
    newest = MicroPythonImage.objects.newest()
    assert newest is not None
    assert newest.version.startswith("1.28.0")
    assert MicroPythonImage.objects.newest("ESP32_GENERIC") is None
    assert MicroPythonImage.objects.taken() == [newest.pk]


def test_of_two_images_of_a_version_the_last_to_come_is_taken_for_each_board():
    for number, board in enumerate(["ESP8266_GENERIC", "OTHER", "ESP8266_GENERIC", "OTHER"]):
        MicroPythonImage.objects.filter(pk=add_image("1.28.0", b"\xe9 %d" % number).pk).update(board=board)
    pks = list(MicroPythonImage.objects.order_by("pk").values_list("pk", flat=True))
    newest = MicroPythonImage.objects.newest()
    assert newest is not None
    assert newest.pk == pks[2]
    assert sorted(MicroPythonImage.objects.taken()) == pks[2:]


def test_versions_are_compared_number_by_number_and_a_preview_as_its_release():
    versions = ["1.9", "1.9.4", "1.20.0", "1.20.0-preview.99.gdeadbee", "1.20.1", "2.0"]
    keys = [MicroPythonImage(version=version).version_key for version in versions]
    assert keys == [(1, 9), (1, 9, 4), (1, 20, 0), (1, 20, 0), (1, 20, 1), (2, 0)]
    assert keys == sorted(keys)


def upload(client, content=None, **changed):
    content = micropython_image() if content is None else content
    file = SimpleUploadedFile("firmware (1).bin", content)
    return client.post(f"{URL}add/", {"file": file, "board": "ESP8266_GENERIC", "version": ""} | changed)


def errors(response):
    assert response.status_code == 200, "the form comes back with its sentences"
    return html.unescape(str(response.context["errors"]))


def test_an_administrator_uploads_an_image_that_says_what_it_is(administering):
    assert upload(administering).status_code == 302
    image = MicroPythonImage.objects.get()
    assert (image.version, image.origin, image.size) == ("1.28.0", "uploaded", len(micropython_image()))
    assert image.content == micropython_image()
    assert image.sha256 == hashlib.sha256(micropython_image()).hexdigest()


def test_the_version_is_asked_for_where_the_image_does_not_say_it(administering):
    assert "does not say which version" in errors(upload(administering, esp8266_image()))
    assert upload(administering, esp8266_image(), version="v1.27.1").status_code == 302
    assert MicroPythonImage.objects.get().version == "1.27.1"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<!doctype html>" * 1000, "choose the .bin file of MicroPython for the ESP8266"),
        (micropython_image()[:-1], "The file is not whole"),
        (b"\xe9" + bytes(MAX_BYTES), "larger than an ESP8266's 4.0\xa0MB"),
        (b"", "The submitted file is empty."),
    ],
)
def test_what_is_no_image_is_refused_with_a_sentence_and_leaves_no_file(administering, image_folder, content, sentence):
    assert sentence in errors(upload(administering, content))
    assert not MicroPythonImage.objects.exists()
    assert not list(image_folder.rglob("*"))


def test_the_same_image_twice_is_refused(administering):
    upload(administering)
    assert "This image is there already: ESP8266_GENERIC 1.28.0." in errors(upload(administering))


def test_the_page_of_an_image_tells_its_whole_sum_and_changes_its_board_alone(administering):
    upload(administering)
    image = MicroPythonImage.objects.get()
    url = f"{URL}{image.pk}/change/"
    assert image.sha256 in administering.get(url).content.decode()
    assert administering.post(url, {"board": "OTHER", "version": "1.28.1"}).status_code == 302
    image.refresh_from_db()
    assert (image.board, image.version) == ("OTHER", "1.28.1")


@pytest.mark.parametrize("way", ["page", "action"])
def test_a_deleted_image_takes_its_content_and_its_copy_with_it(
    administering, way, image_folder, django_capture_on_commit_callbacks
):
    upload(administering)
    image = MicroPythonImage.objects.get()
    copy = image.copied()
    with django_capture_on_commit_callbacks(execute=True):
        if way == "page":
            administering.post(f"{URL}{image.pk}/delete/", {"post": "yes"})
        else:
            chosen = {"action": "delete_selected", "_selected_action": [image.pk], "post": "yes"}
            administering.post(URL, chosen)
        assert copy.exists(), "until it is certain that the row is gone"
    assert not MicroPythonImage.objects.exists()
    assert not ImageFile.objects.exists()
    assert not copy.exists()


def test_the_list_says_which_is_taken_and_which_has_lost_its_file(administering):
    add_image("1.27.0", b"\xe9 old")
    add_image("1.28.0", b"\xe9 new")
    lose(add_image("1.26.0", b"\xe9 lost"))
    page = administering.get(URL).content.decode()
    assert page.count("taken for this board") == 1
    assert page.count("its file is gone") == 1


def test_the_list_asks_as_much_for_thirty_images_as_for_one(administering, django_assert_num_queries):
    for n in range(30):
        add_image(f"1.{n}.0", b"\xe9 %d" % n)
    administering.get(URL)
    # Session, user, the boards to filter by, which are taken (Django asks twice), two counts, the images.
    with django_assert_num_queries(8):
        administering.get(URL)


def test_keepers_see_images_and_bring_none_in(keeping):
    add_image()
    assert keeping.get(URL).status_code == 200
    assert keeping.get(f"{URL}add/").status_code == 403


def test_there_are_no_more_than_the_database_shall_keep(administering, monkeypatch):
    monkeypatch.setattr("firmware.admin.images.MOST_IMAGES", 1)
    add_image()
    assert "delete one that no board needs" in errors(upload(administering))
