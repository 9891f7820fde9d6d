"""The newest values as text for Prometheus: its text format, version 0.0.4.

Samples have no moment of their own: Prometheus would drop a repeated one, and show one of five minutes ago nowhere. So
a value is left out once it is overdue, and each station's newest moment is a metric itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from freetemp import __version__
from readings.metrics.names import metric_of
from readings.pages.kept_stations import KnownStation
from stations.models import Field, Station

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
GAUGE, COUNTER = "gauge", "counter"
_ESCAPED = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


class Sample(NamedTuple):
    """A metric's name, kind and description, and one line of it."""

    name: str
    kind: str
    about: str
    line: str


def exposition(stations: Iterable[KnownStation], now: datetime) -> str:
    """Return the text of all samples, grouped by their metrics as the format wants it. It ends with a line's end."""
    groups: dict[str, list[str]] = {}
    for sample in _samples(stations, now):
        group = groups.get(sample.name)
        if group is None:
            head = [f"# HELP {sample.name} {sample.about}", f"# TYPE {sample.name} {sample.kind}"]
            group = groups.setdefault(sample.name, head)
        group.append(sample.line)
    return "".join(f"{line}\n" for group in groups.values() for line in group)


def _samples(stations: Iterable[KnownStation], now: datetime) -> Iterator[Sample]:
    yield _sample("freetemp_build_info", "The version of freetemp.", f'version="{escaped(__version__)}"', "1")
    for known in stations:
        yield from _of_station(known, now)


def _of_station(known: KnownStation, now: datetime) -> Iterator[Sample]:
    station = known.station
    labels = f'station="{station.pk}",name="{escaped(station.name)}"'
    interval = f"{station.interval_s}"
    yield _sample("freetemp_station_interval_seconds", "Between two reports of a station.", labels, interval)
    if known.newest_at:
        at = f"{known.newest_at.timestamp():.3f}"
        yield _sample("freetemp_reading_timestamp_seconds", "When a station's newest value was measured.", labels, at)
    for field in known.fields:
        if field.newest_value is not None and is_shown(station, field, now):
            yield _of_field(field, field.newest_value, labels)


def is_shown(station: Station, field: Field, now: datetime) -> bool:
    """Tell whether a newest value is of now: not overdue, and not outside of its plausible limits."""
    is_overdue = field.lags_behind(now, station.interval_s)
    return not is_overdue and field.newest_value is not None and field.is_plausible(field.newest_value)


def _of_field(field: Field, value: float, labels: str) -> Sample:
    metric = metric_of(field.quantity, field.unit)
    labels = f'{labels},field="{field.number}",field_name="{escaped(field.name)}"'
    if metric.unit is not None:
        labels = f'{labels},unit="{escaped(metric.unit)}"'
    kind = COUNTER if metric.is_counter else GAUGE
    return _sample(metric.name, f"The newest value: {metric.about}.", labels, metric.text_of(value), kind)


def _sample(name: str, about: str, labels: str, value: str, kind: str = GAUGE) -> Sample:
    return Sample(name, kind, about, f"{name}{{{labels}}} {value}")


def escaped(text: str) -> str:
    """Return a text as the value of a label."""
    return text.translate(_ESCAPED)
