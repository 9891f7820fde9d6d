"""A process knows when the code on disk is another one than it runs, and the overview says so."""

import os
import shutil
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from freetemp import running_code as module
from freetemp.overview.report import Overview
from freetemp.running_code import RunningCode
from outages import running
from outages.models import ServerRun

ROOT = Path(module.__file__).parent.parent


@pytest.fixture
def code(tmp_path):
    """A copy of some code, and what runs it."""
    shutil.copytree(ROOT / "outages", tmp_path / "outages", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "templates" / "outages", tmp_path / "templates" / "outages")
    return RunningCode(tmp_path), tmp_path


@pytest.mark.parametrize("change", ["a file changes", "a file comes", "a file goes", "a template changes"])
def test_code_that_changes_is_noticed(code, change):
    running, root = code
    running.remember()
    assert not running.is_changed()
    (root / "outages" / "__pycache__").mkdir()
    assert not running.is_changed()
    path = root / ("templates/outages/station.html" if change == "a template changes" else "outages/words.py")
    if change == "a file goes":
        path.unlink()
    elif change == "a file comes":
        (root / "outages" / "more.py").touch()
    else:
        path.write_text(path.read_text() + "\n")
    assert running.is_changed()


def test_a_file_of_the_same_length_with_another_time_is_noticed(code):
    running, root = code
    running.remember()
    os.utime(root / "outages" / "words.py", (1, 1))
    assert running.is_changed()


def test_a_command_that_remembers_nothing_says_nothing(code):
    assert not code[0].is_changed()


def named(at, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)
    concerns = Overview.of(User.objects.get_or_create(username="admin", is_superuser=True, is_staff=True)[0]).concerns
    return [each.title for each in concerns if each.kind == "restart"]


def test_a_process_of_the_server_that_runs_old_code_is_named_until_it_was_restarted(sky, code, monkeypatch):
    known, root = code
    known.remember()
    monkeypatch.setattr(running, "running_code", known)
    monkeypatch.setattr("django.utils.timezone.now", lambda: sky.at(0))
    running.note_running()
    assert named(sky.at(0), monkeypatch) == []
    (root / "outages" / "words.py").unlink()
    running.note_running()
    assert named(sky.at(1), monkeypatch) == ["The program on disk is not the one that runs"]
    monkeypatch.setattr(running, "running_code", RunningCode(root))  # Another process tells it by the record.
    assert len(named(sky.at(4), monkeypatch)) == 1
    assert named(sky.at(7), monkeypatch) == []
    assert ServerRun.objects.get().until_at == sky.at(0)
