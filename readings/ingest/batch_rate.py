"""The rate at which a key may send reports of many: generous for what waited, and too slow to fill a disk in days."""

from __future__ import annotations

import threading
import time

from readings.ingest.reports import Receipt, TooOftenError
from stations.models import Claim

BURST = 600_000  # Readings at once: a year of minutes of one field.
A_SECOND = 100  # for any length of time: some 250 MB a day on SQLite
OF_A_REPEAT = 0.1  # A reading that changes nothing counts as much as this of one that is stored.


class BatchRate:
    """A leaky bucket for each key, in this process. It is asked before a report, and filled when the cost is known.

    So a report is never cut: the last one may be beyond the limit, and the next one waits for it.
    """

    def __init__(self) -> None:
        self._empty_at_s: dict[str, float] = {}  # by the digest of a right key: there are no more than keys were issued
        self._lock = threading.Lock()

    def check(self, claim: Claim) -> None:
        """Raise TooOftenError if a proven claim has to wait."""
        wait_s = self._empty_at_s.get(claim.digest, 0) - time.monotonic() - BURST / A_SECOND
        if wait_s > 0:
            raise TooOftenError(round(wait_s * 1000))

    def pour(self, claim: Claim, receipt: Receipt) -> None:
        """Count a report that was accepted. A report without a reading counts as one."""
        changed_nothing = receipt.duplicate + len(receipt.rejected)
        cost = max(1, receipt.stored + OF_A_REPEAT * changed_nothing)
        with self._lock:
            empty_at_s = max(self._empty_at_s.get(claim.digest, 0), time.monotonic())
            self._empty_at_s[claim.digest] = empty_at_s + cost / A_SECOND


batch_rate = BatchRate()
