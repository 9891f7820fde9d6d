"""Means over time in plain Python, from raw readings alone, by the rules of docs/figures.md.

Rows are (Unix milliseconds, value), all plausible and of one field, in order of time.
"""

from bisect import bisect_left
from datetime import UTC, datetime, time, timedelta
from statistics import fmean

QUARTER, HOUR = 900_000, 3_600_000
SHORT = 49 * HOUR


def within(rows, start, end):
    return rows[bisect_left(rows, (start,)) : bisect_left(rows, (end,))]


def weighted(pairs):
    """Return the mean of (value, weight), or None if there are none."""
    pairs = list(pairs)
    return sum(value * weight for value, weight in pairs) / sum(weight for _, weight in pairs) if pairs else None


def over_quarters(rows, start, end):
    """Return the mean of the quarters from start to end. One that is cut counts by its share."""
    quarters = {}
    for at, value in within(rows, start, end):
        quarters.setdefault(at // QUARTER * QUARTER, []).append(value)
    return weighted(
        (fmean(values), min(quarter + QUARTER, end) - max(quarter, start)) for quarter, values in quarters.items()
    )


def over_hours(rows, start, end, origin=None, *, whole_end=False):
    """Return the mean of the hours, counted from `origin`. One that is cut counts by its share."""
    pairs, first = [], start if origin is None else start - (start - origin) % HOUR
    for hour in range(first, end, HOUR):
        begun, ended = max(hour, start), min(hour + HOUR, end)
        mean = over_quarters(rows, begun, ended)
        if mean is not None:
            pairs.append((mean, HOUR if whole_end and ended == end else ended - begun))
    return weighted(pairs)


def days(zone, start, end):
    """Yield the start and the end of each local day that has a part between two moments."""
    day = datetime.fromtimestamp(start / 1000, zone).date() - timedelta(days=2)
    edge = midnight(day, zone)
    while edge < end:
        day += timedelta(days=1)
        after = midnight(day, zone)
        if after > start and after > edge:
            yield edge, after
        edge = max(edge, after)


def midnight(day, zone):
    return round(datetime.combine(day, time(), zone).astimezone(UTC).timestamp() * 1000)


def day_mean(rows, start, end):
    """Return the mean of a whole day's hours. Each counts alike, even the one that still runs and one that is short."""
    hours = [over_quarters(rows, at, min(at + HOUR, end)) for at in range(start, end, HOUR)]
    return fmean(found) if (found := [mean for mean in hours if mean is not None]) else None


def over_days(rows, start, end, zone, now):
    """Return the mean of the days. One that is cut, and the one that still runs, count by their share."""
    pairs = []
    for begun, ended in days(zone, start, end):
        is_whole = start <= begun and ended <= end
        first, last = max(begun, start), min(ended, end)
        mean = day_mean(rows, begun, ended) if is_whole else over_hours(rows, first, last, begun)
        if begun <= now < ended:
            last = max(min(last, now), first + 1)
        if mean is not None:
            pairs.append((mean, (last - first) / (ended - begun)))
    return weighted(pairs)


def over_time(rows, start, end, zone, now, *, whole_end=False):
    """Return the mean of a range: of its hours if it is short, and otherwise of its days."""
    if end - start > SHORT:
        return over_days(rows, start, end, zone, now)
    is_days = all(midnight(datetime.fromtimestamp(at / 1000, zone).date(), zone) == at for at in (start, end))
    return over_hours(rows, start, end, whole_end=whole_end or is_days)
