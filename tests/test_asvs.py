"""The page about ASVS has each requirement once, and whatever it names is there."""

import re

import pytest
from django.conf import settings

from tests.test_docs import ROOT, SETTINGS

pytestmark = pytest.mark.sqlite_only

# The requirements of levels 1 and 2 of version 5.0.0, by their numbers: how many each section has, which begin at 1.
SECTIONS = """
    1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1 4.3:2 4.4:4
    5.1:1 5.2:3 5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2
    8.1:2 8.2:3 8.3:1 8.4:1 9.1:3 9.2:4 10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2 10.7:3 11.1:2 11.2:3 11.3:3 11.4:4
    11.5:1 11.6:1 12.1:3 12.2:2 12.3:4 13.1:1 13.2:5 13.3:2 13.4:5 14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7
    16.1:1 16.2:5 16.3:4 16.4:3 16.5:3 17.1:1 17.2:4 17.3:2
"""
VERDICTS = ("met", "not met", "does not apply")
PAGE = (ROOT / "docs" / "asvs.md").read_text()
INVENTORY = (ROOT / "docs" / "inventory.md").read_text()
ROWS = re.findall(r"^\| ([\d.]+) \| (.+?) \| (.+?) \| (.+) \|$", PAGE, re.MULTILINE)
NAMED = re.findall(r"`([^`]+)`", PAGE + INVENTORY)


def test_each_requirement_is_there_once_in_its_order():
    sections = (each.split(":") for each in SECTIONS.split())
    expected = [f"{section}.{number}" for section, count in sections for number in range(1, int(count) + 1)]
    assert [number for number, *_ in ROWS] == expected
    assert len(expected) == 253


def test_each_has_a_verdict_and_the_sums_are_right():
    verdicts = [verdict for _, _, verdict, _ in ROWS]
    assert set(verdicts) == set(VERDICTS)
    met, not_met, others = (verdicts.count(each) for each in VERDICTS)
    assert f"**{met} of the 253 are met, {not_met} are not, and {others} do not apply.**" in PAGE


def test_each_test_that_is_named_is_there():
    tests = [name.split("::") for name in NAMED if "::" in name]
    assert len(tests) > 70
    texts = {path: (ROOT / path).read_text() for path, _ in tests}
    assert [test for path, test in tests if not re.search(rf"^def {test}\(", texts[path], re.MULTILINE)] == []


def test_each_file_that_is_named_is_there():
    paths = [
        name
        for name in NAMED
        if re.fullmatch(r"[\w.-]+(/[\w.-]+)*/([\w.-]+)?|[\w/.-]+\.(py|js|json|txt|conf|service)", name)
    ]
    assert len(paths) > 50
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_each_setting_that_is_named_is_one():
    names = {name for name in NAMED if re.fullmatch(r"[A-Z]+(_[A-Z]+)*", name)} - {"TRACE"}
    assert {name for name in names if name not in SETTINGS and not hasattr(settings, name)} == set()
