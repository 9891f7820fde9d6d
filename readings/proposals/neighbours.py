"""Stations near each other that disagree more than they usually do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import cos, hypot, radians
from statistics import median
from typing import NamedTuple

from readings.calendar.span import DAY_MS

NEAR_KM, NEAR_M = 30.0, 300.0
KM_A_DEGREE = 111.2
HABIT_DAYS, LEAST_DAYS, REACH_DAYS = 30, 20, 60
LEAST_WITNESSES = 2
SPREADS = 5.0  # so many times the usual spread of the difference
A_SIGMA = 1.4826  # the median distance from the median, of a normal distribution

DayMeans = Mapping[int, float]  # by the day's start in Unix milliseconds


class Place(NamedTuple):
    latitude: float
    longitude: float
    elevation_m: float | None


class Disagreement(NamedTuple):
    """A day on which a field left its neighbours: who they are, and the median of the differences' changes."""

    start_ms: int
    neighbours: tuple[int, ...]
    change: float


def is_near(one: Place, other: Place) -> bool:
    """Tell whether two places have much the same weather. An elevation that is not known is no reason against it."""
    north = (one.latitude - other.latitude) * KM_A_DEGREE
    east = (one.longitude - other.longitude + 180) % 360 - 180
    east *= KM_A_DEGREE * cos(radians((one.latitude + other.latitude) / 2))
    if hypot(north, east) > NEAR_KM:
        return False
    if one.elevation_m is None or other.elevation_m is None:
        return True
    return abs(one.elevation_m - other.elevation_m) <= NEAR_M


def disagreeing(
    own: DayMeans, near: Mapping[int, DayMeans], since_ms: int, apart: float, begins_ms: int = 0
) -> list[Disagreement]:
    """Return the days since a moment on which a field left most of its neighbours.

    Means are those of days, in the field's unit. One neighbour alone tells nothing: nobody knows which of the two it
    was. `apart` is the least change that counts. Habits begin at `begins_ms`, from where on people found it right.
    """
    left = {each: changes(own, means, since_ms, apart, begins_ms) for each, means in near.items()}
    odd = []
    for day in sorted(each for each in own if each >= since_ms):
        votes = {each: change for each, of in left.items() if (change := of.get(day)) is not None}
        against = {each: change for each, change in votes.items() if change}
        if len(against) >= LEAST_WITNESSES and 2 * len(against) > len(votes):
            odd.append(Disagreement(day, tuple(sorted(against)), median(against.values())))
    return odd


def changes(own: DayMeans, other: DayMeans, since_ms: int, apart: float, begins_ms: int = 0) -> dict[int, float]:
    """Return by how much the difference of two fields left its habit on each day since a moment: 0 if it did not.

    Days are left out while there is no habit, and while the two differ too much for one to tell about the other.
    """
    habit: dict[int, float] = {}
    found = {}
    first_ms = max(since_ms - REACH_DAYS * DAY_MS, begins_ms)
    for day in sorted(each for each in own.keys() & other.keys() if each >= first_ms):
        difference = own[day] - other[day]
        usual = list(habit.values())[-HABIT_DAYS:]  # A day that left them is none of it.
        change = _change(difference, usual, apart) if len(usual) >= LEAST_DAYS else None
        if not change:
            habit[day] = difference
        if day >= since_ms and change is not None:
            found[day] = change
    return found


def _change(difference: float, usual: Sequence[float], apart: float) -> float | None:
    middle = median(usual)
    spread = A_SIGMA * median([abs(each - middle) for each in usual])
    if spread > apart:
        return None
    change = difference - middle
    return change if abs(change) > max(apart, SPREADS * spread) else 0.0
