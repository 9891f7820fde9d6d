"""The steps from a new station to its first report, for the station's page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.urls import reverse
from django.utils.html import format_html

from stations.models import Key, Station
from stations.simulation import simulation_command


@dataclass(frozen=True)
class Step:
    """One thing to do. Until it is done, `hint` says how, and the link (an address and its text) leads there."""

    name: str
    is_done: bool
    hint: str = ""
    link: tuple[str, str] | None = None


def steps_to_first_reading(station: Station, user: User | AnonymousUser, of_board: Iterable[Step] = ()) -> list[Step]:
    """Return every step, including another app's steps for the board, or none once it has reported."""
    if station.last_heard_at is not None:
        return []
    keys = (
        (reverse("admin:stations_keys", args=[station.pk]), "Key and address")
        if user.has_perm("stations.view_key")
        else None
    )
    return [Step("Registered", True), *of_board, _key(station, keys), _first_reading(station)]


def _key(station: Station, link: tuple[str, str] | None) -> Step:
    of_board = "Flashing the board issues one by itself. For a board or a program of your own, issue it here: it is "
    hint = f"{of_board}shown once, with the address that reports."
    if station.is_foreign:
        hint = "Issue it here: it is shown once, with everything else to type into the device."
    if station.simulated:
        hint = format_html("<code>{}</code> issues one by itself.", simulation_command(station.pk))
    return Step("Key issued", Key.objects.usable().filter(station=station).exists(), hint, link)


def _first_reading(station: Station) -> Step:
    to_do = "Power the board where its WiFi reaches it."
    if station.is_foreign:
        to_do = "Type address and key into the device. Its first report adds the fields."
    if station.simulated:
        to_do = format_html("Run <code>{}</code> on this server.", simulation_command(station.pk))
    hint = format_html("{} Its first value shows on the station's page as soon as it arrives.", to_do)
    return Step("First report", False, hint, (station.get_absolute_url(), "The station's page"))
