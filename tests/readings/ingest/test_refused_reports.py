"""Refused reports are counted: aggregated, bounded, without keys, and beside the requests."""

import base64
import json
import threading
import time

import pytest
from django.db import OperationalError, connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from rest_framework.response import Response

from readings.ingest.example_lines import shown
from readings.ingest.refusals import MOST_TALLIES, Refusals, refusals
from readings.models import RefusedReport
from readings.models.refused_report import MOST_ROWS, Reason, Refusal, Tally
from stations.authentication import WrongKeyError
from stations.models import Key, Station
from tests.conftest import MAC
from tests.programs import PATIENCE_S
from tests.server import Server

pytestmark = pytest.mark.django_db

STRANGER = "0a:00:00:00:00:01"
SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def _nothing_counted(monkeypatch):
    monkeypatch.setattr(refusals, "_tallies", {})


@pytest.fixture
def get(client, key):
    def get(mac=MAC, field="1", data="21.4", api_key=key, **extra):
        return client.get(f"/update/API_key={api_key}/mac={mac}/field={field}/data={data}", **extra)

    return get


def rows():
    assert refusals.flush()
    return list(RefusedReport.objects.order_by("pk"))


def only_row():
    (row,) = rows()
    return row


def post(client, user, password, body="{}"):
    basic = base64.b64encode(f"{user}:{password}".encode()).decode()
    return client.post("/api/v1/readings/", body, "application/json", HTTP_AUTHORIZATION=f"Basic {basic}")


def test_staff_are_told_apart_what_the_board_is_not(get, station):
    get(mac=STRANGER)
    get(api_key="wrong")
    assert {row.reason for row in rows()} == {Reason.UNKNOWN_MAC, Reason.WRONG_KEY}
    Station.objects.update(active=False)
    get()
    assert [row.reason for row in rows()][2:] == [Reason.INACTIVE]


def test_the_same_is_one_row_with_its_count_and_its_first_and_last_moment(get):
    for spelling in (STRANGER, STRANGER.upper(), STRANGER.replace(":", "-"), STRANGER.replace(":", "")):
        get(mac=spelling)
    first = only_row()
    assert (first.count, first.mac, first.network) == (4, STRANGER, "127.0.0.1")
    time.sleep(0.002)
    get(mac=STRANGER, data="7")
    row = only_row()
    assert (row.count, row.first_at) == (5, first.first_at)
    assert row.last_at > first.last_at
    assert row.example == f"GET /update/API_key=***/mac={STRANGER}/field=1/data=7", "the newest"
    assert row.answer == "unknown station or key"


def test_every_refusal_has_its_reason_its_part_and_an_advice(get, client, station):
    get(field="7")
    get(data="nan")
    get(mac="nonsense")
    client.get("/update/what")
    client.head(f"/update/API_key={SECRET}/mac={MAC}/field=1/data=1")
    post(client, MAC.replace(":", ""), Key.objects.issue(station), "no JSON")
    post(client, MAC.replace(":", ""), Key.objects.issue(station), "x" * 300_000)
    client.post("/api/v1/readings/", "{}", "application/json")
    found = [(row.reason, row.part, row.mac) for row in rows()]
    assert sorted(found) == [
        ("credentials", "", ""),
        ("field", "7", MAC),
        ("malformed", "", MAC),
        ("malformed", "data", MAC),
        ("malformed", "mac", ""),
        ("malformed", "path", ""),
        ("method", "", ""),
        ("too_large", "", MAC),
    ]
    assert all(Reason(reason).advice.endswith(".") for reason in Reason)


def test_429_and_503_are_counted_and_a_fault_of_ours_is_not(get, monkeypatch):
    for _ in range(140):  # The bucket takes 120, and a slow machine gives it time to leak.
        get()
    for _ in range(61):
        get(api_key="wrong")
    monkeypatch.setattr("readings.ingest.record", lambda *_: 1 / 0)
    assert get().status_code == 500
    monkeypatch.setattr("readings.ingest.record", unable)
    get()
    counted = {row.reason: row.count for row in rows()}
    assert counted.pop("too_often") > 0
    assert counted == {"wrong_key": 60, "guessing": 1, "database": 1}


def unable(*_):
    raise OperationalError("database is locked")


def test_what_is_stored_is_not_counted(get):
    assert get().content == b"OK"
    assert rows() == []


@pytest.mark.parametrize(
    "path",
    [
        f"/update/API_key={SECRET}/mac={STRANGER}/field=1/data=1",
        f"/update/API_key='{SECRET}'/mac={STRANGER}/field=1/data=1",
        f"/update/API_key=%20{SECRET}/mac={STRANGER}/field=1/data=1",
        f"/update/API_key=x/mac={SECRET}/field=1/data=1",
        f"/update/API_key=x/mac={SECRET * 40}/field=1/data=1",
        f"/update/API_key=x/mac={'-' * 190}{SECRET}/field=1/data=1",
        f"/update/API_key=x/mac={STRANGER}/field={SECRET}/data={SECRET}",
        f"/update/{SECRET}",
        f"/update{SECRET}",
        f"/Update/API_key={SECRET}/mac={STRANGER}/field=1/data=1",
        f"/update?api_key={SECRET}&field1=21.4&{SECRET}",
        f"/update/key={SECRET}/mac={STRANGER}",
        f"/update/API_key={SECRET}%2F{SECRET}/mac={STRANGER}",
        f"/update/{SECRET}=API_key/mac={SECRET}",
        f"/update/mac={STRANGER}/data=x%00{SECRET}",
    ],
)
def test_no_row_holds_a_key_however_it_was_sent(client, path):
    client.get(path)
    row = only_row()
    assert SECRET[:16] not in str(row.__dict__)
    assert SECRET[-16:] not in str(row.__dict__)


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("/update/?api_key=abcdefghijklmnop&field1=21.4", "GET /update/?api_key=***&field1=***"),
        ("/UPDATE/API_key=abc/mac=1/field=1/data=2", "GET /UPDATE/API_key=***/mac=1/field=1/data=2"),
        ("/update", "GET /update"),
    ],
)
def test_an_address_that_is_slightly_wrong_has_a_row_of_its_own_form(client, db, sent, seen):
    client.get(sent)
    refusals.flush()
    (row,) = rows()
    assert (row.reason, row.part, row.example) == ("malformed", "path", seen)


def test_no_row_holds_the_password_of_a_batch(client, station):
    post(client, MAC.replace(":", ""), SECRET)
    post(client, SECRET, SECRET)
    found = rows()
    assert {(row.reason, row.mac) for row in found} == {("wrong_key", MAC), ("malformed", "")}
    assert SECRET[:16] not in str([row.__dict__ for row in found])
    assert base64.b64encode(SECRET.encode()).decode()[4:20] not in str([row.__dict__ for row in found])


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("6c-ef-7f-3b-9d-e8-00", "6c-ef-7f-3b-9d-e8-00"),
        ("21.40000000000000213", "21.40000000000000213"),
        ("a\x00b\nc\x1b[31m\u202e", "a\\x00b\\nc\\x1b[31m\\u202e"),
        ("\udcff<script>", "\\udcff<script>"),
        (SECRET, "***"),
        (f"6c-{SECRET}", "***"),
        ("x y" * 1000, ("x y" * 20)),
    ],
)
def test_text_is_shown_as_one_line_of_ascii(text, seen):
    assert shown(text) == seen


def test_a_flood_of_macs_takes_bounded_memory_and_rows(db):
    own = Refusals()
    request, answer = RequestFactory().get("/"), Response("unknown station or key", 403)
    for n in range(3 * MOST_TALLIES):
        own.note(request, {"mac": f"{n:012x}", "field": "1", "data": "1"}, WrongKeyError(), answer)
    assert len(own._tallies) == MOST_TALLIES + 1
    assert own.flush()
    assert RefusedReport.objects.count() == MOST_ROWS
    assert RefusedReport.objects.get(reason=Reason.VARIOUS).count == 2 * MOST_TALLIES


def test_the_row_that_was_longest_unseen_goes_first(db):
    def refusal(n):
        return {Refusal("malformed", "", f"192.0.2.{n}", "mac"): Tally(1, n, n, "", "")}

    for n in range(MOST_ROWS + 3):
        RefusedReport.objects.add(refusal(n) | {Refusal("clock", "", "", ""): Tally(1, n, n, "", "")})
    assert RefusedReport.objects.count() == MOST_ROWS
    assert RefusedReport.objects.get(reason="clock").count == MOST_ROWS + 3
    assert not RefusedReport.objects.filter(network__in=["192.0.2.0", "192.0.2.3"]).exists()


def test_counts_wait_while_the_database_is_unable(get, monkeypatch):
    get(mac=STRANGER)
    with monkeypatch.context() as broken:
        broken.setattr("readings.models.RefusedReport.objects.add", unable)
        assert not refusals.flush()
        get(mac=STRANGER)
        assert not refusals.flush()
    assert only_row().count == 2


def test_a_fault_in_counting_changes_no_answer(get, monkeypatch):
    monkeypatch.setattr("readings.ingest.refusals.client_network", lambda _: 1 / 0)
    assert get(api_key="wrong").status_code == 403
    assert rows() == []


def test_a_refusal_asks_the_database_nothing_for_its_counting(get, monkeypatch):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            get(mac=STRANGER)
        return len(asked)

    counted = queries()
    monkeypatch.setattr("readings.ingest.board_view.refusals.note", lambda *_: None)
    assert queries() == counted


def test_made_up_macs_with_malformed_values_are_one_row(get):
    for n in range(20):
        get(mac=f"{n:012x}", data="nan")
    get(data="nan")
    assert sorted((row.reason, row.mac, row.count) for row in rows()) == [("malformed", "", 20), ("malformed", MAC, 1)]


def test_threads_that_count_and_flush_at_once_lose_nothing(db, monkeypatch):
    own, written = Refusals(), []
    monkeypatch.setattr("readings.models.RefusedReport.objects.add", lambda t: written.extend(t.values()))
    monkeypatch.setattr("readings.ingest.refusals._told_apart", dict)
    request = RequestFactory().get("/")

    def note():
        for _ in range(500):
            own.note(request, {"mac": STRANGER, "field": "1", "data": "1"}, WrongKeyError(), Response("no", 403))

    threads = [threading.Thread(target=note) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        own.flush()
    own.flush()
    assert sum(tally.count for tally in written) == 2000


@pytest.mark.django_db(transaction=True)
def test_the_real_server_writes_the_counts_of_all_its_workers_within_seconds(station, tmp_path):
    with Server(tmp_path / "log", WEB_CONCURRENCY="2") as server:
        for _ in range(30):
            server.send(f"GET /update/API_key=x/mac={STRANGER}/field=1/data=1 HTTP/1.0\r\n\r\n".encode())
        deadline = time.monotonic() + PATIENCE_S
        while counted() < 30 and time.monotonic() < deadline:
            time.sleep(0.1)
    assert RefusedReport.objects.get(reason=Reason.UNKNOWN_MAC).count == 30
    assert "Traceback" not in (tmp_path / "log").read_text()


def counted():
    return sum(RefusedReport.objects.filter(reason=Reason.UNKNOWN_MAC).values_list("count", flat=True))


def test_readings_that_are_rejected_from_an_accepted_report_are_counted_by_their_code(client, key, station):
    now_s = int(time.time())
    readings = [{"seq": seq, "field": 9, "value": 1, "at": now_s - seq} for seq in (1, 2)]
    readings += [{"seq": 3, "field": 1, "value": 1, "at": 0}, {"seq": 4, "field": 1, "value": 1, "at": now_s - 4}]
    answer = post(client, MAC.replace(":", ""), key, json.dumps({"boot": 7, "readings": readings}))
    assert (answer.status_code, answer.json()["stored"]) == (200, 1)
    told = {(row.reason, row.mac, row.part, row.count, row.answer, row.example) for row in rows()}
    from_power_on = "before 2010: it counts from power-on, set the clock by time or send age"
    assert told == {
        ("rejected", MAC, "field", 2, "this station has no field 9", "POST seq 1"),
        ("rejected", MAC, "clock", 1, from_power_on, "POST seq 3"),
    }


def test_a_rejected_reading_that_cannot_be_counted_is_answered_as_ever(client, key, monkeypatch):
    monkeypatch.setattr("readings.ingest.refusals.client_network", lambda meta: 1 / 0)
    body = json.dumps({"readings": [{"field": 9, "value": 1, "at": int(time.time())}]})
    answer = post(client, MAC.replace(":", ""), key, body)
    assert (answer.status_code, answer.json()["rejected"][0]["code"]) == (200, "field")
    assert rows() == []


def test_the_example_of_a_rejected_reading_without_seq_says_so(client, key):
    body = json.dumps({"readings": [{"field": 9, "value": 1, "at": int(time.time())}]})
    post(client, MAC.replace(":", ""), key, body)
    assert only_row().example == "POST a reading without seq"
