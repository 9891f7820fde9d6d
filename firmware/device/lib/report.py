"""A report's JSON and what the server answers to it, as docs/http-api.md has them."""

import json

from micropython import const

_BODY = const(1792)
_READING = const(80)  # bytes of the longest
_END = const(160)  # bytes of the longest
_TROUBLE = const(120)  # characters that the server takes


class Body:
    """Written piece by piece into the same bytes each time: begin(), add() while has_room(), end()."""

    def __init__(self):
        self._bytes = bytearray(_BODY)
        self._length = 0

    def begin(self, boot):
        self._length = 0
        self._write('{"boot":%d,"readings":[' % boot)
        self._comma = ""

    def has_room(self):
        return self._length <= _BODY - _READING - _END

    def add(self, seq, field, thousandths, name, seconds):
        """Add a reading; `name` is "at" or "age"."""
        line = '%s{"seq":%d,"field":%d,"value":%s,"%s":%d}'
        self._write(line % (self._comma, seq, field, decimal(thousandths), name, seconds))
        self._comma = ","

    def end(self, trouble):
        """Return a memoryview of the whole."""
        self._write('],"trouble":"%s"}' % trouble if trouble else "]}")
        return memoryview(self._bytes)[: self._length]

    def _write(self, text):
        end = self._length + len(text)
        self._bytes[self._length : end] = text.encode()
        self._length = end


def decimal(thousandths):
    """Return 21437 as 21.437: the board's floats have too few digits."""
    whole = abs(thousandths)
    return "%s%d.%03d" % ("-" if thousandths < 0 else "", whole // 1000, whole % 1000)


def printable(text):
    """Return the text as the server takes it as trouble: ASCII, with nothing that JSON would escape."""
    return "".join(each if " " <= each <= "~" and each not in '"\\' else "?" for each in text[:_TROUBLE])


def receipt(answer, last_seq):
    """Return the JSON of an answer that acknowledges a report up to `last_seq` (None: without readings), else None."""
    try:
        said = json.loads(answer)
    except (ValueError, MemoryError):  # Somebody else's page, or cut off.
        return None
    ack = said.get("ack", False) if isinstance(said, dict) else False
    return said if type(ack) is type(last_seq) and ack == last_seq else None


def codes(rejections):
    """Return the codes of an answer's rejected readings by their seq."""
    try:
        return {each["seq"]: each["code"] for each in rejections}
    except (TypeError, KeyError):  # Not what the server says.
        return {}
