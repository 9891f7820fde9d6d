"""When a request is whole: exactly when gunicorn's own parser needs no more of it, in whatever pieces it comes."""

import pytest
from gunicorn import http
from gunicorn.config import Config
from gunicorn.http.errors import NoMoreData
from hypothesis import given
from hypothesis import strategies as st

from freetemp.serving.arrival import Arrival, State
from tests.fuzz.examples import examples
from tests.fuzz.grammar import device_requests, framed_reports, misframed

pytestmark = pytest.mark.sqlite_only

CHUNKED = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
WHOLE = {
    "no body": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "no headers": b"GET / HTTP/1.0\r\n\r\n",
    "an empty line before": b"\r\nGET / HTTP/1.0\r\nHost: x\r\n\r\n",
    "a body": b"POST / HTTP/1.1\r\ncontent-LENGTH: \t11 \r\n\r\n\r\n\r\nhello\r\n",
}
UNREADABLE = {
    "bare LF in the first line": b"GET / HTTP/1.0\n",
    "bare LF after it": b"GET / HTTP/1.0\r\nHost: x\n",
    "small letters": b"get / HTTP/1.0\r\n",
    "a space in the address": b"GET /a b HTTP/1.0\r\n",
    "an endless first line": b"GET /" + b"x" * 8_200,
    "two lengths": b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
    "a length and chunks": b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "a length that is none": b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    "an unknown coding": b"POST / HTTP/1.1\r\nTransfer-Encoding: x\r\n\r\n",
}
SMALL = {"head_bytes": 20_000, "most_bytes": lambda target, head: 20_000}


@pytest.mark.parametrize("request_", WHOLE.values(), ids=WHOLE)
def test_a_request_is_whole_with_its_last_byte_and_not_before(request_):
    arrival = Arrival(b"", **SMALL)
    states = []
    for byte in request_:
        arrival.add(bytes([byte]))
        states.append(arrival.state())
    assert states == [State.ARRIVING] * (len(request_) - 1) + [State.READY]
    assert b"".join(arrival.pieces()) == request_


@pytest.mark.parametrize("bytes_", UNREADABLE.values(), ids=UNREADABLE)
def test_what_can_never_be_read_is_not_waited_for(bytes_):
    assert Arrival(bytes_, **SMALL).state() is State.READY


def test_a_head_and_a_body_have_limits():
    line = b"GET / HTTP/1.1\r\n"
    assert Arrival(line + b"X: y\r\n" * 4_000, **SMALL).state() is State.HEAD_TOO_LARGE
    assert Arrival(line + b"X: y\r\n" * 4_000 + b"\r\n", **SMALL).state() is State.HEAD_TOO_LARGE
    assert Arrival(line + b"Content-Length: 20001\r\n\r\n", **SMALL).state() is State.BODY_REFUSED
    assert Arrival(line + b"Content-Length: 20000\r\n\r\n", **SMALL).state() is State.ARRIVING
    assert Arrival(CHUNKED, **SMALL).state() is State.BODY_REFUSED  # freetemp wants a length.


def test_the_address_is_known_as_soon_as_it_is_there():
    assert Arrival(b"\r\nGET /update/x HT", **SMALL).target() == b"/update/x"
    assert Arrival(b"GET /upda", **SMALL).target() == b""


def parsed(stream):
    """Return whether gunicorn's parser has enough, or None if it refuses the stream."""
    try:
        request = next(http.get_parser(Config(), [stream], ("192.0.2.1", 1)))
        length = getattr(request.body.reader, "length", 0)
        return len(request.body.read()) >= length
    except (NoMoreData, StopIteration):
        return False
    except Exception:  # noqa: BLE001 - there are many kinds of refusal
        return None


@examples(100)
@given(request=device_requests | framed_reports() | misframed(), at=st.integers(0, 1_000))
def test_gunicorns_parser_agrees(request, at):
    stream = bytes(request)
    arrival = Arrival(b"", head_bytes=10**6, most_bytes=lambda target, head: 10**6)
    for part in (stream[:at], stream[at:]):
        arrival.add(part)
        enough = parsed(bytes(arrival.data))
        if enough is not None and arrival.state() is not State.BODY_REFUSED:
            assert enough == (arrival.state() is State.READY), bytes(arrival.data)
