"""The fields that an address names for one chart, and those that cannot be on it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from readings.display.field_names import called
from readings.history.difference import in_unit_of
from stations.models import Field, Station
from stations.units import Unit, Units, displayed

MOST_FIELDS = 6  # as many as there are colours
MOST_UNITS = 2  # one axis at the left, one at the right
MOST_NAMES = 40  # of an address; the others are not even looked up
_NAME = re.compile(r"\A([1-9][0-9]{0,8})\.([1-9][0-9]{0,2})\Z")
_SHOWN_OF_A_NAME = 20


class Line(NamedTuple):
    """A field on the chart, with its colour from 1 on and its axis: 0 at the left, 1 at the right."""

    field: Field
    unit: Unit
    colour: int
    axis: int

    @property
    def station(self) -> Station:
        return self.field.station

    @property
    def name(self) -> str:
        """Return the field's name in an address: its station's number and its own."""
        return name_of(self.field)

    @property
    def label(self) -> str:
        return label_of(self.field)


class Pair(NamedTuple):
    """Two lines whose difference has a meaning: the second one is subtracted."""

    line: Line
    less: Line

    @property
    def name(self) -> str:
        return f"{self.line.name}-{self.less.name}"

    @property
    def label(self) -> str:
        return _("%(one)s minus %(other)s") % {"one": self.line.label, "other": self.less.label}

    @property
    def unit(self) -> Unit:
        """Return the unit of the difference: 1 °C more is 1.8 °F more, and not 33.8."""
        return self.line.unit.of_difference


@dataclass
class Chosen:
    """The lines of a chart, sentences on what is left out, and whether anything that was named is not there."""

    lines: list[Line] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    is_unknown: bool = False

    @property
    def fields(self) -> list[Field]:
        return [line.field for line in self.lines]

    @property
    def stations(self) -> list[Station]:
        """Return the lines' stations, each once."""
        return list({line.station.pk: line.station for line in self.lines}.values())

    @property
    def zone(self) -> ZoneInfo:
        """Return the clock of the chart: that of the first line's station."""
        return self.lines[0].station.zone

    @property
    def elsewhere(self) -> list[Station]:
        """Return the stations whose own clock is another one."""
        return [station for station in self.stations if station.timezone != self.lines[0].station.timezone]

    @property
    def units(self) -> list[Unit]:
        """Return the unit of each axis."""
        return [line.unit for _, line in sorted(self._firsts.items())]

    @property
    def pairs(self) -> list[Pair]:
        """Return each line with the first line of its unit."""
        firsts = self._firsts
        pairs = [Pair(line, firsts[line.axis]) for line in self.lines if line != firsts[line.axis]]
        return [pair for pair in pairs if in_unit_of(pair.line.field, pair.less.field) is not None]

    @property
    def query(self) -> str:
        """Return the part of an address that names the lines."""
        return query_of(self.lines)

    def without(self, line: Line) -> str:
        return query_of([each for each in self.lines if each != line])

    @property
    def _firsts(self) -> dict[int, Line]:
        """Return the first line of each axis."""
        return {line.axis: line for line in reversed(self.lines)}


def chosen(names: Sequence[str], user: AbstractBaseUser | AnonymousUser, units: Units) -> Chosen:
    """Return what a viewer may see of the fields with these names, like “3.1”, in their order.

    A station that is not public is left out with the very words for one that does not exist.
    """
    found = Chosen()
    named = list(dict.fromkeys(filter(None, names)))[:MOST_NAMES]
    known = _known(named, user)
    missing = [name[:_SHOWN_OF_A_NAME] for name in named if name not in known]
    found.is_unknown = bool(missing)
    found.sentences += [_unknown(missing)] if missing else []
    here = [known[name] for name in named if name in known]
    found.sentences += [_no_line(own) for own in here if not own.kind.is_averaged]
    _take([own for own in here if own.kind.is_averaged], units, found)
    return found


def _known(names: Collection[str], user: AbstractBaseUser | AnonymousUser) -> dict[str, Field]:
    wanted = {int(match[1]) for match in map(_NAME.match, names) if match}
    stations = Station.objects.visible_to(user).with_fields().filter(pk__in=wanted) if wanted else []
    return {name_of(each): _of(station, each) for station in stations for each in station.fields.all()}


def _of(station: Station, own: Field) -> Field:
    own.station = station  # Prefetched fields know their station already; this one knows its fields too.
    return own


def _take(fields: Sequence[Field], units: Units, found: Chosen) -> None:
    """Make lines of the fields, as many as fit."""
    for own in fields[:MOST_FIELDS]:
        unit = displayed(own.unit, units)
        axes = [each.symbol for each in found.units]
        if unit.symbol not in axes and len(axes) == MOST_UNITS:
            found.sentences.append(_third_unit(own, unit, axes))
            continue
        axis = axes.index(unit.symbol) if unit.symbol in axes else len(axes)
        found.lines.append(Line(own, unit, len(found.lines) + 1, axis))
    if more := fields[MOST_FIELDS:]:
        found.sentences.append(_too_many(more))


def _unknown(names: Sequence[str]) -> str:
    words = {"names": ", ".join(f"“{name}”" for name in names)}
    text = ngettext(
        "There is no field %(names)s to compare: it may have been removed, or it is not public.",
        "There are no fields %(names)s to compare: they may have been removed, or they are not public.",
        len(names),
    )
    return text % words


def _no_line(own: Field) -> str:
    words = {"label": label_of(own)}
    return _("%(label)s is left out: a direction or an amount is no line beside others.") % words


def _third_unit(own: Field, unit: Unit, axes: Sequence[str]) -> str:
    left, right = (symbol or _("numbers without a unit") for symbol in axes)
    words = {"label": label_of(own), "unit": unit.symbol or _("no unit"), "left": left, "right": right}
    return _("One chart has two axes, here for %(left)s and %(right)s: %(label)s, in %(unit)s, is left out.") % words


def _too_many(more: Sequence[Field]) -> str:
    words = {"count": MOST_FIELDS, "labels": "; ".join(map(label_of, more))}
    return _("One chart has at most %(count)d fields, so this is left out: %(labels)s.") % words


def name_of(own: Field) -> str:
    """Return a field's name in an address: “3.1” is field 1 of station 3."""
    return f"{own.station_id}.{own.number}"


def label_of(own: Field) -> str:
    """Return a field's name with that of its station: “Roof, temperature”."""
    return f"{own.station.name}, {called(own)}"


def query_of(lines: Sequence[Line]) -> str:
    return urlencode([("field", line.name) for line in lines])
