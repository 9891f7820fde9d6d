"""Frames on a serial line (RFC 1055), as the ESP8266's loader receives and sends them."""

END = b"\xc0"
_ESCAPED_END, _ESCAPE, _ESCAPED_ESCAPE = b"\xdb\xdc", b"\xdb", b"\xdb\xdd"


def encode(packet: bytes) -> bytes:
    """Return the packet as a frame, with an END on both sides."""
    return END + packet.replace(_ESCAPE, _ESCAPED_ESCAPE).replace(END, _ESCAPED_END) + END


class Decoder:
    """Finds packets in bytes that arrive in any pieces. Bytes between two frames are noise and are skipped."""

    def __init__(self) -> None:
        self._frame: bytearray | None = None

    @property
    def inside(self) -> bool:
        """Whether a frame has begun and has not ended."""
        return self._frame is not None

    def take(self, data: bytes) -> tuple[bytes | None, bytes]:
        """Take bytes up to the end of one frame; return its packet, or None, and the remaining bytes."""
        if self._frame is None:
            _, begin, data = data.partition(END)
            if not begin:
                return None, b""
            self._frame = bytearray()
        before, end, rest = data.partition(END)
        self._frame += before
        if not end or not self._frame:  # An END of an empty frame is another beginning.
            return None, rest
        packet = bytes(self._frame).replace(_ESCAPED_END, END).replace(_ESCAPED_ESCAPE, _ESCAPE)
        self._frame = None
        return packet, rest
