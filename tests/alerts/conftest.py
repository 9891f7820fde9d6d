"""Stations that report by a clock of the test's own, a watch that looks at them, and what it tells by mail."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail

from alerts.models import Channel, Recipient
from alerts.watching import Watcher
from freetemp.encryption import encrypt
from stations.models import Station
from tests import inbox as inboxes

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class World:
    """Time passes in steps of a minute: stations report unless they are off, then the watch goes its round."""

    def __init__(self):
        self.now = NOON
        self.off = set()
        self.watcher = Watcher(lambda: self.now)

    def pass_by(self, length, *, watched=True):
        end = self.now + length
        while self.now < end:
            self.now += MINUTE
            Station.objects.exclude(name__in=self.off).update(last_heard_at=self.now)
            if watched:
                self.watcher.go_round()

    def skip(self, length):
        """Let a time pass in which every station reports and nobody looks."""
        self.now += length
        self.pass_by(MINUTE)

    def told(self):
        """Return the subjects of the mails since the last call."""
        subjects = [message.subject for message in mail.outbox]
        self.texts = [message.body for message in mail.outbox]
        mail.outbox.clear()
        return subjects


@pytest.fixture
def world(db, settings):
    settings.EMAIL_HOST = "mail.invalid"
    return World()


def make_station(name, **own):
    return Station.objects.create(name=name, last_heard_at=NOON, **own)


def make_recipient(name="Anna", address="anna@school.example", service="mail", **own):
    recipient = Recipient.objects.create(name=name, created_at=NOON - timedelta(days=30), **own)
    Channel.objects.create(recipient=recipient, service=service, encrypted_address=encrypt(address))
    return recipient


@pytest.fixture
def roof(world):
    return make_station("Roof")


@pytest.fixture
def anna(world):
    return make_recipient()


@pytest.fixture
def inbox(settings, monkeypatch):
    with inboxes.opened(settings, monkeypatch) as inbox:
        yield inbox


@pytest.fixture
def reader(world):
    """Somebody in Berlin who has had the letter of Monday 23 November."""
    return make_recipient(timezone="Europe/Berlin", letter="day", letter_done=date(2026, 11, 23))
