"""A key may send a year at once, and a board that repeats itself without end cannot fill the disk."""

import base64
import json

import pytest

from readings.ingest import batch_rate as module
from readings.ingest.batch_rate import A_SECOND, BURST, BatchRate
from readings.ingest.refusals import refusals
from readings.ingest.reports import Receipt, Rejection, TooOftenError
from readings.models import Reading, RefusedReport
from stations.models import Claim, Key, Station

CLAIM = Claim.of("6c:ef:7f:3b:9d:e8", "a key")
MANY = 1_000  # readings a report
DAY_S = 86_400


@pytest.fixture
def now(monkeypatch):
    now = [5_000.0]
    monkeypatch.setattr("readings.ingest.batch_rate.time.monotonic", lambda: now[0])
    return now


def wait_s(rate, claim=CLAIM):
    try:
        rate.check(claim)
    except TooOftenError as error:
        return error.retry_after_s
    return 0


def accepted(rate, now, receipt, seconds):
    """Return how many reports are accepted of a client that sends without end, and waits as it is told."""
    end, count = now[0] + seconds, 0
    while now[0] < end:
        now[0] += wait_s(rate)
        rate.pour(CLAIM, receipt)
        count += 1
    return count


def test_a_year_of_minutes_goes_at_once(now):
    rate = BatchRate()
    for _ in range(366 * 1_440 // MANY):
        rate.check(CLAIM)
        rate.pour(CLAIM, Receipt(stored=MANY))


def test_then_it_is_the_sustained_rate_and_the_wait_that_is_told_is_enough(now):
    count = accepted(BatchRate(), now, Receipt(stored=MANY), DAY_S)
    assert count * MANY == pytest.approx(BURST + DAY_S * A_SECOND, abs=2 * MANY)


def test_repeats_cost_a_tenth_and_an_empty_report_as_much_as_a_reading(now):
    rejected = [Rejection(seq, "field", "") for seq in range(MANY // 2)]
    count = accepted(BatchRate(), now, Receipt(duplicate=MANY // 2, rejected=rejected), DAY_S)
    assert count * MANY == pytest.approx(10 * (BURST + DAY_S * A_SECOND), abs=2 * MANY)
    assert accepted(BatchRate(), now, Receipt(), DAY_S // 8) == pytest.approx(
        BURST + DAY_S // 8 * A_SECOND, abs=A_SECOND
    )


def test_each_key_has_its_own(now):
    rate = BatchRate()
    rate.pour(CLAIM, Receipt(stored=2 * BURST))
    assert wait_s(rate) == BURST / A_SECOND
    assert wait_s(rate, Claim.of(CLAIM.mac, "another key")) == 0


@pytest.fixture
def post(client):
    def post(mac, key, seq):
        token = base64.b64encode(f"{mac.replace(':', '')}:{key}".encode()).decode()
        report = {"boot": 1, "readings": [{"seq": seq, "field": 1, "value": seq, "age": 0}]}
        headers = {"authorization": f"Basic {token}"}
        return client.post("/api/v1/readings/", json.dumps(report), "application/json", headers=headers)

    return post


@pytest.mark.django_db
def test_a_report_too_many_is_told_when_to_come_again_and_stores_nothing(post, station, key, now, monkeypatch):
    monkeypatch.setattr(module, "BURST", 2.5)
    pond = Station.objects.create(name="Pond", mac="0a:00:00:00:00:01")
    its_key = Key.objects.issue(pond)
    assert [post(station.mac, key, seq).status_code for seq in (1, 2, 3)] == [200, 200, 200]
    refused = post(station.mac, key, 4)
    assert (refused.status_code, refused["Retry-After"], refused.content) == (429, "1", b"too often: wait 1 s")
    assert post(pond.mac, its_key, 1).status_code == 200
    assert Reading.objects.filter(station=station).count() == 3
    assert refusals.flush()
    assert RefusedReport.objects.get(reason="too_often", mac=station.mac).answer == "too often: wait 1 s"
    now[0] += 1
    assert post(station.mac, key, 4).status_code == 200


@pytest.mark.django_db
def test_a_wrong_key_has_no_bucket(post, station, key):
    assert post(station.mac, "wrong", 1).status_code == 403
    assert Claim.of(station.mac, "wrong").digest not in module.batch_rate._empty_at_s
    assert post(station.mac, key, 1).status_code == 200
    assert Claim.of(station.mac, key).digest in module.batch_rate._empty_at_s
