"""A report's JSON and what the server answers to it, as docs/http-api.md has them."""

import json

from micropython import const

_READING = const(71)  # bytes of each: those of the longest, the others end in spaces
_TROUBLE = const(120)  # characters that the server takes


class Body:
    """len() bytes, made piece by piece while they are sent, for the heap has no room for them in one.

    `reading(index)` gives what line() takes. JSON allows spaces between its parts: so the length is known beforehand.
    """

    def __init__(self, boot, count, reading, trouble):
        self._begin = '{"boot":%d,"readings":[' % boot
        self._count = count
        self._reading = reading
        self._end = '],"trouble":"%s"}' % trouble if trouble else "]}"

    def __len__(self):
        return len(self._begin) + self._count * _READING + len(self._end)

    def __iter__(self):
        yield self._begin
        for index in range(self._count):
            yield line(*self._reading(index)) + ("," if index < self._count - 1 else " ")
        yield self._end


def line(seq, field, thousandths, name, seconds):
    """Return a reading's JSON, 70 bytes; `name` is "at" or "age"."""
    text = '{"seq":%d,"field":%d,"value":%s,"%s":%d}' % (seq, field, decimal(thousandths), name, seconds)
    return "%-70s" % text


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
