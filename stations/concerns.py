"""Concerns of the registry for an operator: stations that never reported, boards with trouble, and odd values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.urls import reverse
from django.utils.translation import gettext as _

from freetemp.ages import length
from freetemp.overview.concerns import Concern, Item, Survey, Urgency, about
from stations.admin.columns import missed_reports, newest_value
from stations.models import Field, Key, Station
from stations.models.station import newest_at
from stations.models.status import Status
from stations.troubles import KINDS, parts_of

LONG = timedelta(days=1)  # for a new board to report, or for a new key to be used
LATELY = timedelta(days=7)
GIVEN_UP = timedelta(days=30)  # A field that is silent for longer has no sensor any more: whoever minds has acted.

Concerns = Iterator[Concern | None]


def station_concerns(survey: Survey) -> Concerns:
    """Yield boards in trouble, implausible values, and simulations that have stopped."""
    at, active = survey.at, [station for station in survey.stations if station.active]
    yield from _troubled(active)
    rested = [station for station in active if station.in_maintenance(at)]
    minded = [station for station in active if station not in rested]
    yield _lagging(minded, at)
    yield _implausible(minded)
    yield _not_simulated([each for each in minded if each.simulated], at)
    yield _in_maintenance(rested, at)
    yield _added(active, at)


def key_concerns(survey: Survey) -> Concerns:
    """Yield stations that never reported although they had a day for it, and keys that no board uses."""
    at = survey.at
    never = [station for station in survey.stations if station.status(at) == Status.NEVER]
    issued = dict(Key.objects.usable().order_by("-issued_at").values_list("station_id", "issued_at"))  # the oldest
    yield _never_heard([station for station in never if station.pk in issued], issued, at)
    yield _unused_keys(survey)
    yield _without_key([station for station in never if station.pk not in issued])


def _not_simulated(stations: Sequence[Station], at: datetime) -> Concern | None:
    """Return the simulated stations that are late or silent: no board is to be looked after."""
    quiet = [*longest_first(stations, Status.SILENT, at), *longest_first(stations, Status.LATE, at)]
    return about(
        quiet,
        partial(unheard, at),
        "not-simulated",
        Urgency.NOTE,
        "Simulated stations that have stopped",
        f"Run python manage.py simulate_station {quiet[0].pk if quiet else ''} again"
        f"{', and so with the others' if len(quiet) > 1 else ''} (for the demo: python3 bootstrap.py serve --demo), "
        "or deactivate them.",
    )


def _troubled(stations: Sequence[Station]) -> Concerns:
    told = [(station, parts_of(station.trouble)) for station in stations if station.trouble]
    for kind in KINDS:
        yield about(
            [(station, parts[kind]) for station, parts in told if kind in parts],
            lambda each: Item(str(each[0]), each[1], _form(each[0])),
            f"trouble-{kind.name}",
            Urgency.NOTE if kind.needs_nothing else Urgency.NOW,
            kind.title,
            kind.advice,
        )


def _lagging(stations: Sequence[Station], at: datetime) -> Concern | None:
    fields = [field for station in stations if station.status(at) == Status.ALIVE for field in station.lagging_fields()]
    return about(
        [field for field in fields if field.newest_at is None or at - field.newest_at < GIVEN_UP],
        lambda field: _of_field(field, _silence(field, at)),
        "lagging",
        Urgency.SOON,
        _("Fields that are silent while their station reports"),
        _(
            "Look at that sensor's wires, and at the field's number on the board. Remove a field that nothing ever "
            "measured. If its sensor was taken away, there is nothing to do: it is named here for %(days)d days."
        )
        % {"days": GIVEN_UP.days},
    )


def _silence(field: Field, at: datetime) -> str:
    if field.newest_at is None:
        return _("never reported")
    return _("for %(length)s") % {"length": length(at - field.newest_at)}


def _implausible(stations: Sequence[Station]) -> Concern | None:
    fields = [field for station in stations for field in station.fields.all()]
    return about(
        [each for each in fields if each.newest_value is not None and not each.is_plausible(each.newest_value)],
        lambda field: _of_field(field, f"{newest_value(field)}, {_limits(field)}"),
        "implausible",
        Urgency.SOON,
        _("Newest values outside their plausible limits"),
        _("They enter no mean. Look at the sensor, or widen the field's limits if the value is right."),
    )


def _in_maintenance(stations: Sequence[Station], at: datetime) -> Concern | None:
    return about(
        stations,
        lambda station: Item(str(station), _since(station, at), _form(station)),
        "maintenance",
        Urgency.NOTE,
        "Stations under maintenance",
        "Their readings are stored and set aside, and nobody is alarmed. End it under Set aside, or by python "
        "manage.py restore_readings with --from-now (docs/corrections.md).",
    )


def _added(stations: Sequence[Station], at: datetime) -> Concern | None:
    """Return the fields that reports have added lately. Their names are only what a device's own names tell."""
    fields = [field for station in stations for field in station.fields.all()]
    return about(
        [field for field in fields if field.added_at and at - field.added_at < LATELY],
        lambda field: _of_field(field, f"from “{field.source}”, {field.unit or 'no unit'}"),
        "added-fields",
        Urgency.NOTE,
        "Fields that a device's reports have added",
        "Give them the names that viewers shall read, on the station's page. Nothing else has to be done: they are "
        f"named here for {LATELY.days} days.",
    )


def _since(station: Station, at: datetime) -> str:
    since = f"for {length(at - station.maintenance_since)}" if station.maintenance_since else ""
    until = station.maintenance_until
    return f"{since}, {length(until - at)} to go" if until else f"{since}, until further notice"


def _never_heard(stations: Sequence[Station], issued: Mapping[int, datetime], at: datetime) -> Concern | None:
    return about(
        [station for station in stations if at - issued[station.pk] > LONG],
        lambda station: Item(str(station), f"its key was issued {length(at - issued[station.pk])} ago", _form(station)),
        "never",
        Urgency.SOON,
        "Stations that were never heard",
        "Flash the board, or put the key onto it. If it reports and is refused, it is under Refused reports. If no "
        "board is to come, end the key.",
        listed(Status.NEVER),
    )


def _without_key(stations: Sequence[Station]) -> Concern | None:
    """Return the stations that wait for a key. One with readings from a file may well stay so."""
    return about(
        [station for station in stations if not newest_at(station.fields.all())],
        lambda station: Item(str(station), "", _form(station)),
        "no-key",
        Urgency.NOTE,
        "Stations that have no key yet",
        "Their pages have the steps to a first report. Import older readings with python manage.py import_readings, or "
        "deactivate a station that is not wanted.",
    )


def _unused_keys(survey: Survey) -> Concern | None:
    at = survey.at
    keys = Key.objects.pending().filter(issued_at__lt=at - LONG, station__active=True)
    found = keys.exclude(station__last_heard_at=None).select_related("station").order_by("issued_at")
    return about(
        [key for key in found if survey.has(key.station_id)],
        lambda key: Item(
            str(key.station),
            f"issued {length(at - key.issued_at)} ago",
            reverse("admin:stations_keys", args=[key.station_id]),
        ),
        "pending",
        Urgency.SOON,
        "New keys that no board uses",
        "Put the key onto the board, or flash it again; or end the key. The one before it works meanwhile.",
    )


def longest_first(stations: Sequence[Station], status: Status, at: datetime) -> list[Station]:
    """Return the stations with a status, the longest unheard first. Those heard by a clock that was ahead are none."""
    found = [each for each in stations if each.status(at) == status and not each.is_heard_ahead(at)]
    return sorted(found, key=lambda station: station.silence(at) or timedelta(), reverse=True)


def unheard(at: datetime, station: Station) -> Item:
    """Return a station with how long it was not heard."""
    silence = station.silence(at) or timedelta()
    return Item(str(station), f"for {length(silence)}, {missed_reports(station, at)}", _form(station))


def _of_field(field: Field, detail: str) -> Item:
    return Item(f"{field.station}: {field.name}", detail, _form(field.station))


def _form(station: Station) -> str:
    return reverse("admin:stations_station_change", args=[station.pk])


def listed(status: Status) -> str:
    """Return the address of the list of all stations with a status."""
    return f"{reverse('admin:stations_station_changelist')}?status={status.value}"


def _limits(field: Field) -> str:
    limits = {
        name: f"{limit:g}" for name, limit in (("low", field.smallest), ("high", field.largest)) if limit is not None
    }
    if len(limits) == 2:
        return _("plausible from %(low)s to %(high)s") % limits
    return (_("plausible from %(low)s") if "low" in limits else _("plausible up to %(high)s")) % limits
