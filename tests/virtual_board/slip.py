"""Frames on a serial line (RFC 1055), as the ESP8266's loader takes and sends them."""

END, ESCAPE, ESCAPED_END, ESCAPED_ESCAPE = 0xC0, 0xDB, 0xDC, 0xDD
_MEANING = {ESCAPED_END: END, ESCAPED_ESCAPE: ESCAPE}


def encode(packet: bytes) -> bytes:
    """Return the packet as a frame, with an END on both sides."""
    escaped = packet.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
    return b"\xc0" + escaped + b"\xc0"


class Decoder:
    """Frames out of bytes that arrive in any pieces; what stands between two frames is noise and is left out."""

    def __init__(self) -> None:
        self._packet: bytearray | None = None
        self._escaped = False

    @property
    def inside(self) -> bool:
        """Whether a frame has begun and has not ended."""
        return self._packet is not None

    def take(self, byte: int) -> bytes | None:
        """Take one byte and return the packet that it completes."""
        if byte == END:
            return self._end()
        if self._packet is not None:
            self._append(byte)
        return None

    def _end(self) -> bytes | None:
        """An END after an empty frame begins the next one: two frames may share it or have one each."""
        packet, self._escaped = self._packet, False
        self._packet = None if packet else bytearray()
        return bytes(packet) if packet else None

    def _append(self, byte: int) -> None:
        assert self._packet is not None
        if self._escaped:
            self._packet.append(_MEANING.get(byte, byte))
            self._escaped = False
        elif byte == ESCAPE:
            self._escaped = True
        else:
            self._packet.append(byte)
