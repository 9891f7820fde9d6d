"""Processes that answer for the home page, each with what it keeps of its own, and browsers that ask them."""

from contextlib import contextmanager
from unittest import mock

from django.contrib.auth.models import AnonymousUser
from django.test import Client

from freetemp.kept import Kept
from readings.pages.card_html import CardHtml
from readings.pages.home_page import cards_of
from readings.pages.kept_pages import KeptPages
from stations.units import METRIC


class Process:
    def __init__(self, most=100):
        self.kept = Kept(most), Kept(most)

        self.pages = KeptPages()

    @contextmanager
    def at_work(self):
        stations, days = self.kept
        with (
            mock.patch("readings.pages.kept_stations._kept", stations),
            mock.patch("readings.history.last_day._kept", days),
            mock.patch("readings.pages.kept_pages.kept_pages", self.pages),
        ):
            yield

    def answers(self, now, address="/", **headers):
        """Return the answer to a browser at a moment."""
        with self.at_work(), mock.patch("django.utils.timezone.now", return_value=now):
            return Client().get(address, headers=headers)

    def shows(self, now, user=None, units=METRIC):
        """Return the list of cards as the process writes it at a moment."""
        with self.at_work():
            user = user or AnonymousUser()
            cards = cards_of(user, now)
            return CardHtml(units, now, has_map=True).items(cards, cards).decode()


class Browser:
    """A browser that has the home page open, and asks for it again by its ETag."""

    def __init__(self, **headers):
        self.headers, self.etag, self.page = headers, "", b""

    def sees(self, process, now):
        """Return what it shows, be it what it has already."""
        answer = process.answers(now, **self.headers, **{"If-None-Match": self.etag})
        assert answer.status_code in (200, 304)
        if answer.status_code == 200:
            self.etag, self.page = answer["ETag"], answer.content
        return self.page


def anew(now, user=None, units=METRIC):
    """Return the list of cards as a process writes it that has just been started."""
    return Process().shows(now, user, units)
