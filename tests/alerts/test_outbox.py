"""Messages on their way: tried again for days, sent at least once and at most twice."""

import contextlib
import os
import subprocess
import sys
from datetime import timedelta
from itertools import pairwise

import pytest
from django.contrib.auth.models import User
from django.core import mail

from alerts.models import Channel, Delivery, Notice, Watch
from alerts.sending import channels
from alerts.sending.message import SENT, Outcome
from alerts.watching import Watcher
from freetemp.overview.report import Overview
from tests.alerts.conftest import MINUTE, NOON, make_recipient
from tests.programs import comes_true, ended, killed_at_last
from tests.server import ROOT, database_url

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AWAY = Outcome("The service is away.")


@pytest.fixture
def silent(world, roof, anna):
    """A station whose silence was found, and is told in the next minute."""
    world.off.add("Roof")
    world.pass_by(11 * MINUTE)
    return world


def test_a_message_that_was_not_taken_is_tried_again_for_three_days(silent, monkeypatch):
    tries = []

    def send(channel, message, leaves):
        if message.subject == "Roof is silent":  # and no reminder of it
            tries.append(silent.now)
        return AWAY

    monkeypatch.setattr(channels, "send", send)
    silent.pass_by(10 * MINUTE)
    for _ in range(24 * 4):
        silent.now += HOUR
        silent.watcher.go_round()
    waits = [(later - earlier) / MINUTE for earlier, later in pairwise(tries)]
    assert waits[0] == 1
    assert waits[1] == 5
    assert waits[2] >= 30
    assert all(wait >= 120 for wait in waits[3:])
    assert 3 * DAY <= tries[-1] - tries[0] < 4 * DAY
    delivery = Delivery.objects.filter(notice__kind="began").get()
    assert delivery.given_up_at
    assert delivery.trouble == Channel.objects.get().trouble == "The service is away."


def test_a_channel_that_works_again_has_no_trouble_any_more(silent, monkeypatch):
    answers = [AWAY, SENT]
    monkeypatch.setattr(channels, "send", lambda *_: answers.pop(0))
    silent.pass_by(5 * MINUTE)
    assert Channel.objects.get().trouble == ""
    assert Delivery.objects.get().tries == 2


def test_a_service_that_wants_to_be_left_alone_is_left_alone_and_not_for_ever(silent, monkeypatch):
    tries = []

    def send(channel, message, leaves):
        tries.append(silent.now)
        return Outcome("It takes no more for now.", retry_after=timedelta(minutes=7) if len(tries) == 1 else 99 * DAY)

    monkeypatch.setattr(channels, "send", send)
    silent.pass_by(10 * MINUTE)
    silent.skip(6 * HOUR)
    assert [(later - earlier) / MINUTE for earlier, later in pairwise(tries)] == [7, pytest.approx(360, abs=10)]


def test_an_address_that_is_gone_is_forgotten_and_its_row_says_why(silent, monkeypatch):
    make_recipient("Ben", "ben@school.example")
    outcomes = {"Anna": Outcome("Gone.", is_gone=True), "Ben": AWAY}
    monkeypatch.setattr(channels, "send", lambda channel, *_: outcomes[channel.recipient.name])
    silent.pass_by(10 * MINUTE)
    gone, other = Channel.objects.order_by("recipient__name")
    assert (gone.active, gone.encrypted_address, gone.trouble) == (False, "", "Gone.")
    assert other.active
    assert other.encrypted_address
    assert gone.deliveries.get().given_up_at
    overview = Overview.of(User.objects.create_superuser("admin"))
    (concern,) = (each for each in overview.concerns if each.kind == "channels")
    assert [item.what for item in concern.items] == ["Anna: mail", "Ben: mail"]


def test_a_reminder_and_an_end_of_the_same_troubles_have_the_topic_of_their_beginning(silent):
    silent.pass_by(2 * MINUTE)
    silent.skip(25 * HOUR)
    silent.off.clear()
    silent.pass_by(10 * MINUTE)
    assert sorted(Notice.objects.values_list("kind", flat=True)) == ["began", "ended", "reminder"]
    (topic,) = {notice.topic() for notice in Notice.objects.all()}
    assert len(topic) == 32
    others = [Notice(pk=4_000_001), Notice(pk=4_000_002)]  # None that a database has.
    assert len({topic, *(notice.topic() for notice in others)}) == 3


class PowerCutError(BaseException):
    """The process ends: nothing of it is caught, and nothing is tidied up."""


def test_a_power_cut_while_sending_repeats_the_message_once_and_then_no_more(silent, monkeypatch):
    sent = []

    def cut(channel, message, leaves):
        leaves()
        sent.append(message.subject)
        raise PowerCutError

    monkeypatch.setattr(channels, "send", cut)
    for _ in range(4):
        with pytest.raises(PowerCutError) if len(sent) < 2 else pytest.MonkeyPatch.context():
            for _ in range(10):
                silent.now += MINUTE
                silent.watcher.go_round()
        silent.watcher = Watcher(lambda: silent.now)
    assert sent == ["Roof is silent"] * 2
    delivery = Delivery.objects.get()
    assert delivery.given_up_at
    assert "it may have come" in delivery.trouble


def test_power_cuts_before_a_message_leaves_lose_nothing_and_repeat_nothing(silent, monkeypatch):
    cuts = []

    def cut(channel, message, leaves):
        cuts.append(message.subject)
        raise PowerCutError

    with monkeypatch.context() as cutting:
        cutting.setattr(channels, "send", cut)
        for _ in range(8):
            silent.now += MINUTE
            with contextlib.suppress(PowerCutError):
                silent.watcher.go_round()
            silent.watcher.leave()
            silent.watcher = Watcher(lambda: silent.now)
    assert len(cuts) > 2
    silent.pass_by(5 * MINUTE)
    assert [message.subject for message in mail.outbox] == ["Roof is silent"]
    assert Delivery.objects.get().unknown == 0


def test_a_process_that_loses_the_watch_while_it_prepares_a_message_leaves_it_to_the_other_one(silent, monkeypatch):
    def lose(channel, message, leaves):
        Watch.objects.update(holder="another")
        leaves()
        pytest.fail("It has left.")

    monkeypatch.setattr(channels, "send", lose)
    silent.pass_by(2 * MINUTE)
    delivery = Delivery.objects.get()
    assert (delivery.begun_at, delivery.sent_at, delivery.given_up_at, delivery.trouble) == (None, None, None, "")


def test_of_two_processes_one_keeps_the_watch_and_the_other_goes_on_after_it(world, roof, anna):
    other = Watcher(lambda: world.now)
    assert world.watcher.go_round()
    assert not other.go_round()
    world.now += MINUTE
    assert world.watcher.go_round()
    world.now += 2 * MINUTE + timedelta(seconds=1)  # The first was killed.
    assert other.go_round()
    assert not world.watcher.go_round()
    other.leave()
    assert world.watcher.go_round()


def test_a_process_that_lost_the_watch_sends_nothing(silent):
    silent.pass_by(MINUTE)
    mail.outbox.clear()
    Notice.objects.all().delete()
    silent.pass_by(MINUTE, watched=False)
    watch = Watch.objects.get()
    Watch.objects.filter(pk=watch.pk).update(holder="another", until=silent.now + HOUR)
    silent.pass_by(5 * MINUTE)
    assert silent.told() == []


def test_a_clock_in_the_past_says_nothing_about_silence(world, roof, anna):
    world.now = NOON.replace(year=2020)
    assert not world.watcher.go_round()
    assert not Watch.objects.exists()


def test_each_channel_has_its_own_tries(silent, monkeypatch):
    make_recipient("Ben", "json://ben.example", service="webhook")
    sent = []

    def send(channel, *_):
        sent.append(channel.service)
        return SENT if channel.service == "mail" else AWAY

    monkeypatch.setattr(channels, "send", send)
    silent.pass_by(3 * MINUTE)
    assert sorted(sent) == ["mail", "webhook", "webhook"]


@pytest.mark.sqlite_only
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
def test_the_command_watches_until_it_is_told_to_stop_and_leaves_the_watch():
    environment = os.environ | {"DATABASE_URL": database_url()}
    with killed_at_last(subprocess.Popen([sys.executable, "manage.py", "watch"], env=environment, cwd=ROOT)) as watch:
        assert comes_true(lambda: Watch.objects.exclude(holder="").exists())
        assert ended(watch) == 0
    assert Watch.objects.get().holder == ""
