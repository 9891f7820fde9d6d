"""docs/architecture.md and docs/decisions match the code: its floors, and the places of its functions."""

import re
from pathlib import Path

import pytest

from tests.test_style import FLOORS

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text()
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[!R]*.md"))
ROOM = re.compile(r"^\| (\d) \| `(\w+/?)` \| \S.*\|$", re.MULTILINE)
FILE = re.compile(r"`([\w./-]+/[\w.-]+\.\w+)`")
FUNCTION = re.compile(r"`(?:\w+\.)*(\w+)\(\)`")

pytestmark = pytest.mark.sqlite_only


def section(heading):
    """Return the text under a heading, up to the next one of its level."""
    level = heading.partition(" ")[0]
    return re.search(rf"^{re.escape(heading)}.*?(?=^#{{1,{len(level)}}} |\Z)", PAGE, re.MULTILINE | re.DOTALL)[0]


@pytest.mark.parametrize("app", FLOORS)
def test_each_room_is_on_its_floor(app):
    listed = [set() for _ in FLOORS[app]]
    for floor, room in ROOM.findall(section(f"### `{app}`")):
        assert (ROOT / app / room).is_dir() == room.endswith("/"), room
        listed[int(floor) - 1].add(room.rstrip("/"))
    assert listed == FLOORS[app]


def answers():
    rows = [line for line in section("## Where is a behaviour?").splitlines() if line.startswith("| ")]
    return [row for row in rows if FUNCTION.search(row)]


def test_each_function_that_is_looked_up_is_in_a_file_of_its_row():
    assert len(answers()) > 15
    for row in answers():
        code = "\n".join((ROOT / path).read_text() for path in FILE.findall(row))
        missing = [name for name in FUNCTION.findall(row) if not re.search(rf"(def |^  ){name}\(", code, re.MULTILINE)]
        assert not missing, row


@pytest.mark.parametrize("heading", ["## The way of a report", "## The way of a series", "## The way of a flash"])
def test_a_way_has_ten_steps(heading):
    assert re.findall(r"^(\d+)\. ", section(heading), re.MULTILINE) == [str(step) for step in range(1, 11)]


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_has_its_four_parts_and_is_in_the_index(page):
    parts = re.findall(r"^## (.+)$", page.read_text(), re.MULTILINE)
    assert parts == ["Context", "Decision", "Consequences", "What was tried"]
    assert f"]({page.name})" in page.with_name("README.md").read_text()
