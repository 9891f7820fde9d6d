"""The admin's pages: who is told, of what, and what was told."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from alerts.models import Channel, Recipient, Rule, Watch
from freetemp.fields import from_millis, to_millis
from freetemp.overview.report import Overview
from readings.calendar.span import QUARTER_MS
from readings.models import Quarter
from readings.models.summary import Total
from stations.units import Units
from tests.alerts.conftest import MINUTE, NOON, make_recipient, make_station
from tests.alerts.quarters import have
from tests.conftest import client_of

ADD = "/admin/alerts/recipient/add/"


@pytest.fixture
def admin(db):
    return User.objects.create_superuser("admin")


@pytest.fixture
def administering(admin):
    return client_of(admin)


def form(*addresses, **own):
    channels = {
        f"channels-{n}-{name}": value
        for n, address in enumerate(addresses)
        for name, value in (("address", address), ("active", "on"))
    }
    management = {"channels-TOTAL_FORMS": len(addresses), "channels-INITIAL_FORMS": 0}
    return (
        {
            "name": "Anna",
            "every_station": "on",
            "language": "en-gb",
            "timezone": "berlin",
            "active": "on",
            "letter_hour": "7",
        }
        | management
        | channels
        | own
    )


def test_a_recipient_is_added_and_the_address_is_never_shown_again(administering):
    units = {f"units_{name}": unit for name, unit in Units("degF", "hPa", "km/h", "mm")._asdict().items()}
    response = administering.post(ADD, form("carla@lab.example", **units), follow=True)
    assert "was added successfully" in response.content.decode()
    recipient = Recipient.objects.get()
    assert recipient.timezone == "Europe/Berlin"
    assert recipient.units == "degF:hPa:km/h:mm"
    assert Channel.objects.get().address() == "carla@lab.example"
    page = administering.get(f"/admin/alerts/recipient/{recipient.pk}/change/").content.decode()
    assert "kept; type another to replace it" in page
    assert "carla@lab" not in page
    history = administering.get(f"/admin/alerts/recipient/{recipient.pk}/history/").content.decode()
    assert "carla@lab" not in history


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (form("dbus://"), "freetemp sends nothing to dbus://"),
        (form("nonsense"), "Give a mail address like"),
        (form("a@b.example", quiet_from="22:00"), "give both, or neither"),
        (form("a@b.example", timezone="nowhere"), "nowhere"),
    ],
)
def test_a_slip_is_a_sentence(administering, data, sentence):
    assert sentence in administering.post(ADD, data).content.decode()
    assert not Recipient.objects.exists()


def test_without_a_key_no_address_is_kept(administering, settings):
    settings.ENCRYPTION_KEYS = []
    assert "ENCRYPTION_KEYS is not set" in administering.get(ADD).content.decode()
    assert "ENCRYPTION_KEYS is not set" in administering.post(ADD, form("a@b.example")).content.decode()
    assert not Channel.objects.exists()


def test_a_test_message_is_sent_by_the_watch_and_the_page_says_how_it_went(administering, world, settings):
    settings.EMAIL_HOST = ""
    page = administering.post(ADD, form("carla@lab.example", _test="1"), follow=True).content.decode()
    assert "A test message is on its way." in page
    address = f"/admin/alerts/recipient/{Recipient.objects.get().pk}/change/"
    world.now = timezone.now()
    world.watcher.go_round()
    assert "This server has no mail server to send by: set EMAIL_URL" in administering.get(address).content.decode()
    settings.EMAIL_HOST = "mail.invalid"  # Django's tests keep the mail.
    own = {
        "channels-INITIAL_FORMS": 1,
        "channels-0-id": Channel.objects.get().pk,
        "channels-0-recipient": Recipient.objects.get().pk,
    }
    administering.post(address, form("", _test="1", **own))
    world.now += MINUTE
    world.watcher.go_round()
    assert "has taken its last message" in administering.get(address).content.decode()
    assert Channel.objects.get().address() == "carla@lab.example"
    assert "A test message of freetemp" in world.told()


def test_a_rule_shows_its_past_year(administering, db):
    field = make_station("Roof").fields.get()
    data = {"kind": "above", "field": field.pk, "limit": "35", "active": "on", "_continue": "1"}
    page = administering.post("/admin/alerts/rule/add/", data, follow=True).content.decode()
    assert "In the past year this would never have been told." in page
    start_ms = to_millis(timezone.now() - timedelta(days=30)) // QUARTER_MS * QUARTER_MS
    Quarter.objects.add({(field.station_id, 1, start_ms): Total(1, 40.0, 40.0, 40.0)})
    page = administering.get(f"/admin/alerts/rule/{Rule.objects.get(kind='above').pk}/change/").content.decode()
    assert "In the past year this would have been told once." in page
    day = f"{from_millis(start_ms):%Y-%m-%d}"
    assert f'href="/stations/{field.station_id}/?period=day&amp;date={day}"' in page
    assert "for 15\xa0minutes" in page


def test_a_preview_says_how_often_without_saving_and_says_what_is_wrong(administering, db):
    field = make_station("Roof").fields.get()
    have(field, timezone.now() - timedelta(days=30), [40.0])
    data = {"kind": "above", "field": field.pk, "limit": "35", "active": "on", "_preview": "1"}
    page = administering.post("/admin/alerts/rule/add/", data).content.decode()
    assert "In the past year this would have been told once. Nothing was saved so far." in page
    assert f'href="/stations/{field.station_id}/?period=day&amp;date=' in page
    assert 'value="35"' in page
    assert not Rule.objects.filter(kind="above").exists()
    page = administering.post("/admin/alerts/rule/add/", data | {"limit": ""}).content.decode()
    assert "A rule about a value has a field and a limit" in page
    assert "Nothing was saved so far" not in page
    rule = Rule.objects.create(kind="above", field=field, limit=35.0)
    page = administering.post(f"/admin/alerts/rule/{rule.pk}/change/", data | {"limit": "45"}).content.decode()
    assert "this would never have been told. Nothing was saved so far." in page
    rule.refresh_from_db()
    assert rule.limit == 35.0


def test_the_rule_for_every_station_can_be_switched_off_and_not_deleted(administering, db):
    rule = Rule.objects.get(kind="silent")
    assert administering.get(f"/admin/alerts/rule/{rule.pk}/change/").status_code == 200
    assert administering.get(f"/admin/alerts/rule/{rule.pk}/delete/").status_code == 403
    administering.post(f"/admin/alerts/rule/{rule.pk}/change/", {"kind": "silent"})
    assert not Rule.objects.get(kind="silent").active


def test_what_happened_and_what_was_told_can_only_be_read(
    administering, world, roof, anna, django_assert_max_num_queries
):
    world.off.add("Roof")
    world.pass_by(13 * MINUTE)
    for name in ("incident", "notice"):
        with django_assert_max_num_queries(10):
            page = administering.get(f"/admin/alerts/{name}/").content.decode()
        assert "Roof is silent" in page
        assert administering.get(f"/admin/alerts/{name}/add/").status_code == 403


def test_keepers_see_what_was_told_and_not_who_is_told(keeping):
    for name, status in [("rule", 200), ("incident", 200), ("notice", 200), ("recipient", 403)]:
        assert keeping.get(f"/admin/alerts/{name}/").status_code == status


def kinds(user):
    return {concern.kind for concern in Overview.of(user).concerns} & {"nobody-told", "unwatched", "channels"}


def test_the_overview_says_what_the_watch_lacks(admin, keeper, world, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: world.now)
    assert kinds(admin) == set()
    make_station("Roof")
    assert kinds(admin) == {"nobody-told"}
    anna = make_recipient()
    assert kinds(admin) == {"unwatched"}
    world.pass_by(MINUTE)
    assert kinds(admin) == set()
    anna.channels.update(trouble="The mail server refuses.")
    assert kinds(admin) == {"channels"}
    Watch.objects.update(looked_at=NOON - 10 * MINUTE)
    assert kinds(admin) == {"channels", "unwatched"}
    assert kinds(keeper) == set()
