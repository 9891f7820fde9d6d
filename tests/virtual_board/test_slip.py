"""The frames are those of RFC 1055."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.examples import examples
from tests.virtual_board import slip

pytestmark = pytest.mark.sqlite_only


def decode(pieces: list[bytes]) -> list[bytes]:
    decoder, packets = slip.Decoder(), []
    for piece in pieces:
        while piece:
            packet, piece = decoder.take(piece)
            packets += [packet] if packet else []
    return packets


def test_end_and_escape_are_sent_as_two_bytes_each() -> None:
    assert slip.encode(b"a\xc0b\xdbc") == b"\xc0a\xdb\xdcb\xdb\xddc\xc0"


@examples(100)
@given(packets=st.lists(st.binary(min_size=1)), size=st.integers(1, 50))
def test_packets_come_out_as_they_went_in_whatever_the_pieces(packets: list[bytes], size: int) -> None:
    line = b"".join(map(slip.encode, packets))
    assert decode([line[at : at + size] for at in range(0, len(line), size)]) == packets


def test_noise_between_frames_is_left_out() -> None:
    assert decode([b"boot noise" + slip.encode(b"one") + b"\r\n" + slip.encode(b"two")]) == [b"one", b"two"]


def test_an_escaped_escape_before_the_letter_of_an_escaped_end_stays_what_it_is() -> None:
    assert decode([slip.encode(b"\xdb\xdc")]) == [b"\xdb\xdc"]
