"""A file that gets its name only when a power cut would not take its content any more."""

import os

import pytest

from freetemp.backups.durable_file import written_beside


def test_a_name_stands_for_content_that_is_on_the_disk_and_is_forced_there_itself(tmp_path, monkeypatch):
    path, forced = tmp_path / "backup", []
    fsync = os.fsync

    def watched(handle):
        forced.append((os.fstat(handle).st_ino, path.exists()))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", watched)
    with written_beside(path) as beside:
        beside.write_text("everything")
    assert forced == [(path.stat().st_ino, False), (tmp_path.stat().st_ino, True)]


def write_half(path):
    with written_beside(path) as beside:
        beside.write_text("half of today's")
        raise KeyboardInterrupt


def test_an_interruption_leaves_what_had_the_name_and_nothing_else(tmp_path):
    path = tmp_path / "backup"
    path.write_text("yesterday's")
    with pytest.raises(KeyboardInterrupt):
        write_half(path)
    assert [each.read_text() for each in tmp_path.iterdir()] == ["yesterday's"]
