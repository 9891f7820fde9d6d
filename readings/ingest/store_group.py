"""Stores reports that arrive together in one transaction. Each report has its own outcome.

The outcome of every report is decided here and nowhere else. Only the database can fail a group as a whole.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import count

from django.db import IntegrityError

from freetemp.clock import WRITTEN_MS, clock, database_clock
from freetemp.fields import from_millis
from freetemp.sql import Executed, atomic, execute, few_waits, one_of
from readings.ingest import clock_ahead
from readings.ingest.board_states import keep_told
from readings.ingest.device_states import keep_devices
from readings.ingest.insert import are_later, insert_new, insert_readings, moments_from, stored_values
from readings.ingest.problems import FUTURE_MS, other_value_at, problem_of
from readings.ingest.rate_limit import admit
from readings.ingest.reports import (
    NO_SEQ,
    Batch,
    ClockBehindError,
    Columns,
    NamedBatch,
    Outcome,
    Receipt,
    Rejection,
    Report,
    Sample,
    SingleValue,
    TooOftenError,
    UnknownFieldError,
)
from readings.ingest.rows import RowKey, Rows, by_station
from readings.ingest.settling import settle
from readings.ingest.station_state import ask_stations, forget_trouble, keep_words, stations_in
from readings.models.boot import Boot, BootKey, Reached, reached_in
from readings.rollups.locks import FieldState, fields_in, lock_fields
from readings.rollups.rebuild import newest
from stations.authentication import WrongKeyError
from stations.models import Holder, Key
from stations.models.field import MAX_NUMBER

# Two processes may commit in a different order than they read the clock, and NTP sets it back by fractions of a second.
CLOCK_SLACK_MS = 5_000
NUMBERS = frozenset(range(1, MAX_NUMBER + 1))
Numbered = SingleValue | Batch


def store_together(reports: Sequence[Report]) -> list[Outcome]:
    """Store all reports in one transaction and return each one's outcome, in their order.

    An outcome is the moment of a SingleValue, the Receipt of a Batch, or the exception that says why this report alone
    was not stored. Raises ClockBehindError, or django.db.Error if the database takes none of them.
    """
    with few_waits():
        return _store_together(reports)


def _store_together(reports: Sequence[Report]) -> list[Outcome]:
    holders = Key.objects.verify({report.claim for report in reports})
    known = [(_numbered(report, holder), holder) for report in reports if (holder := holders.get(report.claim))]
    if not known:
        return [WrongKeyError() for _ in reports]
    try:
        outcomes = _store(known)
    except _ClockWasAheadError as error:
        clock_ahead.mend(error.now_ms, CLOCK_SLACK_MS)
        outcomes = _store(known, is_mended=True)
    stored = iter(outcomes)
    return [next(stored) if report.claim in holders else WrongKeyError() for report in reports]


def _numbered(report: Report, holder: Holder) -> Numbered:
    return report.numbered(holder) if isinstance(report, NamedBatch) else report


class _ClockWasAheadError(Exception):
    """Something was stored while the clock was ahead, and has to be mended first."""

    def __init__(self, now_ms: int) -> None:
        self.now_ms = now_ms


def _store(
    reports: Sequence[tuple[Numbered, Holder]], *, is_mended: bool = False, expects_repeats: bool = False
) -> list[Outcome]:
    try:
        with atomic():
            group = _Group(reports, expects_repeats=expects_repeats)
            if group.latest_ms > group.now_ms + FUTURE_MS and not is_mended:
                raise _ClockWasAheadError(group.now_ms)
            return group.store()
    except IntegrityError:
        if expects_repeats:
            raise
        return _store(reports, is_mended=is_mended, expects_repeats=True)


class _Group:
    """The work of one transaction: plan every report, insert once, then update whatever depends on the new rows."""

    def __init__(self, reports: Sequence[tuple[Numbered, Holder]], *, expects_repeats: bool) -> None:
        self.reports, self.expects_repeats = reports, expects_repeats
        stations = {holder.station for _, holder in reports}
        self.new: list[Rows] = []  # of reports without anything to look at
        self.rows: dict[RowKey, float] = {}  # of the others
        self.counted: dict[BootKey, Receipt] = {}  # the boots that reported samples, with their last receipts
        # The samples with their rows and receipts, and whether each is the first one of its row.
        self.samples: list[tuple[RowKey, Sample, Receipt, bool]] = []
        numbers = {number for report, _ in reports for number in report.fields()}
        batches = {holder.station for report, holder in reports if isinstance(report, Batch)}
        # Asked in this order: what the others say is then seen with the fields locked.
        locked, asked = lock_fields(stations, numbers & NUMBERS), ask_stations(stations)
        boots = Boot.objects.ask_reached(batches) if batches else Executed()
        self.fields, self.boots = fields_in(locked), reached_in(boots)
        self.known_boots = frozenset(self.boots)
        self.states, heard_ms, told_ms = stations_in(asked)
        self.now_ms = _arrival_ms(told_ms)
        self.latest_ms = max([heard_ms, *(state.newest_ms for state in self.fields.values())])

    def store(self) -> list[Outcome]:
        for state in self.fields.values():
            if state.newest_ms > self.now_ms + CLOCK_SLACK_MS:  # The clock was set back a little.
                state.newest_ms, state.newest_value = newest(state.station, state.number, self.now_ms) or (0, None)
                state.has_late = True
        outcomes = [self._plan(report, holder) for report, holder in self.reports]
        stored = self._insert(outcomes)
        self._count_samples(stored)
        settle(self.fields, [*self.new, *by_station({row: self.rows[row] for row in stored})], self.states)
        self._mark_heard(outcomes)
        keep_told(self.reports, self.boots, self.now_ms)
        keep_devices(self.reports, self.now_ms)
        if self.counted:
            reached = {boot: self._reached(boot, receipt) for boot, receipt in self.counted.items()}
            Boot.objects.keep(reached, self.now_ms, self.counted.keys() - self.known_boots)
        return outcomes

    def _reached(self, boot: BootKey, receipt: Receipt) -> Reached:
        """Return the count of a boot with all that its last report had rejected, some of it only when it was stored."""
        reached = self.boots[boot]
        return reached._replace(rejected=reached.rejected | {each.seq for each in receipt.rejected})

    def _insert(self, outcomes: list[Outcome]) -> Collection[RowKey]:
        """Insert the planned rows and return those that were new.

        What a clock that was ahead has stored at their moments makes room. A single value is always new: where another
        one has its moment, it takes the next.
        """
        if self.new:
            insert_new(self.new)
        stored = insert_readings(self.rows, are_new=not self.expects_repeats and are_later(self.rows, self.fields))
        if len(stored) == len(self.rows):
            return stored
        room = clock_ahead.make_room({row: value for row, value in self.rows.items() if row not in stored})
        stored = {*stored, *insert_readings(room)} if room else stored
        for at, (report, holder) in enumerate(self.reports):
            moment_ms = outcomes[at]
            if not isinstance(report, SingleValue) or not isinstance(moment_ms, int):
                continue
            field = (holder.station, report.field)
            if (*field, moment_ms) not in stored:
                outcomes[at] = moment_ms = self._next_free(field, moment_ms, moments_from(*field, moment_ms))
                self.rows[*field, moment_ms] = report.value
                stored = {*stored, *insert_readings({(*field, moment_ms): report.value})}
        return stored

    def _plan(self, report: Numbered, holder: Holder) -> Outcome:
        if isinstance(report, Batch):
            return self._plan_batch(report, holder.station)
        state = self.fields.get((holder.station, report.field))
        if state is None:
            return UnknownFieldError(report.field)
        empty_at_ms, wait_ms = admit(state.empty_at_ms, self.now_ms, holder.interval_s)
        if wait_ms:
            return TooOftenError(wait_ms)
        state.empty_at_ms, state.changed = empty_at_ms, True
        moment_ms = self._free_moment(state)
        self.rows[state.station, state.number, moment_ms] = report.value
        return moment_ms

    def _free_moment(self, state: FieldState) -> int:
        """Return this moment, or the field's next free millisecond, so that every value answered OK is kept."""
        field = (state.station, state.number)
        taken = moments_from(*field, self.now_ms) if self.now_ms <= state.newest_ms else set()
        return self._next_free(field, self.now_ms, taken)

    def _next_free(self, field: tuple[int, int], start_ms: int, taken: Collection[int]) -> int:
        """Return a field's first millisecond from a moment on that neither the database nor this group has taken."""
        return next(ms for ms in count(start_ms) if ms not in taken and (*field, ms) not in self.rows)

    def _plan_batch(self, batch: Batch, station: int) -> Receipt:
        if batch.boot is not None and batch.samples:
            return self._plan_counted(batch.samples, (station, batch.boot))
        receipt = Receipt()
        self._plan_samples(station, batch.samples, receipt)
        return receipt

    def _plan_counted(self, samples: Sequence[Sample], boot: BootKey) -> Receipt:
        """Plan the samples above the boot's highest seq, and those that its last report had rejected.

        If that answer was lost, the board sends them again and has to hear of it: a duplicate counts as stored.
        """
        reached = self.boots.get(boot, Reached())
        highest, rejected = reached.seq, reached.rejected
        new = samples
        if samples[0].seq <= highest:
            new = [sample for sample in samples if sample.seq > highest or sample.seq in rejected]
        receipt = Receipt(duplicate=len(samples) - len(new))
        self._plan_samples(boot[0], new, receipt)
        last = samples[-1].seq
        # A report after a lost answer may be shorter, and another one brings the rest.
        again = {seq for seq in rejected if seq > last} | {each.seq for each in receipt.rejected}
        self.boots[boot] = reached._replace(seq=max(highest, last), rejected=frozenset(again))
        self.counted[boot] = receipt
        return receipt

    def _plan_samples(self, station: int, samples: Sequence[Sample], receipt: Receipt) -> None:
        """Plan all samples at once where nothing can be wrong with any of them, and one by one elsewhere."""
        if isinstance(samples, Columns) and not self.expects_repeats:
            moments_ms = [self.now_ms - age_ms for age_ms in samples.times_ms] if samples.are_ages else samples.times_ms
            if not self._may_have_problems(station, samples, moments_ms):
                self.new.append(Rows(station, samples.fields, moments_ms, samples.values))
                receipt.stored += len(samples)
                return
        for sample in samples:
            self._plan_sample(station, sample, receipt)

    def _may_have_problems(self, station: int, samples: Columns, moments_ms: Sequence[int]) -> bool:
        """Tell whether a sample may have a problem: at the first and the last moment, a field has none in between."""
        ends_ms, value = (min(moments_ms), max(moments_ms)), samples.values[0]
        return any(
            self._problem(station, Sample(NO_SEQ, field, value, 0, False), moment_ms)
            for field in {*samples.fields}
            for moment_ms in ends_ms
        )

    def _plan_sample(self, station: int, sample: Sample, receipt: Receipt) -> None:
        moment_ms = self.now_ms - sample.time_ms if sample.is_age else sample.time_ms
        problem = self._problem(station, sample, moment_ms)
        if problem:
            receipt.rejected.append(Rejection(sample.seq, *problem))
            return
        row = (station, sample.field, moment_ms)
        self.samples.append((row, sample, receipt, row not in self.rows))
        self.rows.setdefault(row, sample.value)

    def _count_samples(self, new: Collection[RowKey]) -> None:
        """Count each sample as stored or duplicate. A moment that has another value already is no repeat: rejected."""
        if not self.samples:
            return
        if len(new) == len(self.rows) and all(is_first for *_, is_first in self.samples):  # As nearly always.
            for _, _, receipt, _ in self.samples:
                receipt.stored += 1
            return
        present = stored_values({row for row, *_ in self.samples if row not in new})
        for row, sample, receipt, is_first in self.samples:
            value = present.get(row, self.rows[row])
            if is_first and row in new:
                receipt.stored += 1
            elif sample.value == value:
                receipt.duplicate += 1
            else:
                receipt.rejected.append(Rejection(sample.seq, *other_value_at(row, value)))

    def _problem(self, station: int, sample: Sample, moment_ms: int) -> tuple[str, str] | None:
        field, raw_since_ms = self.fields.get((station, sample.field)), self.states[station].raw_since_ms
        return problem_of(sample, moment_ms, field, now_ms=self.now_ms, raw_since_ms=raw_since_ms)

    def _mark_heard(self, outcomes: Sequence[Outcome]) -> None:
        """Mark the stations as heard, and let each pending key take over if a reading was stored with it."""
        heard = set()
        for (report, holder), outcome in zip(self.reports, outcomes, strict=True):
            if isinstance(outcome, Exception):
                continue
            heard.add(holder.station)
            is_first_use = holder.is_pending and (isinstance(outcome, int) or outcome.stored)
            if is_first_use and Key.objects.get(pk=holder.key).take_over(from_millis(self.now_ms)):
                forget_trouble(self.states, holder.station)
            keep_words(self.states, holder.station, report)
        if heard:
            of_stations, parameters = one_of(sorted(heard))
            execute(
                f"UPDATE stations_station SET last_heard_at = %s WHERE id {of_stations}",  # noqa: S608 - our names
                [self.now_ms, *parameters],
            )


def _arrival_ms(told_ms: int | None) -> int:
    """Return this moment in Unix milliseconds. Raises ClockBehindError if the clock is known to be wrong."""
    now_ms = database_clock.arrival_ms(told_ms)
    if now_ms < WRITTEN_MS or (not database_clock.is_of_another_machine and clock.is_behind(now_ms)):
        raise ClockBehindError
    return now_ms
