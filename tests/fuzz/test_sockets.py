"""Both device addresses of the real server, with anything over the wire, in packets of any size.

There is no 5xx and no hang, freetemp answers only short plain lines, and exactly the acknowledged values are stored.
"""

import json

import pytest
from django.db.models import Q, Sum
from hypothesis import given
from hypothesis import strategies as st

from readings.models import Day, Quarter, Reading
from stations.models import Field, Key, Station
from tests.fuzz.examples import examples
from tests.fuzz.grammar import KEY, MAC, cuts, device_requests, framed_reports, mangled, misframed
from tests.fuzz.wire import Answer, exchange

pytestmark = pytest.mark.django_db(transaction=True)

NEVER = {"location", "set-cookie", "vary", "transfer-encoding"}
GOOD = b"GET /update/API_key=%s/mac=%s/field=3/data=21.4 HTTP/1.0\r\n\r\n" % (KEY, MAC)
# Field 2 has limits: values outside of them are stored, but are in no rollup.
PLAUSIBLE = ~Q(field=2) | Q(field=2, value__range=(0, 50))


class Storage:
    """A station, with its stored readings."""

    def __init__(self) -> None:
        self.station = Station.objects.create(name="Garden", mac=MAC.decode(), timezone="Asia/Kathmandu", interval_s=1)
        self.station.fields.update(smallest=None, largest=None)
        Field.objects.create(station=self.station, number=2, name="with limits", smallest=0, largest=50)
        Field.objects.create(station=self.station, number=3, name="for the good")
        Key.objects.issue(self.station, KEY.decode())

    def begin(self) -> None:
        """Begin an example with nothing stored, and with empty buckets: examples are faster than boards may be."""
        for model in (Reading, Quarter, Day):
            model.objects.all()._raw_delete("default")
        Field.objects.update(bucket_empty_at=None)

    def values(self) -> list[float]:
        return sorted(Reading.objects.values_list("value", flat=True))

    def is_summed_up(self) -> bool:
        count = Reading.objects.filter(PLAUSIBLE).count()
        return {model.objects.aggregate(Sum("count", default=0))["count__sum"] for model in (Quarter, Day)} == {count}


@pytest.fixture
def storage():
    return Storage()


def check(answer: Answer) -> None:
    """Check that an answer is harmless."""
    if answer.is_gunicorns:
        assert answer.status < 500 or answer.status == 501, answer  # 501: gunicorn does not know the Transfer-Encoding
        return
    assert answer.status < 500, answer
    assert not answer.headers.keys() & NEVER, answer
    assert int(answer.headers["content-length"]) == len(answer.body), answer
    assert answer.headers["content-type"] in ("text/plain; charset=utf-8", "application/json"), answer
    assert b"<" not in answer.body or b"<key>" in answer.body, answer
    assert b"\n" not in answer.body, answer


def check_good_is_taken(server, storage) -> None:
    """Check that the next board is served, and that its value is the only new one."""
    before = storage.values()
    assert server.send(GOOD)[::2] == (200, b"OK")
    assert storage.values() == sorted([*before, 21.4])
    assert storage.is_summed_up()


@examples(100)
@given(requests=st.lists(device_requests, min_size=1, max_size=4), cuts=cuts)
def test_values(server, storage, requests, cuts):
    storage.begin()
    answers, is_reset = exchange(server.port, b"".join(map(bytes, requests)), cuts)
    for answer in answers:
        check(answer)
        assert answer.is_gunicorns or answer.size <= 300, answer
        assert answer.status != 200 or answer.body == b"OK", answer
    stored = storage.values()
    in_order = zip(requests, answers, strict=False)  # If gunicorn closes the connection, the rest get no answer.
    told = sorted(request.data for request, answer in in_order if answer.status == 200)
    assert stored == told or (is_reset and set(told) <= set(stored)), (stored, told, answers)
    check_good_is_taken(server, storage)


@examples(100)
@given(requests=st.lists(framed_reports(), min_size=1, max_size=3), cuts=cuts)
def test_reports(server, storage, requests, cuts):
    storage.begin()
    answers, is_reset = exchange(server.port, b"".join(map(bytes, requests)), cuts)
    told = 0
    for request, answer in zip(requests, answers, strict=False):
        check(answer)
        if answer.status == 200:
            receipt, report = json.loads(answer.body), json.loads(request.body)
            counted = receipt["stored"] + receipt["duplicate"] + len(receipt["rejected"])
            assert counted == len(report["readings"]), (receipt, report)
            last = report["readings"][-1:] if report.get("boot") is not None else []
            assert receipt["ack"] == (last[0]["seq"] if last else None), receipt
            told += receipt["stored"]
    stored = len(storage.values())
    assert stored == told or (is_reset and stored > told), (stored, told, answers)
    check_good_is_taken(server, storage)


@pytest.mark.sqlite_only
@examples(100)
@given(requests=st.lists(misframed() | device_requests, min_size=1, max_size=3), cuts=cuts)
def test_lengths_that_are_wrong(server, storage, requests, cuts):
    check_count(server, storage, b"".join(map(bytes, requests)), cuts)


@pytest.mark.sqlite_only
@examples(100)
@given(stream=mangled(), cuts=cuts)
def test_bytes_that_are_wrong(server, storage, stream, cuts):
    check_count(server, storage, stream, cuts)


@pytest.mark.sqlite_only
@examples(50)
@given(stream=st.binary(max_size=500), cuts=cuts)
def test_any_bytes(server, storage, stream, cuts):
    check_count(server, storage, stream, cuts)


def check_count(server, storage, stream: bytes, cuts: list[int]) -> None:
    """Only gunicorn knows which bytes are a request here. Check that as many values are stored as were acknowledged."""
    storage.begin()
    answers, is_reset = exchange(server.port, stream, cuts)
    told = 0
    for answer in answers:
        assert answer.status < 500 or (answer.is_gunicorns and answer.status == 501), answer
        if answer.status == 200 and answer.headers["content-type"] == "application/json":
            told += json.loads(answer.body).get("stored", 0)
        told += answer.status == 200 and answer.body == b"OK"
    stored = len(storage.values())
    assert stored == told or (is_reset and stored > told), (stored, told, answers)
    check_good_is_taken(server, storage)
