"""The reports of boards, and their outcomes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from freetemp.disk_reserve import RETRY_AFTER_S
from readings.models.board_state import Told
from readings.models.device_state import DeviceTold
from stations.models import Claim, Holder
from stations.units import conversion


class Measurement(NamedTuple):
    """A value of one field, in its unit, with the moment of its measurement in Unix milliseconds."""

    field: int
    measured_at_ms: int
    value: float


class ReportError(Exception):
    """The reason why a report was not stored: one line for its board, an HTTP status, and the time to wait."""

    status = 400
    retry_after_s: int | None = None


class NoReportError(ReportError):
    """The body is not a report. The message names the part that is wrong, and the problem."""


class UnknownFieldError(ReportError):
    """The station has no field with this number."""

    def __init__(self, field: int) -> None:
        super().__init__(f"field: this station has no field {field}")


class TooLargeError(ReportError):
    """The report exceeds a limit. The message states the limit."""

    status = 413


class TooOftenError(ReportError):
    """A field reports far more often than its station's interval allows."""

    status = 429

    def __init__(self, wait_ms: int) -> None:
        self.retry_after_s = -(-wait_ms // 1000)
        super().__init__(f"too often: wait {self.retry_after_s} s")


class ClockBehindError(ReportError):
    """The server's clock is known to be in the past, like a Raspberry Pi's just after it has booted: freetemp.clock."""

    status = 503
    retry_after_s = 30

    def __init__(self) -> None:
        super().__init__("the server's clock is behind")


class DiskReserveError(ReportError):
    """Only the reserve of the database's disk is left: freetemp.disk_reserve."""

    status = 503
    retry_after_s = RETRY_AFTER_S

    def __init__(self) -> None:
        super().__init__("the server's disk is nearly full")


@dataclass(frozen=True, slots=True)
class SingleValue:
    """One value, measured when it arrives. Its outcome is the moment it was stored under, in Unix milliseconds."""

    claim: Claim
    field: int
    value: float

    def fields(self) -> set[int]:
        return {self.field}


NO_SEQ = -1


class Sample(NamedTuple):
    """A reading of a batch."""

    seq: int  # NO_SEQ in a batch without a boot
    field: int  # 0: not the number of any field
    value: float  # nan: not a finite number
    time_ms: int  # Unix time, or the age before now
    is_age: bool


@dataclass(frozen=True, slots=True)
class Columns(Sequence[Sample]):
    """Samples column by column: all with a moment or all with an age, and each value a finite number.

    A sample is made when it is asked for: for a whole report, that takes as long as storing it.
    """

    seqs: Sequence[int]
    fields: list[int]
    values: list[float]
    times_ms: list[int]
    are_ages: bool

    def __len__(self) -> int:
        return len(self.fields)

    def __getitem__(self, at: Any) -> Any:
        return list(self)[at] if isinstance(at, slice) else self._sample(at)

    def __iter__(self) -> Iterator[Sample]:
        return map(self._sample, range(len(self)))

    def _sample(self, at: int) -> Sample:
        return Sample(self.seqs[at], self.fields[at], self.values[at], self.times_ms[at], self.are_ages)


@dataclass(frozen=True, slots=True)
class Batch:
    """Readings of one boot in the order of `seq`, or without a boot, each with its moment."""

    claim: Claim
    boot: int | None
    samples: Sequence[Sample]
    trouble: str = ""  # the problem that the board reports about itself
    firmware: str = ""  # the version that it reports
    board: Told | None = None  # the state that it reports
    device: DeviceTold | None = None  # that of another maker's

    def fields(self) -> set[int]:
        samples = self.samples
        return set(samples.fields) if isinstance(samples, Columns) else {sample.field for sample in samples}


class NamedValue(NamedTuple):
    """A value by the name that a device of another maker sends."""

    source: str
    value: float  # nan: not a finite number
    unit: str | None  # None: that of the field, whatever it is
    measured_at_ms: int


@dataclass(slots=True)
class NamedBatch:
    """Values by their names, for the station that the key alone names. Once stored, it knows what had no place."""

    claim: Claim
    values: Sequence[NamedValue]
    station: int = 0
    missing: list[NamedValue] = field(default_factory=list)  # The station has no field of this name.
    unfit: list[NamedValue] = field(default_factory=list)  # The field's unit measures something else.
    device: DeviceTold | None = None  # what the device says of itself

    def numbered(self, holder: Holder) -> Batch:
        """Return the batch of the values that have a field, each in its unit. Their `seq` is their place here."""
        self.station, self.missing, self.unfit = holder.station, [], []
        samples = []
        for at, each in enumerate(self.values):
            source = holder.sources.get(each.source)
            if source is None:
                self.missing.append(each)
            elif each.unit is None or each.unit == source.unit:
                samples.append(Sample(at, source.field, each.value, each.measured_at_ms, is_age=False))
            elif convert := conversion(each.unit, source.unit):
                samples.append(Sample(at, source.field, convert.apply(each.value), each.measured_at_ms, is_age=False))
            else:
                self.unfit.append(each)
        return Batch(self.claim, None, samples, device=self.device)


class Rejection(NamedTuple):
    """A reading that can never be stored unchanged. `code` is field, value, old or clock."""

    seq: int
    code: str
    reason: str

    def as_json(self) -> dict[str, Any]:
        return {"seq": None if self.seq == NO_SEQ else self.seq, "code": self.code, "reason": self.reason}


@dataclass(slots=True)
class Receipt:
    """The outcome of a Batch. Every sample is counted in one of the three."""

    stored: int = 0
    duplicate: int = 0
    rejected: list[Rejection] = field(default_factory=list)


Report = SingleValue | Batch | NamedBatch
Outcome = int | Receipt | Exception
