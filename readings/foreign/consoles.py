"""What the formats of consoles share: Weather Underground's, and Ecowitt's and Ambient's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from readings.foreign.upload import Known, Sent, number_of, pairs_of

NO_VALUE = -9999
# A total that begins again seldom is better than one that does at each midnight.
TOTALS = ("totalrainin", "yearlyrainin", "dailyrainin")


def numbered(source: str, quantity: str, unit: str, name: str, numbers: range) -> list[Known]:
    """Return a quantity that several sensors measure: `{}` in its source stands for the number."""
    return [Known(source.format(n), quantity, unit, f"{name} {n}") for n in numbers]


def pairs_in(sent: Sent, body: bytes) -> list[tuple[str, str]]:
    """Return the names and values of a query, also of one without its question mark, and of a POST's body."""
    form = body.decode(errors="replace") if sent.method == "POST" else ""
    return pairs_of("&".join(filter(None, [sent.part("rest"), sent.query, form])))


def measured(
    given: Mapping[str, str], known: Mapping[str, Known], *totals: Sequence[str]
) -> Iterator[tuple[Known, float]]:
    """Yield the known quantities that have a value, with it. Of each family of totals, only the first one counts."""
    others = {name for family in totals for name in family}
    others -= {next((name for name in family if given.get(name)), "") for family in totals}
    for name, text in given.items():
        if name in known and text and name not in others and (number := number_of(text)) != NO_VALUE:
            yield known[name], number
