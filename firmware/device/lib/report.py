"""A report's JSON and the server's answer to it, as described in docs/http-api.md."""

import json

from micropython import const

_READING = const(71)  # bytes of each reading: as many as the longest takes, the others end in spaces
_TROUBLE = const(120)  # the most characters that the server accepts


class Body:
    """len() bytes, made piece by piece while they are sent, since the heap has no room for all of them.

    `reading(index)` gives line()'s arguments. JSON allows spaces between its parts, so the length is known in advance.
    `board()` is asked for its JSON once, with the length: the network is there by then.
    """

    def __init__(self, boot, count, reading, trouble="", firmware="", board=None):
        self._begin = '{"boot":%d,"readings":[' % boot
        self._count = count
        self._reading = reading
        self._end = "]%s%s}" % (_member("trouble", trouble), _member("firmware", firmware))
        self._board = board

    def __len__(self):
        return len(self._begin) + self._count * _READING + len(self._whole_end())

    def __iter__(self):
        end = self._whole_end()
        yield self._begin
        for index in range(self._count):
            yield line(*self._reading(index)) + ("," if index < self._count - 1 else " ")
        yield end

    def _whole_end(self):
        if self._board:
            self._end = '%s,"board":%s}' % (self._end[:-1], self._board())
            self._board = None
        return self._end


def _member(name, text):
    return ',"%s":"%s"' % (name, text) if text else ""


def line(seq, field, thousandths, name, seconds):
    """Return a reading's JSON, 70 bytes; `name` is "at" or "age"."""
    text = '{"seq":%d,"field":%d,"value":%s,"%s":%d}' % (seq, field, decimal(thousandths), name, seconds)
    return "%-70s" % text


def decimal(thousandths):
    """Return 21437 as 21.437: the board's floats have too few digits."""
    whole = abs(thousandths)
    return "%s%d.%03d" % ("-" if thousandths < 0 else "", whole // 1000, whole % 1000)


def printable(text):
    """Return the text in the form that the server accepts as trouble: ASCII, with nothing that JSON would escape."""
    return "".join(each if " " <= each <= "~" and each not in '"\\' else "?" for each in text[:_TROUBLE])


def receipt(answer, last_seq):
    """Return the JSON of an answer that acknowledges a report up to `last_seq` (None: without readings), else None."""
    try:
        said = json.loads(answer)
    except (ValueError, MemoryError):  # Another server's page, or an answer that was cut off.
        return None
    ack = said.get("ack", False) if isinstance(said, dict) else False
    return said if type(ack) is type(last_seq) and ack == last_seq else None


def codes(rejections):
    """Map the seq of each rejected reading in an answer to its code."""
    try:
        return {each["seq"]: each["code"] for each in rejections}
    except (TypeError, KeyError):  # Not an answer of this server.
        return {}
