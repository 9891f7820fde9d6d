"""The admin has the colours of the pages, and follows its own switch between light and dark."""

import re

import pytest

from tests.pages.test_looks import colours
from tests.server import ROOT

# The pages' own names of colours, with those of Django's admin.
SAME = {
    "text": "body-fg",
    "muted": "body-quiet-color",
    "surface": "body-bg",
    "ground": "page-bg",
    "accent": "link-fg",
    "on-accent": "button-fg",
    "line": "hairline-color",
    "line-firm": "border-color",
    "bad": "error-fg",
}


@pytest.fixture(scope="module")
def pairs():
    theme = (ROOT / "static" / "css" / "admin-theme.css").read_text()
    found = re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\);", theme)
    return {name: {"light": light, "dark": dark} for name, light, dark in found}


@pytest.mark.parametrize("name", SAME)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_colour_of_the_admin_is_that_of_the_pages(pairs, name, scheme):
    assert pairs[SAME[name]][scheme] == colours()[scheme][name]


@pytest.mark.browser
@pytest.mark.sqlite_only
def test_the_admin_s_switch_overrules_what_the_computer_prefers(staff, pairs):
    page = staff(color_scheme="light")
    ground = "getComputedStyle(document.querySelector('#header')).backgroundColor"
    shown = []
    for _ in range(3):  # auto, which here is light, then light and dark
        page.evaluate("document.getAnimations().forEach((each) => each.finish())")
        shown.append(page.evaluate(ground))
        page.get_by_role("button", name="theme").click()
    light, dark = (tuple(rgb(pairs["header-bg"][scheme])) for scheme in ("light", "dark"))
    assert set(shown) == {f"rgb{light}", f"rgb{dark}"}


def rgb(colour):
    digits = colour.lstrip("#")
    digits = "".join(2 * each for each in digits) if len(digits) == 3 else digits
    return [int(digits[i : i + 2], 16) for i in (0, 2, 4)]
