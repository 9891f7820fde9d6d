"""What came of a simulated year: what was noted and told, how late, and with which cause."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Result:
    """What came of a year."""

    days: int = 0
    quiet: int = 0
    outages: int = 0
    usual: int = 0
    told: Counter = field(default_factory=Counter)
    late: list = field(default_factory=list)
    not_once: list = field(default_factory=list)
    causes: dict = field(default_factory=lambda: defaultdict(Counter))
    after_a_day: dict = field(default_factory=lambda: defaultdict(Counter))
    wrong: list = field(default_factory=list)
    false_alarms: list = field(default_factory=list)
    sure_and_wrong: int = 0

    @property
    def not_told_once(self) -> set[str]:
        """Return what was not noted and told once, with its end."""
        return {what for what in self.told if not what.startswith("1 ")}

    @property
    def faults(self) -> bool:
        """Tell whether anything is not as issue 16 wants it."""
        total = sum(self.causes.values(), Counter())
        is_rarely_right = total["right"] < 0.95 * total.total()
        return bool(self.late or self.false_alarms or self.not_told_once or self.sure_and_wrong or is_rarely_right)


def lines(result: Result) -> Iterator[str]:
    yield f"days: {result.days}, of which {result.quiet} were quiet"
    yield f"outages of stations: {result.outages}, and {result.usual} that were usual for their station by then"
    for what, count in sorted(result.told.items()):
        yield f"  {what}: {count}"
    yield f"told later than two intervals after the limit: {len(result.late)} {result.late[:5]}"
    yield f"not noted once: {result.not_once[:10]}"
    for name, causes in (("in the message", result.causes), ("after a day", result.after_a_day)):
        total = sum(causes.values(), Counter())
        yield f"causes {name}: {dict(total)}, right {100 * total['right'] / max(total.total(), 1):.1f} %"
        for kind, counts in sorted(causes.items()):
            yield f"  {kind}: {dict(counts)}"
    yield f"wrong though sure: {result.sure_and_wrong}; {result.wrong[:10]}"
    yield f"false alarms in quiet hours: {len(result.false_alarms)}"
