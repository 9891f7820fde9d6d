"""How air pressure changed in the last three hours, in the words of WMO's code table 0200."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

# A half that changes by less than this share of the other one is slower: the table does not say where that begins.
_SLOWER = 0.5


class Characteristic(NamedTuple):
    """A code figure of table 0200, with which of its words fit, as a first and a second part.

    The first is `increasing`, `decreasing` or `steady`; the second is one of these, `slower`, `faster`, or nothing.
    """

    code: int
    first: str
    then: str = ""


def characteristic(hourly: Sequence[float], least: float) -> Characteristic:
    """Return the characteristic of four values at a distance of an hour, oldest first.

    WMO-No. 306, Manual on Codes, volume I.1, code table 0200: regulation 12.2.3.5.2 has it determined from samples that
    are at most an hour apart. Changes of less than `least` are none.
    """
    oldest, *_, newest = hourly
    change = newest - oldest
    bump, dip = max(hourly) - max(oldest, newest), min(oldest, newest) - min(hourly)
    if max(bump, dip) >= least:
        return _turned(change if abs(change) >= least else 0, is_bump=bump >= dip)
    if abs(change) < least:
        return Characteristic(4, "steady")
    return _went_on(hourly, least, is_up=change > 0)


def _turned(change: float, *, is_bump: bool) -> Characteristic:
    if is_bump:
        return Characteristic(0 if change >= 0 else 8, "increasing", "decreasing")
    return Characteristic(5 if change <= 0 else 3, "decreasing", "increasing")


def _went_on(hourly: Sequence[float], least: float, *, is_up: bool) -> Characteristic:
    """Compare the changes of both halves; in the middle of the time, the pressure was between the two hours' values."""
    oldest, second, third, newest = hourly
    middle = (second + third) / 2
    before, after = abs(middle - oldest), abs(newest - middle)
    way, steadily, slower, faster = ("increasing", 2, 1, 3) if is_up else ("decreasing", 7, 6, 8)
    if after <= _SLOWER * before and before - after >= least:
        return Characteristic(slower, way, "steady" if after < least else "slower")
    if before <= _SLOWER * after and after - before >= least:
        return Characteristic(faster, *(("steady", way) if before < least else (way, "faster")))
    return Characteristic(steadily, way)
