"""Troubles of the server are told to whoever wants to hear of them, if they last."""

from datetime import timedelta

import pytest

from alerts.models import Rule, ServerTrouble
from freetemp.overview.concerns import Concern, Item, Urgency
from tests.alerts.conftest import MINUTE, make_recipient

FULL = Concern("disk", Urgency.NOW, "The disk is full but for 3 MB", "Make room: old backups and logs go first.")
REFUSED = Concern("refused-key", Urgency.SOON, "Wrong keys", "Flash it.", [Item("Roof", "12 times")], 3)
RESTART = Concern("restart", Urgency.SOON, "The program on disk is not the one that runs", "Restart it.")
OLD_BOARDS = Concern("firmware", Urgency.NOTE, "Boards with the firmware of an earlier version", "Flash them.")


@pytest.fixture
def concerns(monkeypatch):
    """What the overview names. The test changes it."""
    concerns = []

    class Overview:
        pressing = concerns
        notes = (OLD_BOARDS, Concern("outages", Urgency.NOTE, "What happened", "Look."))

    monkeypatch.setattr("alerts.rules.server.Overview.of", lambda user: Overview)
    return concerns


def test_what_lasts_is_told_with_what_to_do_and_its_end_too(world, concerns):
    make_recipient(told_of_server=True)
    concerns.append(FULL)
    world.pass_by(9 * MINUTE)
    assert world.told() == []
    world.pass_by(3 * MINUTE)
    assert world.told() == ["The disk is full but for 3 MB"]
    assert "Make room: old backups" in world.texts[0]
    assert "http://127.0.0.1:8000/admin/overview/" in world.texts[0]
    world.skip(timedelta(days=9))
    assert world.told() == []
    concerns.clear()
    world.pass_by(18 * MINUTE)
    assert world.told() == ["Over: The disk is full but for 3 MB"]
    world.pass_by(20 * MINUTE)
    assert world.told() == []


def test_several_are_one_message_that_names_what_they_are_about(world, concerns):
    make_recipient(told_of_server=True, language="de")
    concerns += [FULL, REFUSED]
    world.pass_by(12 * MINUTE)
    assert world.told() == ["2 Schwierigkeiten des Servers"]
    assert "Roof: 12 times\nund 2 weitere" in world.texts[0]


def test_what_does_not_last_is_not_told(world, concerns):
    make_recipient(told_of_server=True)
    concerns.append(FULL)
    world.pass_by(6 * MINUTE)
    concerns.clear()
    world.pass_by(30 * MINUTE)
    assert world.told() == []


@pytest.mark.parametrize("kind", ["silent", "late", "channels"])
def test_what_has_rules_of_its_own_is_left_to_them(world, concerns, kind):
    make_recipient(told_of_server=True)
    concerns.append(Concern(kind, Urgency.NOW, "Stations", "Look."))
    world.pass_by(12 * MINUTE)
    assert world.told() == []


@pytest.mark.parametrize(
    ("rule", "kind"),
    [("sensor", "trouble-sensor"), ("refused", "refused-key"), ("restarts", "boards-start-often")],
)
def test_what_a_rule_for_every_station_tells_is_left_to_it_while_it_is_on(world, concerns, rule, kind):
    make_recipient(told_of_server=True)
    Rule.objects.get_or_create(kind=rule, station=None)
    concerns.append(Concern(kind, Urgency.SOON, "Boards", "Look."))
    world.pass_by(12 * MINUTE)
    assert world.told() == []
    Rule.objects.filter(kind=rule).update(active=False)
    world.pass_by(18 * MINUTE)
    assert world.told() == ["Boards"]


def test_whoever_did_not_ask_hears_nothing_and_nothing_is_looked_for(world, concerns, anna):
    concerns.append(FULL)
    world.pass_by(12 * MINUTE)
    assert world.told() == []
    assert not ServerTrouble.objects.exists()


def test_the_real_overview_is_asked(world, monkeypatch):
    make_recipient(told_of_server=True)
    monkeypatch.setattr("freetemp.overview.server.FULL_BYTES", 2**62)
    world.pass_by(12 * MINUTE)
    assert any(subject.startswith("The disk is full but for") for subject in world.told())


def test_each_is_told_in_the_language_of_the_recipient_its_end_too(world, monkeypatch):
    make_recipient(told_of_server=True, language="de")
    with monkeypatch.context() as patch:
        patch.setattr("freetemp.overview.server.FULL_BYTES", 2**62)
        world.pass_by(12 * MINUTE)
    (subject,) = world.told()
    assert subject.startswith("Die Platte ist bis auf ")
    assert "Machen Sie Platz: zuerst alte " in world.texts[0]
    assert ServerTrouble.objects.get(kind="disk").title.startswith("The disk is full but for")
    world.pass_by(30 * MINUTE)
    (subject,) = world.told()
    assert subject.startswith("Vorbei: Die Platte ist bis auf")


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ({"told_of_updates": True}, ["2 troubles of the server"]),
        ({"told_of_server": True}, ["2 troubles of the server"]),
        ({"told_of_server": True, "told_of_updates": True}, ["3 troubles of the server"]),
        ({}, []),
    ],
    ids=["of updates", "of the server", "of both", "of neither"],
)
def test_updates_are_told_to_whoever_wants_it_and_what_is_urgent_of_them_with_the_server(world, concerns, own, told):
    make_recipient(**own)
    concerns += [FULL, RESTART]
    world.pass_by(12 * MINUTE)
    assert world.told() == told
    text = "".join(world.texts)
    assert (OLD_BOARDS.title in text, FULL.title in text) == (
        bool(own.get("told_of_updates")),
        bool(own.get("told_of_server")),
    )
