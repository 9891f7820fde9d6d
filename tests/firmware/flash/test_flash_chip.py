"""The size that goes into an image's header: MicroPython and a station's files fit into the flash, or it is refused."""

import pytest

from firmware.build.build import build
from firmware.flash.errors import (
    FlashSizeError,
    FlashTooSmallError,
    NoRoomForFilesError,
    UnknownFlashError,
    WrongImageError,
)
from firmware.flash.flash_chip import MIN_FILES_BYTES, described, size_for
from firmware.sensors.catalogue import SENSORS
from tests.firmware.build.test_recipe import carrying
from tests.firmware.micropython.image import micropython_image

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def image(tmp_path):
    """Return a function that writes MicroPython as it is built for a size."""

    def image(built_for="ESP module"):
        path = tmp_path / "image.bin"
        path.write_bytes(micropython_image(built_for=built_for))
        return path

    return image


def size(path, detected, named=None):
    return size_for(path, port="COM4", detected=detected, named=named)


@pytest.mark.parametrize(
    ("detected", "named", "right"),
    [
        ("4MB", None, "4MB"),
        ("2MB", None, "2MB"),
        ("8MB", None, "4MB"),
        ("16MB", None, "4MB"),
        ("256MB", None, "4MB"),
        (None, "4MB", "4MB"),
        (None, "2MB", "2MB"),
        ("4MB", "2MB", "2MB"),
        ("16MB", "4MB", "4MB"),
        ("16MB", "2MB", "2MB"),
    ],
)
def test_the_detected_size_is_written_up_to_4_mb_or_a_smaller_one_that_was_named(image, detected, named, right):
    assert size(image(), detected, named) == right


@pytest.mark.parametrize(
    ("detected", "named", "error"),
    [
        (None, None, UnknownFlashError),
        ("2MB", "4MB", FlashSizeError),
        ("1MB", "2MB", FlashSizeError),
        ("512KB", None, FlashTooSmallError),
        ("256KB", "1MB", FlashTooSmallError),
        ("1MB", None, NoRoomForFilesError),
        ("4MB", "1MB", NoRoomForFilesError),
        (None, "1MB", NoRoomForFilesError),
    ],
)
def test_a_size_that_is_unknown_or_not_there_or_too_small_is_refused(image, detected, named, error):
    with pytest.raises(error):
        size(image(), detected, named)


def test_the_image_for_1_mb_has_room_on_each_size(image):
    path = image("ESP module (1M)")
    assert [size(path, each) for each in ("1MB", "2MB", "4MB", "16MB")] == ["1MB", "2MB", "4MB", "4MB"]


def test_a_file_that_is_no_image_or_not_there_has_no_size(tmp_path):
    for name, content in (("page.bin", b"<html>"), ("none.bin", None)):
        if content:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(WrongImageError):
            size(tmp_path / name, "4MB")


@pytest.mark.parametrize("sensor", SENSORS)
def test_the_room_that_is_asked_for_holds_a_station_and_a_segment_of_its_outbox(sensor):
    """In blocks of LittleFS: two for each of 4 folders, 16 for a segment, and 16 that the outbox leaves free."""
    files = build(carrying(sensor))
    blocks = sum(-(-len(content) // 4096) for content in files.values()) + 2 * 4 + 16 + 16
    assert blocks * 4096 <= MIN_FILES_BYTES


@pytest.mark.parametrize(
    ("detected", "said"),
    [
        ("4MB", "4MB of flash"),
        ("512KB", "512KB of flash"),
        ("16MB", "16MB of flash, of which 4MB are used"),
        (None, "flash of unknown size"),
    ],
)
def test_a_size_is_described_with_the_part_that_is_used(detected, said):
    assert described(detected) == said
