"""What a report says of its board: the member `board` of docs/http-api.md."""

import gc


class Health:
    """Of the three that are kept over resets, `untold` is the cause of the start plus 1 while the server may not know it,
    `starts` the number of the start, and `failed` counts reports since the last one that was taken.

    A station may set `signal`, which returns dBm or None, and `more`, members as JSON.
    """

    signal = None
    more = ""

    def __init__(self, woke, clock, untold, starts, failed):
        import machine

        self.failed = failed
        self._clock = clock
        self._began_s = 0
        cause = machine.reset_cause()
        if not (woke and cause == machine.DEEPSLEEP_RESET):
            self._began_s = clock.up_s()  # The time goes on over an announced reset.
            untold = cause + 1
            starts = starts % 0xFFFF + 1
        self.untold = untold
        self.starts = starts

    def member(self):
        """Return the JSON, while a report is sent, which `failed` counts already."""
        gc.collect()
        text = '{"start":%d,"up":%d,"heap":%d' % (self.starts, self._clock.up_s() - self._began_s, gc.mem_free())
        if self.untold:
            text += ',"reset":%d' % (self.untold - 1)
        if self.failed > 1:
            text += ',"failed":%d' % (self.failed - 1)
        dbm = self.signal and self.signal()
        if dbm:
            text += ',"rssi":%d' % dbm
        return text + self.more + "}"
