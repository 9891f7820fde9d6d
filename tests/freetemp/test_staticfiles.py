"""Our scripts and styles are collected without their comments, and others' files unchanged."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from freetemp.bundles import COMMENTS
from freetemp.staticfiles import ModuleStorage

STATIC = Path(__file__).parent.parent.parent / "static"
SOURCES = sorted([*STATIC.glob("js/**/*.js"), *STATIC.glob("css/**/*.css")])

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def storage(tmp_path):
    return ModuleStorage(location=tmp_path, base_url="/static/")


def collected(storage, name, text):
    return (Path(storage.location) / storage.save(name, ContentFile(text.encode()))).read_text()


def test_lines_of_comment_are_left_out(storage):
    script = (
        "// Of a script.\nconst a = 1; // stays\n\n  /** Says\n   * more. */\n  const b = `${a}//`;\n  // The end.\n"
    )
    assert collected(storage, "js/a.js", script) == "const a = 1; // stays\n\n  const b = `${a}//`;\n"
    style = "/* Of a style. */\np { margin: 0 } /* stays */\n  /* Of\n     two lines. */\na { color: red }\n"
    assert collected(storage, "css/a.css", style) == "p { margin: 0 } /* stays */\na { color: red }\n"


@pytest.mark.parametrize("name", ["uplot/uPlot.js", "admin/js/core.js", "js/notes.txt"])
def test_others_files_are_stored_as_they_are(storage, name):
    licence = "// Somebody's, with a licence.\nconst a = 1;\n"
    assert collected(storage, name, licence) == licence


def test_what_pages_ask_for_is_compressed_once(storage):
    for name in ("js/a.js", "leaflet/b.js.map"):
        collected(storage, name, "const a = 1;\n" * 200)
    done = list(storage.post_process({name: (storage, name) for name in ("js/a.js", "leaflet/b.js.map")}))
    hashed = dict(each[:2] for each in done[:2])
    compressed = [path.name for path in Path(storage.location).rglob("*.gz")]
    assert compressed == [f"{Path(hashed['js/a.js']).name}.gz"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_line_of_a_text_is_taken_for_a_comment(path):
    source = path.read_text()
    for comment in COMMENTS[path.suffix].finditer(source):
        before = source[: comment.start()]
        assert before.count("`") % 2 == 0, comment[0]
        assert not before.endswith("\\\n"), comment[0]
