"""Passkeys, codes and recovery codes in a real Chromium with a virtual key, under the shipped CSP."""

import shutil

import pytest
from playwright.sync_api import expect

from tests.accounts.conftest import PASSWORD, code
from tests.pages.conftest import data_in, empty_server, run
from tests.pages.moving import follow
from tests.server import Server

pytestmark = [pytest.mark.sqlite_only, pytest.mark.browser]

MAKE = f"""
from django.contrib.auth.models import User
for name in ("admin", "bob", "carla", "dora"):
    User.objects.create_superuser(name, password="{PASSWORD}")
"""
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def port_of(tmp_path_factory):
    """Start the shipped server, and return its port. It knows itself by a name, as passkeys want it."""
    folder = tmp_path_factory.mktemp("passkeys")
    var = folder / "var"
    shutil.copytree(empty_server(tmp_path_factory), var)
    run("manage.py", "shell", "-c", MAKE, **data_in(var))
    own = data_in(var) | {"ALLOWED_HOSTS": "freetemp.local"}
    server = Server(folder / "server.log", **own)
    server.environment["SERVER_URL"] = f"http://localhost:{server.port}"
    with server:
        yield server.port


@pytest.fixture
def browse(browser, port_of):
    """Open a page of a browser of its own, which tells of everything that goes wrong in it."""
    opened = []

    def browse(host="localhost", **options):
        context = browser.new_context(base_url=f"http://{host}:{port_of}", **options)
        page = context.new_page()
        page.wrong = []
        page.on("console", lambda message: page.wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        opened.append(context)
        return page

    yield browse
    for context in opened:
        context.close()


def give_key(page, **other):
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": KEY | other})
    return session, made["authenticatorId"]


def log_in(page, name, there="/admin/"):
    page.goto(there)
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    follow(page.get_by_role("button", name="Log in", exact=True))


def log_out(page):
    page.goto("/account/")
    follow(page.get_by_role("main").get_by_role("button", name="Log out"))


def confirm(page):
    page.get_by_label("Password").fill(PASSWORD)
    follow(page.get_by_role("button", name="Go on"))


def add_key(page):
    page.goto("/account/second-factor/")
    follow(page.get_by_role("link", name="Add a passkey"))
    if "/confirm/" in page.url:
        confirm(page)
    page.get_by_role("button", name="Add it").click()


def test_a_passkey_is_added_brings_recovery_codes_and_logs_in_alone_and_as_second_step(browse):
    page = browse()
    give_key(page)
    log_in(page, "admin")
    add_key(page)
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    log_out(page)
    page.goto("/admin/auth/user/")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_role("heading", name="Users", exact=True)).to_be_visible()
    log_out(page)
    log_in(page, "admin")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.locator("#site-name")).to_be_visible()
    log_out(page)
    log_in(page, "admin")
    page.get_by_label("Code").fill(codes[0])
    follow(page.get_by_role("button", name="Log in", exact=True))
    expect(page.locator("#site-name")).to_be_visible()
    page.goto("/account/second-factor/")
    page.get_by_role("link", name="Remove", exact=True).click()
    page.get_by_role("link", name="Use a passkey").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_role("link", name="Add a passkey")).to_be_visible()
    assert page.wrong == []


def test_what_fails_is_a_sentence_and_not_a_line_of_the_console(browse):
    page = browse()
    session, key = give_key(page, isUserVerified=False)
    log_in(page, "bob")
    add_key(page)
    expect(page.get_by_text("No passkey came: it was refused")).to_be_visible()
    session.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": True})
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto("/account/second-factor/passkeys/add/")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("This device or key is added already.")).to_be_visible()
    log_out(page)
    session.send("WebAuthn.clearCredentials", {"authenticatorId": key})
    page.goto("/account/login/")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_text("No passkey came: it was refused")).to_be_visible()
    assert page.wrong == []


def test_an_app_is_added_by_its_picture_and_its_code_logs_in_in_german_on_a_telephone(browse):
    page = browse(locale="de-DE", viewport={"width": 390, "height": 844})
    page.goto("/account/login/")
    page.get_by_label("Benutzername").fill("carla")
    page.get_by_label("Passwort").fill(PASSWORD)
    follow(page.get_by_role("button", name="Anmelden", exact=True))
    page.goto("/account/second-factor/app/add/")
    page.get_by_label("Passwort").fill(PASSWORD)
    follow(page.get_by_role("button", name="Weiter"))
    assert page.locator("img.qr").evaluate("picture => picture.naturalWidth") > 0, "the policy lets it be shown"
    secret = page.locator(".secret").text_content()
    page.get_by_label("Code").fill(code(secret))
    page.get_by_role("button", name="Die App hinzufügen").click()
    expect(page.get_by_role("heading", name="Wiederherstellungscodes")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto("/account/")
    follow(page.get_by_role("main").get_by_role("button", name="Abmelden"))
    page.goto("/account/login/")
    page.get_by_label("Benutzername").fill("carla")
    page.get_by_label("Passwort").fill(PASSWORD)
    follow(page.get_by_role("button", name="Anmelden", exact=True))
    expect(page.get_by_role("heading", name="Jetzt der zweite Faktor")).to_be_visible()
    page.get_by_label("Code").fill(code(secret, 1))
    follow(page.get_by_role("button", name="Anmelden", exact=True))
    expect(page.locator("#site-name")).to_be_visible()
    assert page.wrong == []


def test_an_address_of_numbers_offers_no_passkeys_and_leads_to_the_name_of_this_computer(browse, port_of):
    page = browse("127.0.0.1")
    log_in(page, "dora", "/account/second-factor/")
    expect(page.get_by_role("link", name=f"http://localhost:{port_of}")).to_be_visible()
    expect(page.get_by_role("link", name="Add an app")).to_be_visible()
    expect(page.get_by_role("link", name="Add a passkey")).to_have_count(0)
