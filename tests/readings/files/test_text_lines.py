"""The lines of files that are long, cut off, in other encodings, or no text at all."""

import io
import os

import pytest

from readings.files import text_lines
from readings.files.text_lines import TextLines


def read(content, encoding=""):
    with TextLines(io.BufferedReader(io.BytesIO(content)), lambda count: None, encoding) as lines:
        return list(lines), lines


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_mark_at_the_start_names_the_encoding_and_is_no_part_of_the_text(encoding, end):
    text = f"a,é{end}1,2{end}"
    found, lines = read(text.encode(encoding))
    assert found == [f"a,é{end}", f"1,2{end}"]
    assert lines.is_whole


def test_what_is_not_in_the_encoding_becomes_a_sign_that_no_value_has():
    assert read(b"a,\xff\xfe\n1,2\n")[0] == ["a,\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}\n", "1,2\n"]
    assert read(b"a,\xe9\n", "cp1252")[0] == ["a,é\n"]
    with pytest.raises(LookupError):
        read(b"a", "klingon")


@pytest.mark.parametrize(("content", "is_whole"), [(b"", True), (b"a\n", True), (b"a\n1", False), (b"a\r1", False)])
def test_a_last_line_without_its_end_is_noticed(content, is_whole):
    assert read(content)[1].is_whole == is_whole


def test_a_line_without_end_is_shortened_and_the_next_one_is_whole(monkeypatch):
    monkeypatch.setattr(text_lines, "MOST_CHARACTERS", 10)
    found, lines = read(b"\0" * 35 + b"\n1,2\n" + b"x" * 10)
    assert found == ["\0" * 10, "1,2\n", "x" * 10]
    assert not lines.is_whole


def test_bytes_are_counted_to_the_last(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"1234567\n" * 5_000)
    steps = []
    with path.open("rb") as raw, TextLines(raw, steps.append) as lines:
        assert sum(1 for _ in lines) == 5_000
    assert sum(steps) == 40_000
    assert len(steps) == 6


def test_a_pipe_is_read_too():
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as end:
        end.write(b"a\n1\n")
    with os.fdopen(reading, "rb") as raw, TextLines(raw, pytest.fail) as lines:
        assert list(lines) == ["a\n", "1\n"]
