"""Processes that answer for the home page, each with what it keeps of its own."""

from unittest import mock

from django.contrib.auth.models import AnonymousUser

from freetemp.kept import Kept
from readings.pages.card_html import CardHtml
from readings.pages.home_page import cards_of
from stations.models import Station
from stations.units import METRIC


class Process:
    def __init__(self, most=100):
        self.kept = Kept(most), Kept(most)

    def shows(self, now, user=None, units=METRIC):
        """Return the list of cards as the process writes it at a moment."""
        stations, days = self.kept
        with (
            mock.patch("readings.pages.kept_stations._kept", stations),
            mock.patch("readings.history.last_day._kept", days),
        ):
            user = user or AnonymousUser()
            cards = cards_of(Station.objects.visible_to(user).filter(active=True), now, user)
            write = CardHtml(units, now)
            return "".join(write.item(card, is_found=True, is_on_map=True) for card in cards)


def anew(now, user=None, units=METRIC):
    """Return the list of cards as a process writes it that has just been started."""
    return Process().shows(now, user, units)
