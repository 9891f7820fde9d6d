"""How a station's board is, on a page beside the station's form: its signal and memory, and why it has started."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from typing import Any, NamedTuple

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from freetemp.ages import length
from freetemp.formatting import NARROW_SPACE, decimal
from readings.models import BoardState, DeviceState
from stations.admin.columns import ago, thousands
from stations.admin.stations import StationAdmin, extends_stations
from stations.admin.tool_view import StationToolView
from stations.models import Station

A_PAGE = 50
# The least dBm of each, from the strongest. Below the last one, reports get lost.
SIGNALS = ((-60, "very good"), (-70, "good"), (-80, "fair"), (-88, "weak"))
TOO_WEAK = "very weak"


def signal(dbm: int) -> str:
    """Return a signal with a word: “-67 dBm, good”."""
    word = next((word for least, word in SIGNALS if dbm >= least), TOO_WEAK)
    return f"{decimal(dbm, 0)}{NARROW_SPACE}dBm, {word}"


def volts(voltage: float) -> str:
    return f"{voltage:.2f}{NARROW_SPACE}V"


def memory(free: int) -> str:
    return f"{thousands(free)} bytes"


def cause(state: BoardState) -> str:
    """Return why a board has started, as far as it has told."""
    return state.get_reset_cause_display() if state.reset_cause is not None else "it has not told"


class Row(NamedTuple):
    """A start in words, and how many starts before it no report had."""

    state: BoardState
    cause: str
    ran: str
    signal: str
    voltage: str
    heap: str
    unheard: int


class BoardView(StationToolView):
    """The newest state, and the starts, the newest first."""

    to_look = ["stations.view_station"]
    http_method_names = ["get"]

    def page(self, request: HttpRequest) -> HttpResponse:
        states: QuerySet[BoardState] = self.station.board_states.order_by("-first_at", "-boot", "-start")
        page = Paginator(states, A_PAGE).get_page(request.GET.get("page"))
        before = (page.number - 1) * A_PAGE
        shown = list(states[before : before + A_PAGE + 1])  # with the one before the last that is shown
        rows = [_row(state, earlier) for state, earlier in zip_longest(shown, shown[1:])][:A_PAGE]
        context = self.model_admin.admin_site.each_context(request) | {
            "title": f"Board of {self.station}",
            "opts": Station._meta,
            "station": self.station,
            "facts": [
                *(facts(newest) if (newest := self.station.board_states.newest()) else []),
                *(facts_of_device(device) if (device := _device_of(self.station)) else []),
            ],
            "rows": rows,
            "page": page,
            "has_voltage": any(row.voltage for row in rows),
        }
        return render(request, "admin/readings/board.html", context)


def facts(state: BoardState) -> list[tuple[str, SafeString | str]]:
    """Return what is known of a board now: names and texts."""
    found: list[tuple[str, SafeString | str]] = [
        ("Started", format_html("{}: {}", ago(state.started_at), cause(state))),
        ("Last told", ago(state.last_at)),
    ]
    figures: list[tuple[str, Any, Any, Callable[[Any], str]]] = [
        ("WiFi signal", state.rssi, state.lowest_rssi, signal),
        ("Supply", state.voltage, state.lowest_voltage, volts),
        ("Free memory", state.heap, state.lowest_heap, memory),
    ]
    for name, newest, lowest, told in figures:
        if newest is not None:
            less = f" (lowest since its start: {told(lowest)})" if lowest not in (None, newest) else ""
            found.append((name, told(newest) + less))
    if state.failed_at is not None:
        found.append(("Reports in vain", format_html("{} in a row, until {}", state.failed, ago(state.failed_at))))
    return found


def facts_of_device(state: DeviceState) -> list[tuple[str, SafeString | str]]:
    """Return what a device of another maker says of itself: names and texts."""
    found: list[tuple[str, SafeString | str]] = [("Last told", ago(state.told_at))]
    if state.rssi is not None:
        found.append(("WiFi signal", signal(state.rssi)))
    if state.low_batteries is not None:
        found.append(("Batteries that it calls low", state.low_batteries or "none"))
    return found


def _device_of(station: Station) -> DeviceState | None:
    return DeviceState.objects.filter(station=station).first() if station.is_foreign else None


def _row(state: BoardState, earlier: BoardState | None) -> Row:
    unheard = 0
    if earlier and earlier.boot == state.boot and earlier.start:
        unheard = max(0, state.start - earlier.start - 1)
    return Row(
        state,
        cause(state),
        length(state.last_at - state.started_at),
        signal(state.rssi) if state.rssi is not None else "",
        volts(state.voltage) if state.voltage is not None else "",
        memory(state.heap) if state.heap is not None else "",
        unheard,
    )


@extends_stations
class BoardStationAdmin(StationAdmin):
    """The registry's own pages, with the state of the board."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(BoardView.as_view(model_admin=self))
        return [path("<int:pk>/board/", view, name="stations_board"), *super().get_urls()]

    def get_readonly_fields(self, request: HttpRequest, obj: Station | None = None) -> Any:
        return [*super().get_readonly_fields(request, obj), "how_its_board_is"]

    def get_fieldsets(self, request: HttpRequest, obj: Station | None = None) -> Any:
        """Say below the station's state how its board is, if it has told."""
        first, *others = super().get_fieldsets(request, obj)
        if obj is None or not (obj.board_states.exists() or _device_of(obj)):
            return [first, *others]
        name, options = first
        return [(name, options | {"fields": [*options["fields"], "how_its_board_is"]}), *others]

    @admin.display(description="board")
    def how_its_board_is(self, station: Station) -> SafeString | str:
        url = reverse("admin:stations_board", args=[station.pk])
        newest = station.board_states.newest()
        if newest is None:
            device = _device_of(station)
            words = "; ".join(": ".join(each) for each in facts_of_device(device)[1:]) if device else ""
            if not words:
                return "it has not told"
            return format_html('{}. <a href="{}">All that it tells</a>', words, url)
        parts = [format_html("started {} ({})", ago(newest.started_at), cause(newest))]
        parts += [format_html("WiFi {}", signal(newest.rssi))] if newest.rssi is not None else []
        parts += [format_html("{}", volts(newest.voltage))] if newest.voltage is not None else []
        told = format_html_join("; ", "{}", [(part,) for part in parts])
        return format_html('{}. <a href="{}">All that it tells</a>', told, url)
