"""Delivers readings: directly where the network is there, else by way of the outbox. Design section 8, "Answers"."""


class Reporter:
    """`trouble` is what the station says of itself ("ds18b20: no answer"), "" where all is well: set it at any time.

    post(body) -> (status, retry_after_s or None, answer) sends a report; `body` is a memoryview, and only valid until it
    returns. It raises OSError where there is no answer, no network included.
    """

    def __init__(self, config, clock, identity, outbox, post):
        self.trouble = ""

    def add(self, field, thousandths):
        """Take a reading, measured now. It is in RAM until deliver() or keep()."""
        raise NotImplementedError

    def deliver(self):
        """Send at most one report: what waits, oldest first, or trouble that is to be told.

        Returns None when nothing waits, else the seconds until it may try again: 0 where more waits, so call again at once
        (after what else there is to do). Calling earlier is harmless. Afterwards no reading is in RAM only, so the board may
        sleep or reset, unless the flash refuses.
        """
        raise NotImplementedError

    def keep(self):
        """Put onto flash what is in RAM only: before a reset, or a wait without network."""
        raise NotImplementedError
