"""The contents of images are in the database: every node has them, and those of an earlier freetemp are taken in."""

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from firmware.management.commands.fetch_micropython import VERSION
from firmware.micropython.image_file import MAX_BYTES
from firmware.models import ImageFile, MicroPythonImage
from firmware.sources import SourceError
from firmware.sources.local import LocalSource
from tests.firmware.micropython.image import micropython_image
from tests.firmware.ready import IMAGE, add_image, lose

pytestmark = pytest.mark.django_db


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def test_a_list_of_images_reads_no_content(django_assert_num_queries, administering):
    add_image("1.27.0", b"\xe9 old")
    add_image()
    with django_assert_num_queries(1) as asked:
        assert [image.has_content for image in MicroPythonImage.objects.with_presence()] == [True, True]
    assert '"content"' not in asked[0]["sql"]


def test_a_program_that_reads_files_gets_a_copy_which_is_made_once(image_folder, station):
    image = add_image()
    assert files(image_folder) == {}
    path = LocalSource(station).image()
    assert files(image_folder) == {path.name: IMAGE}
    made_at = path.stat().st_mtime_ns
    assert image.copied().stat().st_mtime_ns == made_at


def test_a_copy_that_a_power_cut_has_cut_short_is_made_anew(image_folder):
    image = add_image()
    image.copied().write_bytes(IMAGE[:1000])
    assert image.copied().read_bytes() == IMAGE


def test_a_folder_that_takes_no_copy_is_told_in_a_sentence(settings, tmp_path, station):
    add_image()
    settings.VAR_DIR = tmp_path / "file"
    settings.VAR_DIR.write_text("")
    with pytest.raises(SourceError, match=r"cannot be written \(Not a directory\): make room, or set VAR_DIR"):
        LocalSource(station).image()


def test_files_of_an_earlier_freetemp_are_taken_in_when_the_server_is_prepared_and_stay(image_folder):
    image, other, lost = add_image(), add_image("1.27.0", b"\xe9 other"), add_image("1.26.0", b"\xe9 lost")
    image_folder.mkdir()
    image.copy_path.write_bytes(IMAGE)
    other.copy_path.write_bytes(b"something else")
    ImageFile.objects.all().delete()
    call_command("migrate", verbosity=0)
    present = [each.version for each in MicroPythonImage.objects.with_presence() if each.has_content]
    assert present == ["1.28.0"]
    assert image.content == IMAGE
    assert not lost.is_there
    assert files(image_folder).keys() == {image.copy_path.name, other.copy_path.name}


def test_content_that_a_second_node_has_left_is_taken_in_there(image_folder):
    image = add_image()
    lose(image)
    call_command("migrate", verbosity=0)
    assert not image.is_there
    image_folder.mkdir()
    image.copy_path.write_bytes(IMAGE)
    call_command("migrate", verbosity=0)
    assert image.is_there


def test_no_content_is_larger_than_an_image_can_be():
    with pytest.raises(ValueError, match="more than"):
        add_image(content=bytes(MAX_BYTES + 1))


def test_what_is_not_committed_leaves_no_content():
    with transaction.atomic():
        add_image()
        transaction.set_rollback(True)
    assert not ImageFile.objects.exists()


def test_a_fetch_too_many_is_refused_with_what_to_do(monkeypatch, image_folder):
    monkeypatch.setattr("firmware.models.image.MOST_IMAGES", 0)
    monkeypatch.setattr("firmware.management.commands.fetch_micropython.fetch_file", write_image)
    with pytest.raises(CommandError, match="delete one that no board needs"):
        call_command("fetch_micropython")


def write_image(url, part, **limits):
    content = micropython_image(VERSION)
    part.write_bytes(content)
    return len(content)
