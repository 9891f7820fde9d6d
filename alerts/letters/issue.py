"""When a letter is due, and of which days it tells."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from alerts.models import LetterRhythm, Recipient
from readings.calendar.days import midnight
from readings.calendar.navigation import Navigation
from readings.calendar.periods import Period

A_DAY = timedelta(days=1)
STEPS = {LetterRhythm.DAY: A_DAY, LetterRhythm.WEEK: 7 * A_DAY}
LATEST = A_DAY  # A letter that could not be written for so long is left out, and the next one says so.


class Issue(NamedTuple):
    """A letter of a rhythm by the day on which it is due: it tells of the day or the seven days before."""

    rhythm: LetterRhythm
    day: date

    @classmethod
    def newest(cls, recipient: Recipient, rhythm: LetterRhythm, at: datetime) -> Issue:
        """Return the last one that is due at a moment, by the recipient's clock. Those of a week are due on Mondays."""
        today = at.astimezone(recipient.zone).date()
        day = today if due_at(recipient, today) <= at else today - A_DAY
        return cls(rhythm, day - timedelta(days=day.weekday()) if rhythm == LetterRhythm.WEEK else day)

    def missed_since(self, done: date | None) -> list[date]:
        """Return the days between the last letter and this one on which one was due."""
        step, day, found = STEPS[self.rhythm], self.day, []
        while done is not None and (day := day - step) > done:
            found.append(day)
        return found[::-1]

    def period(self, zone: ZoneInfo, at: datetime) -> Period:
        """Return the days that a letter of a moment tells of, by the calendar of a station's zone.

        Where the last of them is not over, far in the west, the days begin and end one earlier.
        """
        last = min(self.day, at.astimezone(zone).date()) - A_DAY
        if self.rhythm == LetterRhythm.DAY:
            return Period.containing(last, "day", zone)
        first = last - 6 * A_DAY
        if not first.weekday():
            return Period.containing(first, "week", zone)
        return Period("range", midnight(first, zone), midnight(last + A_DAY, zone), zone)

    def days(self, recipient: Recipient, at: datetime) -> str:
        """Return the name of its day or week: “16 to 22 November 2026”."""
        return Navigation(self.period(recipient.zone, at), at).title


def due_at(recipient: Recipient, day: date) -> datetime:
    """Return the moment at which a recipient's letter of a day is due.

    An hour that the clocks skip is the one after it, and of an hour that they repeat it is the first.
    """
    return datetime.combine(day, time(recipient.letter_hour), recipient.zone).astimezone(UTC)
