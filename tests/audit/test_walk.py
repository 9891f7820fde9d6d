"""No deed is added without its event: code that writes is read, and all forms and actions of the admin are used."""

import ast
from html.parser import HTMLParser
from itertools import count
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.utils import timezone

from alerts.models import Channel, Recipient, Rule
from audit.audited import Audited
from audit.models import Event
from firmware.models import StationNetwork, WiFiNetwork
from readings.calendar.span import Span
from readings.models import MqttDevice, RefusedReport
from readings.models.set_aside import State
from readings.treatment import add_sensor, set_aside
from stations.models import Station
from tests.audit.written import NO_DEEDS, writers
from tests.imports import APPS
from tests.test_docs import COMMANDS
from uploads.models import Upload

ROOT = Path(__file__).parents[2]
ON_SQLITE = pytest.mark.sqlite_only

# Tables of what boards send, of what follows from it, of the server's own work, and of Django. All others are audited.
NOT_AUDITED = {
    *("audit", "admin", "contenttypes", "sessions", "outages", "freetemp"),
    *("readings.reading", "readings.quarter", "readings.day", "readings.directionquarter", "readings.directionday"),
    *("readings.boot", "readings.boardstate", "readings.checked", "readings.pending", "readings.mqttsession"),
    *("readings.directionreading", "readings.storedahead", "stations.zonerules"),
    *("alerts.incident", "alerts.notice", "alerts.delivery", "alerts.letter", "alerts.picture", "alerts.watch"),
    *("alerts.rhythm", "alerts.servertrouble", "firmware.flashuse"),
}
# What the server itself writes into rows that people change.
OWN_COLUMNS = {"edition", "newest_at", "newest_value", "last_login", "last_heard_at", "next_at", "failures", "again"}


@ON_SQLITE
def test_code_that_writes_rows_writes_an_event_or_is_known_to_do_no_deed():
    found = {name for app in APPS for name in writers(ROOT / app)}
    assert sorted(found - set(NO_DEEDS)) == []


@ON_SQLITE
def test_what_is_known_to_do_no_deed_is_still_there():
    found = {name for app in APPS for name in writers(ROOT / app, with_events=True)}
    assert sorted(set(NO_DEEDS) - found) == []


@ON_SQLITE
def test_a_new_function_that_writes_is_found(tmp_path):
    (tmp_path / "views.py").write_text("def hide(station):\n    Station.objects.filter(pk=1).update(public=False)\n")
    assert [name.rpartition("::")[2] for name in writers(tmp_path)] == ["hide"]


@ON_SQLITE
def test_every_page_of_the_admin_writes_deeds():
    ours = {model: of for model, of in admin.site._registry.items() if model is not Event}
    assert [model.__name__ for model, of in ours.items() if not isinstance(of, Audited)] == []
    overridden = ("log_addition", "log_change", "log_deletions")
    classes = {each for of in ours.values() for each in type(of).__mro__}
    own = {each.__name__ for each in classes if any(name in vars(each) for name in overridden)}
    assert own == {"Audited", "ModelAdmin", "AuditedByItself"}


# Commands that do no deed. The others are in tests/audit/test_commands.py.
NO_DEED = {
    *("backup", "build_station", "check", "copy_to_postgresql", "follow_quantities", "follow_zone_rules"),
    *(
        "listen_mqtt",
        "mosquitto_users",
        "propose_set_aside",
        "rebuild_rollups",
        "report_demo",
        "send_uploads",
        "version",
    ),
}
BY_OTHER_TESTS = {"flash_station", "simulate_station", "restore", "fetch_micropython", "watch"}
BY_OTHER_TESTS |= {"reset_second_factor", "unlock_login"}


@ON_SQLITE
def test_every_command_is_known_to_do_deeds_or_none():
    text = (ROOT / "tests" / "audit" / "test_commands.py").read_text()
    done = {name for name in COMMANDS if f'"{name}"' in text}
    assert set(COMMANDS) - NO_DEED - BY_OTHER_TESTS == done


class Inputs(HTMLParser):
    """What a browser would send of a page's forms: names and values."""

    def __init__(self, html):
        super().__init__()
        self.values, self._select, self._area = {}, None, None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        name, kind = given.get("name"), given.get("type", "text")
        if tag == "input" and name and kind not in ("submit", "button", "file", "search"):
            if kind not in ("checkbox", "radio") or "checked" in given:
                self.values.setdefault(name, []).append(given.get("value", "on" if kind == "checkbox" else ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self.values.setdefault(self._select, []).append(given.get("value", ""))
        elif tag == "textarea" and name:
            self._area = name
            self.values[name] = [""]

    def handle_data(self, data):
        if self._area:
            self.values[self._area][0] += data.removeprefix("\n")

    def handle_endtag(self, tag):
        self._select = None if tag == "select" else self._select
        self._area = None if tag == "textarea" else self._area


def audited_tables():
    models = [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]
    return [m for m in models if not {m._meta.app_label, m._meta.label_lower} & NOT_AUDITED and m._meta.managed]


def snapshot():
    """Return all rows of the audited tables, without what the server itself writes there."""
    return {
        model._meta.label: [
            {name: value for name, value in row.items() if name not in OWN_COLUMNS}
            for row in model._base_manager.order_by("pk").values()
        ]
        for model in audited_tables()
    }


@pytest.fixture
def rows(station, key):
    """A row of every model that the admin has, and more of stations."""
    at = timezone.now()
    network = WiFiNetwork.objects.create(ssid="Roof")
    StationNetwork.objects.create(station=station, network=network)
    recipient = Recipient.objects.create(name="Anna", created_at=at)
    channel = Channel(recipient=recipient, name="mail")
    channel.set_address("anna@school.example", "mail")
    channel.save()
    upload = Upload(station=station, network="wunderground", identity="IBERLIN1", interval_s=300)
    upload.set_secret("secret-of-upload")
    upload.save()
    Rule.objects.create(kind="above", field=station.fields.get(), limit=1)
    set_aside(station, 1, Span(1_000, 2_000), "other", "otto", state=State.PROPOSED)
    add_sensor(station, 1, Span(1_000, 2_000), "BME280", "otto", state=State.PROPOSED)
    MqttDevice.objects.create(identity="aa", kind="tasmota", name="Plug", announced_at=at)
    RefusedReport.objects.create(
        reason="unknown_mac", mac="6c:ef:7f:3b:9d:e9", network="::1", count=1, first_at=at, last_at=at
    )
    User.objects.create_user("otto", is_staff=True)
    Station.objects.create(name="Roof", active=False)


def deeds_are_written(before, events):
    """Check that whatever changed since a snapshot has an event."""
    after = snapshot()
    changed = [table for table in after if after[table] != before[table]]
    assert not changed or Event.objects.count() > events, changed
    return changed


def forms():
    return [model for model in admin.site._registry if model is not Event]


@pytest.mark.django_db
def test_every_form_of_the_admin_writes_what_it_changes(admin_client, rows):
    touched = set()
    admin_client.post("/account/confirm/", {"password": "password"})
    for model in forms():
        for row in others(model._default_manager.order_by("pk")):
            url = f"/admin/{model._meta.app_label}/{model._meta.model_name}/{row.pk}/change/"
            page = admin_client.get(url)
            if page.status_code != 200 or not page.context.get("has_change_permission"):
                continue
            values = Inputs(page.content.decode()).values
            values.pop("csrfmiddlewaretoken", None)
            for name in changeable(page.context["adminform"].form, values):
                before, events = snapshot(), Event.objects.count()
                changed = changed_value(page.context["adminform"].form, name, values)
                answer = admin_client.post(url, {**values, **changed, "_save": "Save"})
                assert answer.status_code in (200, 302), (url, name)
                if deeds_are_written(before, events):
                    touched.add(model.__name__)
    assert touched >= {"Station", "WiFiNetwork", "Recipient", "Rule", "Upload", "User", "Group"}


def others(rows):
    """Return rows without the administrator who asks, and without rules that stay."""
    return [row for row in rows if str(row) != "admin" and not (isinstance(row, Rule) and row.field is None)]


def changeable(form, values):
    return [name for name in form.fields if name in values or form.fields[name].__class__.__name__ == "BooleanField"]


def changed_value(form, name, values):
    if form.fields[name].__class__.__name__ == "BooleanField":
        return {name: [] if name in values else ["on"]}
    return {name: [f"{values[name][0]}{next(NUMBERS)}"]}


NUMBERS = count(1)


@pytest.mark.django_db
def test_a_form_that_is_saved_without_a_change_is_no_deed(admin_client, rows, station):
    url = f"/admin/stations/station/{station.pk}/change/"
    values = Inputs(admin_client.get(url).content.decode()).values
    events = Event.objects.count()
    assert admin_client.post(url, {**values, "_save": "Save"}).status_code == 302
    assert Event.objects.count() == events


@pytest.mark.django_db
def test_every_action_of_the_admin_writes_what_it_changes(admin_client, rows):
    touched = set()
    admin_client.post("/account/confirm/", {"password": "password"})
    for model in forms():
        url = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        page = admin_client.get(url)
        listed = page.context.get("cl")
        chosen = (
            [name for name, _ in page.context["action_form"].fields["action"].choices if name]
            if (page.context.get("action_form"))
            else []
        )
        for action in chosen:
            numbers = [row.pk for row in others(listed.queryset)]
            before, events = snapshot(), Event.objects.count()
            answer = admin_client.post(url, {"action": action, "_selected_action": numbers, "post": "yes"})
            assert answer.status_code in (200, 302, 403), (model, action)
            if deeds_are_written(before, events):
                touched.add((model.__name__, action))
    assert touched >= {
        *(("Station", "activate"), ("Station", "deactivate")),
        *(("Recipient", "delete_selected"), ("Upload", "delete_selected"), ("User", "delete_selected")),
        *(("SetAside", "accept_proposals"), ("RefusedReport", "forget"), ("MqttDevice", "delete_selected")),
    }


@ON_SQLITE
def test_every_deed_is_in_the_documentation():
    page = (ROOT / "docs" / "audit.md").read_text()
    literals = {
        node.args[0].value
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in ("record", "record_each", "write_down")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert len(literals) > 20
    assert sorted(deed for deed in literals if f"`{deed}`" not in page) == []
