"""Writing deeds down. Each is written in the transaction that does it: both are there afterwards, or neither."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from django.db import models, transaction

from audit.actor import actor
from audit.models import MOST_OF_A_DEED, MOST_OF_A_NAME, MOST_OF_A_WHAT, Event
from audit.wording import lines, one_line


class StationLike(Protocol):
    """A station, of which this app knows only the number and the name."""

    pk: int
    name: str


def record(
    deed: str,
    *,
    station: StationLike | None = None,
    of: models.Model | None = None,
    what: str = "",
    details: Mapping[str, object] | None = None,
) -> Event:
    """Write down what is done, in the present transaction, with who does it, from where and by what.

    `deed` is a few words that docs/audit.md lists, like "key issued". `of` is the row that it is about; without `what`
    its text says so. `details` are told one a line, and a `Change` as before → after. Never give it a secret.
    """
    _require_transaction()
    event = _event(deed, station, of, what, lines(details or {}))
    event.save()
    return event


def record_each(
    deed: str, stations: Iterable[StationLike], *, what: str = "", details: Mapping[str, object] | None = None
) -> list[Event]:
    """Write down the same deed for many stations, with few statements."""
    _require_transaction()
    told = lines(details or {})
    return Event.objects.bulk_create([_event(deed, station, None, what, told) for station in stations])


def record_rows(deed: str, rows: Iterable[tuple[models.Model, StationLike | None]]) -> list[Event]:
    """Write down the same deed for many rows, each with its station if it has one, with few statements."""
    _require_transaction()
    return Event.objects.bulk_create([_event(deed, station, row, "", "") for row, station in rows])


def record_if_possible(deed: str, details: Mapping[str, object], **kwargs: object) -> None:
    """Write down a deed of freetemp's own commands: a receiver of freetemp.deeds.done.

    A database that was restored may be of an earlier freetemp, which has no events yet.
    """
    connection = transaction.get_connection()
    if Event._meta.db_table in connection.introspection.table_names():
        with transaction.atomic():
            record(deed, details=details)


def _event(deed: str, station: StationLike | None, of: models.Model | None, what: str, details: str) -> Event:
    who = actor()
    return Event(
        deed=one_line(deed, MOST_OF_A_DEED),
        station=station.pk if station else None,
        station_name=one_line(station.name, MOST_OF_A_NAME) if station else "",
        what=one_line(what or (str(of) if of else ""), MOST_OF_A_WHAT),
        details=details,
        person=one_line(who.person, MOST_OF_A_NAME),
        by=one_line(who.by, MOST_OF_A_NAME),
        address=who.address,
        of=of._meta.label_lower if of else "",
        of_number=str(of.pk) if of else "",
    )


def _require_transaction() -> None:
    """Raise an error for a deed without a transaction: it would be there even if its event could not be written.

    The transaction in which Django's tests run does not count.
    """
    connection = transaction.get_connection()
    blocks = [block for block in connection.atomic_blocks if not block._from_testcase]
    if not blocks and (connection.in_atomic_block or connection.get_autocommit()):
        raise transaction.TransactionManagementError("A deed is written down inside of the transaction that does it.")
