"""The style in a page itself is that of our files, and follows them."""

import os
from base64 import b64encode
from hashlib import sha256

import pytest

from freetemp import first_style
from freetemp.first_style import FirstStyle

pytestmark = pytest.mark.sqlite_only


def test_its_source_is_the_digest_of_its_text():
    text, source = FirstStyle.of("css/base.css", "css/station.css")
    assert source == f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
    assert text.index("--ground") < text.index(".sketch")
    assert "</" not in text, "it would end the element"
    assert "url(" not in text, "an address is beside a file, and the text is in a page"


def test_a_file_that_has_changed_is_read_again(tmp_path, monkeypatch):
    style = tmp_path / "own.css"
    monkeypatch.setattr(first_style, "_path", lambda name: style)
    style.write_text("/* Ours. */\np {\n  margin: 0;\n}\n")
    before = FirstStyle.of("css/own.css")
    assert before.text == "p {\nmargin: 0;\n}\n"
    style.write_text("p { margin: 1px; }\n")
    os.utime(style, (1, 1))
    after = FirstStyle.of("css/own.css")
    assert (before.source != after.source, after.text) == (True, "p { margin: 1px; }\n")
