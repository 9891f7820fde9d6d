"""A login by the provider in a real Chromium, under the shipped policy: to another origin, and back."""

import shutil

import pytest
from playwright.sync_api import expect

from tests.pages.conftest import data_in, empty_server, run
from tests.server import Server

pytestmark = [pytest.mark.sqlite_only, pytest.mark.browser]

NAME = "Hill School"
MAKE = """
from accounts.models import SignOnRule
SignOnRule.objects.create(provider_group="office", is_staff=True)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory, provider_program):
    """The shipped server, which has the provider at another origin than its own."""
    folder = tmp_path_factory.mktemp("sign-on")
    var = folder / "var"
    shutil.copytree(empty_server(tmp_path_factory), var)
    own = data_in(var) | {
        "OIDC_ISSUER": provider_program.url,
        "OIDC_CLIENT_ID": "freetemp",
        "OIDC_CLIENT_SECRET": "not guessed",
        "OIDC_NAME": NAME,
    }
    run("manage.py", "shell", "-c", MAKE, **own)
    with Server(folder / "server.log", **own) as server:
        yield server


def is_of(server, message):
    """Tell whether a page of the server went wrong. The provider's own want a style sheet of another site."""
    return message.type == "error" and message.location["url"].startswith(server.url)


def test_a_click_leads_there_and_back_in_english_and_a_refusal_is_a_sentence_in_german_on_a_telephone(
    browser, server, provider_program
):
    provider_program.person("berta", ["choir"])
    provider_program.person("anna", ["office"])
    context = browser.new_context(base_url=server.url)
    page = context.new_page()
    wrong = []
    page.on("console", lambda message: wrong.append(message.text) if is_of(server, message) else None)
    page.goto("/admin/")
    page.get_by_role("button", name=f"Log in with {NAME}").click()
    page.get_by_placeholder("sub").fill("anna")
    page.get_by_role("button", name="Authorize").click()
    expect(page.locator("#site-name")).to_be_visible()
    page.goto("/account/sso/")
    expect(page.get_by_text("It is the only way into this account")).to_be_visible()
    assert wrong == [], "form-action would be a line of the console"
    context.close()
    context = browser.new_context(base_url=server.url, locale="de-DE", viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto("/account/login/")
    page.get_by_role("button", name=f"Mit {NAME} anmelden").click()
    page.get_by_placeholder("sub").fill("berta")
    page.get_by_role("button", name="Authorize").click()
    expect(page.get_by_text(f"Keine Ihrer Gruppen bei {NAME} hat Zugang")).to_be_visible()
    expect(page.get_by_text("choir")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
