"""Requests that boards and other clients may put on the wire. MAC and KEY stand for a station's own."""

import base64
import json
from dataclasses import dataclass, field
from urllib.parse import quote, unquote_to_bytes

from hypothesis import strategies as st

MAC = b"6c:ef:7f:3b:9d:e8"
KEY = b"0123456789abcdef0123456789abcdef"
BATCHES = b"/api/v1/readings/"
BASIC = b"Basic " + base64.b64encode(MAC.replace(b":", b"") + b":" + KEY)

Headers = list[tuple[bytes, bytes]]


@dataclass
class Request:
    """A request in the form that goes over the wire."""

    method: bytes = b"GET"
    target: bytes = b"/"
    version: bytes = b"HTTP/1.1"
    headers: Headers = field(default_factory=lambda: [(b"Host", b"x")])
    body: bytes = b""

    def __bytes__(self) -> bytes:
        head = b" ".join([self.method, self.target, self.version])
        lines = [head, *(name + b": " + value for name, value in self.headers)]
        return b"\r\n".join([*lines, b"", self.body])

    @property
    def data(self) -> float:
        """The value in a device URL."""
        return float(unquote_to_bytes(self.target.partition(b"?")[0].rpartition(b"data=")[2].rstrip(b"/")))


def mostly(good: st.SearchStrategy[bytes], *odd: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """A good part four times out of five: one wrong part hides all others."""
    return st.integers(0, 4).flatmap(lambda n: st.one_of(*odd) if n == 4 else good)


def words(*each: bytes) -> st.SearchStrategy[bytes]:
    return st.sampled_from(each)


quoted = st.binary(max_size=12).map(lambda raw: quote(raw, safe="").encode())
texts = st.text(st.characters(exclude_characters="/ \r\n"), max_size=12).map(lambda text: quote(text, ":%").encode())
printable = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="/?#"), max_size=20).map(
    str.encode
)
lengthy = st.builds(lambda part, times: part * times, words(b"1", b"%00", b"k", b"%C3%BC"), st.integers(50, 3_000))
odd_parts = st.one_of(quoted, texts, printable, lengthy)

macs = mostly(
    words(MAC, MAC.upper(), MAC.replace(b":", b"-"), MAC.replace(b":", b""), MAC.replace(b":", b"%3A")),
    words(b"", MAC[:-1], MAC + b"0", b"02:00:00:00:00:99", MAC.replace(b"6", b"%EF%BC%96")),
    odd_parts,
)
keys = mostly(words(KEY), words(b"", KEY.upper(), KEY + b"%00", b"%20" + KEY, KEY + b"%0a"), odd_parts)
numbers = mostly(
    words(b"1", b"2", b"01", b"%31"),
    words(b"", b"0", b"9", b"-1", b"+1", b"1.0", b"99999999999", b"%D9%A1", b"1%0a", b"1%00"),
    odd_parts,
)
decimals = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(lambda value: repr(value).encode()),
    st.integers(-(10**30), 10**30).map(lambda value: b"%d" % value),
    words(b"21.4", b"-0.0", b".5", b"5.", b"+1e-400", b"0" * 40, b"1e308", b"%31%2e5"),
)
values = mostly(
    decimals,
    words(b"", b"nan", b"inf", b"-Infinity", b"1_0", b"0x10", b"1e309", b"1,5", b"%2021", b"21%0a", b"%00", b"%ff%fe"),
    words(b"1" * 41, b"1e99999", b"--1", b"1e", b".", b"%D9%A1", b"1.2.3", b"true", b"1/2", b"21.4%2f"),
    odd_parts,
)
device_targets = st.builds(
    lambda key, mac, number, value, end: (
        b"/update/API_key=" + key + b"/mac=" + mac + b"/field=" + number + b"/data=" + value + end
    ),
    *(keys, macs, numbers, values),
    mostly(words(b"", b"/"), words(b"?a=b", b"/?%00", b"//", b"/x", b"?data=nan&field=9", b"/%0a")),
)
methods = mostly(
    words(b"GET"), words(b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"PATCH", b"TRACE", b"BREW", b"get", b"G=T")
)
versions = mostly(words(b"HTTP/1.1", b"HTTP/1.0"), words(b"HTTP/1.2", b"HTTP/2.0", b"HTTP/0.9", b"http/1.1", b"", b"X"))
odd_headers = st.lists(
    st.tuples(
        words(b"Host", b"Connection", b"Accept", b"Accept-Encoding", b"Cookie", b"Expect", b"X-Forwarded-For", b"Range")
        | words(b"Content-Type", b"Authorization", b"X-Forwarded-Proto", b"Upgrade", b"Te", b"Bad Name", b"Under_score")
        | words(b"X-Http-Method-Override", b"If-Modified-Since", b"Proxy", b"Sec-Fetch-Site", b"Origin", b""),
        words(b"", b"x", b"close", b"keep-alive", b"100-continue", b"*/*", b"gzip", b"https", b"h2c", b"bytes=0-1")
        | words(b"text/html", b"sessionid=x; csrftoken=y", b"\xff\xfe", b"a\x00b", b"a" * 9_000, b"[::1", b"a, b", b" ")
        | words(b"1.2.3.4, 5.6.7.8", b"POST", b"Basic AAAA", b"Basic w7/Dvw==", b"http://a:b@c:99999", b"trailers"),
    ),
    max_size=3,
)
hosts = mostly(words(b"x", b"localhost", b"127.0.0.1:8000"), words(b"", b"\xff", b"a b", b"[::1", b"evil.example/../"))


def heads(good: Headers) -> st.SearchStrategy[Headers]:
    """Right headers, and odd ones beside them."""
    with_host = hosts.map(lambda host: [(b"Host", host), *good])
    odd = st.tuples(with_host, odd_headers).map(lambda both: both[0] + both[1])
    return st.integers(0, 3).flatmap(lambda n: odd if n == 3 else st.just([(b"Host", b"x"), *good]))


device_requests = st.builds(Request, methods, device_targets, versions, heads([]))

# Reports: a right one with wrong parts, or any JSON, or bytes that are not JSON.
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=8)
    | st.just(10**400)
    | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)
readings = st.fixed_dictionaries(
    {
        "field": st.integers(1, 2) | st.sampled_from([0, 9, -1, 2**80, "1", None, True, 1.0]),
        "value": st.floats(-90, 90) | st.sampled_from([1e308, -1e308, 5e-324, 10**400, "21", None, True, [], {}]),
    },
    optional={"more": anything},
)
moments = st.one_of(
    st.integers(1_700_000_000, 1_790_000_000).map(lambda at: {"at": at}),
    st.floats(0, 1e8).map(lambda age: {"age": age}),
    st.sampled_from([{"at": 0}, {"age": 0}, {"at": 1e300}, {"age": 1e300}, {"at": -1}, {"at": 2**63}, {"age": 1e-9}]),
)
odd_moments = st.sampled_from([{}, {"at": None}, {"at": 1, "age": 1}, {"age": -1}, {"age": "1"}, {"at": [1]}])


@st.composite
def reports(draw: st.DrawFn) -> object:
    """Return a report. Each of its readings may be odd; its order and moments are seldom odd."""
    is_odd = draw(st.integers(0, 5)) == 5
    listed: list[object] = [
        draw(readings) | draw(odd_moments if is_odd and draw(st.booleans()) else moments)
        for _ in range(draw(st.integers(0, 12)))
    ]
    if draw(st.booleans()):
        first = draw(st.sampled_from([0, 1, 2**53 - 20]))
        seqs = [draw(st.integers(0, 9)) if is_odd else first + n for n in range(len(listed))]
        listed = [{"seq": seq} | each for seq, each in zip(seqs, listed, strict=True) if isinstance(each, dict)]
        boot = draw(st.sampled_from([-1, 2**32, "7", 1.5, []])) if is_odd else draw(st.integers(0, 2**32 - 1))
        return {"boot": boot, "readings": listed}
    return {"readings": listed}


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    kind = draw(st.integers(0, 9))
    if kind < 6:
        return json.dumps(draw(reports())).encode()
    if kind < 8:
        return json.dumps(draw(anything), ensure_ascii=False).encode(errors="surrogatepass")
    if kind == 8:
        return json.dumps(draw(reports())).encode(draw(st.sampled_from(["utf-16", "utf-32", "utf-8-sig", "cp500"])))
    odd = words(
        b"", b"[" * 100_000, b"1" * 5_000, b'{"readings":' + b"[" * 60_000, b"\x00" * 9, b"a=b&c=d", b" " * 300_000
    )
    return draw(st.binary(max_size=300) | odd)


@st.composite
def framed_reports(draw: st.DrawFn) -> Request:
    """Return a report in one request with the right length."""
    body = draw(bodies())
    given = draw(mostly(words(BASIC), words(b"", b"Basic", BASIC[:-4], b"Bearer x", b"Basic \xff", BASIC + b"=")))
    kind = draw(words(b"application/json", b"text/plain", b"multipart/form-data; boundary=x", b"", b"\xff"))
    good = [(b"Authorization", given), (b"Content-Type", kind), (b"Content-Length", b"%d" % len(body))]
    method = draw(mostly(words(b"POST"), words(b"GET", b"PUT", b"PATCH", b"OPTIONS", b"HEAD")))
    return Request(method, BATCHES, draw(words(b"HTTP/1.0", b"HTTP/1.1")), draw(heads(good)), body)


def chunked(body: bytes, size: int) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in [*parts, b""])


@st.composite
def misframed(draw: st.DrawFn) -> Request:
    """Return a report, or a value with a body: its length is wrong, missing, given twice or given in chunks."""
    good = json.dumps({"boot": 1, "readings": [{"seq": 1, "field": 1, "value": 1, "at": 1_700_000_000}]}).encode()
    inner = bytes(Request(target=b"/update/API_key=" + KEY + b"/mac=" + MAC + b"/field=1/data=666"))
    body = draw(words(good, good + b" " * 9_000, inner, b"0\r\n\r\n" + inner, b"", b"{", chunked(good, 7)))
    length = draw(
        words(
            b"-1", b"+5", b"1e3", b"0x10", b" 5", b"", b"5, 5", b"9" * 30, b"\xd9\xa1", b"262145", b"1_0", b"00", b"99"
        )
        | st.integers(-3, 3).map(lambda more: b"%d" % (len(body) + more))
    )
    coding = draw(
        words(b"chunked", b"Chunked", b"gzip, chunked", b"identity", b"chunked, chunked", b"\x0bchunked", b"x")
    )
    lengths, codings = [(b"Content-Length", length)], [(b"Transfer-Encoding", coding)]
    right = [(b"Content-Length", b"%d" % len(body))]
    head = draw(st.sampled_from([lengths, codings, lengths + codings, lengths * 2, lengths + right, codings * 2, []]))
    if head in (codings, lengths + codings) and draw(st.booleans()):
        tail = draw(words(b"", b"X: y\r\n\r\n", inner))
        size = draw(words(b"", b"FFFFFFFFFFFFFFFFFF\r\n", b"-1\r\n", b"5;a=b\r\nhello\r\n", b"zz\r\n", b"5\r\nhel"))
        body = size + chunked(body, draw(st.integers(1, 99))) + tail
    basic: Headers = draw(st.sampled_from([[(b"Authorization", BASIC)], []]))
    target = draw(words(BATCHES, b"/update/API_key=" + KEY + b"/mac=" + MAC + b"/field=1/data=5"))
    expect: Headers = draw(st.sampled_from([[], [], [(b"Expect", b"100-continue")], [(b"Expect", b"200-ok")]]))
    method = draw(words(b"POST", b"GET", b"PUT"))
    return Request(
        method, target, draw(words(b"HTTP/1.1", b"HTTP/1.0")), [(b"Host", b"x"), *basic, *expect, *head], body
    )


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    """Return requests with a few bytes changed, inserted or removed anywhere, or cut short."""
    stream = bytearray(b"".join(map(bytes, draw(st.lists(device_requests | framed_reports(), min_size=1, max_size=3)))))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(stream)))
        stream[at : at + draw(st.integers(0, 2))] = draw(
            st.binary(max_size=3) | words(b"\r\n", b"\n", b" ", b"%", b"/")
        )
    return bytes(stream[: draw(st.integers(1, len(stream)))] if stream and draw(st.booleans()) else stream)


cuts = st.lists(st.integers(1, 2_000), max_size=4)
