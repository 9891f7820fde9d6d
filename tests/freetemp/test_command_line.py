"""Paths in the commands that messages advise."""

import os
import shlex
from pathlib import Path

import pytest

from freetemp.command_line import quoted

pytestmark = pytest.mark.sqlite_only


@pytest.mark.parametrize("name", ["plain", "my C# folder", "it's", "$HOME", "a;b", "Ähre & Co"])
def test_a_shell_reads_a_quoted_path_as_one_word(name):
    assert shlex.split(quoted(Path("/srv", name))) == [f"/srv/{name}"]


def test_a_path_that_begins_with_a_dash_becomes_a_whole_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert quoted(Path("-x")) == str(tmp_path / "-x")


def test_windows_has_quotes_of_its_own(monkeypatch):
    path = Path("C:\\my folder")
    monkeypatch.setattr(os, "name", "nt")
    assert quoted(path) == '"C:\\my folder"'
