"""A phone's browser from the link to the message on its screen: a real Chromium, server, watch and service worker.

Chromium without the internet has no push service, and the one of the tests has no notifications. So its page gets a
permission, and a subscription that the test made; the worker gets what a push service on this machine was sent, by
Chromium's own tool for developers of workers; and what the worker shows is noted.
"""

import json
import shutil
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.alerts.push_service import PhoneBrowser, push_service
from tests.freetemp.test_encryption import new_key
from tests.pages.conftest import data_in, empty_server
from tests.pages.viewer import PHONE, screenshot
from tests.server import ROOT, Server

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

INVITE = """
from django.utils import timezone
from alerts.models import Invitation, PushKey, Recipient
now = timezone.now()
PushKey.objects.make(now)
for name in ("Anna", "Berta"):
    print(Invitation.objects.make(Recipient.objects.create(name=name, created_at=now, language="de"), now))
"""
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1"
SUBSCRIBE = "PushManager.prototype.subscribe = () => Promise.resolve({ toJSON: () => (%s) });"
ALLOWED = """
Object.defineProperty(Notification, "permission", { get: () => "granted" });
Notification.requestPermission = async () => "granted";
"""
REFUSES = "PushManager.prototype.subscribe = () => Promise.reject(new DOMException('no room'));"
NEVER = "PushManager.prototype.subscribe = () => new Promise(() => {});"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    var = tmp_path_factory.mktemp("phone") / "var"
    shutil.copytree(empty_server(tmp_path_factory), var)
    own = data_in(var) | {"ENCRYPTION_KEYS": new_key(), "MAIL_FROM": "weather@school.example"}
    with Server(var / "server.log", **own) as server:
        yield server


def manage(server, *command, **environment):
    command = [sys.executable, "manage.py", *command]
    return subprocess.check_output(command, cwd=ROOT, env=server.environment | environment, text=True)


@pytest.fixture(scope="module")
def links(server):
    """The links of two people. The first one is used."""
    return [f"/alerts/phone/{token}/" for token in manage(server, "shell", "-v0", "-c", INVITE).split()]


@pytest.fixture
def link(links):
    return links[1]


@pytest.fixture
def open_at(browser, server, complaints):
    """Open a link as a phone does, after a script."""
    contexts = []

    def open_at(link, script=ALLOWED, **own):
        context = browser.new_context(base_url=server.url, **PHONE | own)
        contexts.append(context)
        context.add_init_script(script)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(link)
        return page

    yield open_at
    for context in contexts:
        context.close()


@pytest.fixture
def complaints():
    complaints = []
    yield complaints
    assert complaints == []


def deliver(page, text):
    """Hand a text to the page's worker as a push service does, and return what it shows then."""
    (worker,) = page.context.service_workers
    note = "() => { globalThis.shown = []; registration.showNotification = async (...what) => { shown.push(what); }; }"
    worker.evaluate(note)
    tool = page.context.new_cdp_session(page)
    found = []
    tool.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    tool.send("ServiceWorker.enable")
    while not found:
        page.wait_for_timeout(20)
    told = {"origin": page.url.partition("/alerts")[0], "registrationId": found[0]["registrationId"], "data": text}
    tool.send("ServiceWorker.deliverPushMessage", told)
    while not (shown := worker.evaluate("shown")):
        page.wait_for_timeout(20)
    return shown


def touch(page, shown):
    """Touch a message, and return the page that the worker opens."""
    (worker,) = page.context.service_workers
    return worker.evaluate(
        """({ data }) => new Promise((resolve) => {
            clients.openWindow = async (url) => resolve(url);
            const notification = { data, close() {} };
            dispatchEvent(Object.assign(new Event("notificationclick"), { notification, waitUntil() {} }));
        })""",
        shown,
    )


def test_a_message_comes_to_the_phone_that_opened_the_link(server, links, open_at, tmp_path):
    phone = PhoneBrowser()
    subscription = phone.subscription()
    keys = {"endpoint": subscription.pop("endpoint"), "keys": subscription}
    page = open_at(links[0], ALLOWED + SUBSCRIBE % json.dumps(keys))
    screenshot(page, "phone-asked")
    page.get_by_role("button", name="Nachrichten hier bekommen").click()
    expect(page.get_by_text("Eine Probenachricht ist unterwegs")).to_be_visible()
    screenshot(page, "phone-done")
    with push_service(tmp_path) as service:
        manage(server, "watch", "--once", **service.environment)
    ((_, _, body),) = service.requests
    ((title, shown),) = deliver(page, json.dumps(phone.read(body)))
    assert title == "Eine Probenachricht von freetemp"
    assert shown["body"].startswith("Sie ist angekommen.")
    assert (shown["lang"], shown["renotify"], len(shown["tag"])) == ("de", True, 32)
    assert touch(page, shown) == f"{server.url}/"
    ((title, shown),) = deliver(page, "no JSON")
    assert title == "freetemp", "it has to show something"
    assert touch(page, {"data": {}}) == f"{server.url}/"


@pytest.mark.parametrize(
    ("script", "own", "sentence"),
    [
        ("", {}, "Benachrichtigungen dieser Seite sind in diesem Browser blockiert"),
        ("delete window.PushManager;", {}, "Dieser Browser kann keine Nachrichten annehmen"),
        ("delete window.PushManager;", {"user_agent": IPHONE}, "Zum Home-Bildschirm"),
        ("Object.defineProperty(window, 'isSecureContext', { value: false });", {}, "ohne HTTPS geöffnet"),
    ],
    ids=["blocked", "unable", "iphone", "without-tls"],
)
def test_what_is_in_the_way_is_a_sentence_in_place_of_the_button(link, open_at, script, own, sentence):
    page = open_at(link, script, **own)
    expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.get_by_role("button", name="Nachrichten hier bekommen")).to_be_hidden()


def test_a_push_service_that_never_answers_is_a_sentence_after_ten_seconds(link, open_at):
    page = open_at(link, ALLOWED + NEVER)
    page.clock.install()
    page.get_by_role("button", name="Nachrichten hier bekommen").click()
    expect(page.get_by_text("Warten auf den Push-Dienst")).to_be_visible()
    page.clock.fast_forward(10_000)
    expect(page.get_by_text("zehn Sekunden lang nicht geantwortet")).to_be_visible()
    expect(page.get_by_role("button", name="Nachrichten hier bekommen")).to_be_enabled()


def test_a_browser_that_refuses_says_why(link, open_at):
    page = open_at(link, ALLOWED + REFUSES)
    page.get_by_role("button", name="Nachrichten hier bekommen").click()
    expect(page.get_by_text("Er sagt: no room")).to_be_visible()
