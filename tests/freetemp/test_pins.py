"""A package is installed only if it is the one that was chosen, byte for byte."""

import json
import re

import pytest

from tests.server import ROOT

LISTS = sorted((ROOT / "requirements").glob("*.txt"))


def test_the_lists_are_found():
    assert {"base", "dev", "npm", "postgresql"} <= {each.stem for each in LISTS}


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_every_package_is_pinned_with_its_hash(path):
    packages = [
        each for each in re.split(r"^(?=\S)", path.read_text(), flags=re.MULTILINE) if each[:1] not in ("#", "")
    ]
    assert packages
    assert [each for each in packages if "==" not in each or "--hash=sha256:" not in each] == []


def test_every_package_for_browsers_has_its_hash():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    packages.pop("")  # freetemp itself
    assert packages
    assert [name for name, each in packages.items() if not each["integrity"].startswith("sha512-")] == []
