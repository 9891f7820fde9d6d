"""Whatever comes to the addresses of other makers' devices: no 5xx, nothing half stored, and no key in a row."""

import json
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from readings.ingest.refusals import refusals
from readings.models import Reading, RefusedReport
from tests.fuzz.examples import examples

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]

KEY = "{key}"
SECRET = "hunter22hunter22"
WU = "/weatherstation/updateweatherstation.php"
names = st.sampled_from(
    [
        *("tempf", "humidity", "baromin", "dailyrainin", "UV", "AqPM2.5", "winddir", "dateutc", "realtime", "ID"),
        *("PASSWORD", "field1", "field8", "8", "field9", "created_at", "timezone", "lat", "api_key", "key", "status"),
        *("mac", "data", "results", "start", "end", "days", "offset", "round", ""),
    ]
) | st.text(max_size=8)
texts = (
    st.sampled_from(
        ["21.4", "080", "-9999", "nan", "1e309", "", KEY, SECRET, "now", "2026-11-28 01:24:20", "1", "1795867200"]
    )
    | st.sampled_from(
        ["2026-11-28T01:24:20 01:00", "9999-12-31 23:59:59", "0001-01-01 00:00:00+23:59", "99999999999999"]
    )
    | st.text(max_size=12)
    | st.floats().map(str)
)
pairs = st.lists(st.tuples(names, texts), max_size=8).map(
    lambda each: "&".join(f"{quote(name, safe='')}={quote(text, safe='{}')}" for name, text in each)
)
queries = (
    pairs
    | st.text(max_size=40).map(quote)
    | st.sampled_from(
        [
            "&".join(["a=1"] * 400),
            "%00",
            "%ff=%fe",
            "&&=&",
            f"val={KEY};x;28.11.2026;01:24;%00;0;1",
            "A.Temperature=%00",
        ]
    )
)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | texts
updates = st.lists(st.dictionaries(names | st.just("delta_t"), leaves, max_size=5) | leaves, max_size=5)
bodies = (
    st.builds(lambda each: json.dumps({"write_api_key": KEY, "updates": each}), updates | leaves)
    | st.dictionaries(names | st.just("a [°C]"), leaves, max_size=6).map(json.dumps)
    | st.dictionaries(
        names | st.just("readings"), st.dictionaries(names | st.just("Temperature"), leaves) | leaves, max_size=4
    ).map(json.dumps)
    | pairs
    | st.builds(
        lambda rows: f"write_api_key={KEY}&time_format=relative&updates={quote(rows)}",
        st.text("0123456789.,|-e", max_size=40),
    )
    | st.text(max_size=30)
    | st.just("[" * 5_000)
)
paths = st.sampled_from(
    [
        *(WU, f"/in/{KEY}{WU}", f"{WU}ID=x&PASSWORD={KEY}&tempf=50", "/automaticreading", f"/in/{SECRET}/api/v2/send"),
        *("/data/report/", f"/data/PASSKEY={KEY}&tempf=1", f"/in/{KEY}/data/report", f"/data/MAC={SECRET}"),
        *("/update", "/update.json", "/update.xml", f"/in/{KEY}/update", f"/in/{KEY}/update.json"),
        *(
            "/channels/1/feeds.json",
            "/channels/999999999/field/1/last",
            f"/in/{KEY}/channels/1.xml",
            "/channels/1/feed.csv",
        ),
        *(f"/in/{KEY}/tasmota", f"/in/{KEY}/esphome", f"/in/{KEY}/enviro", "/eingabe_pruefung.php"),
        *("/channels/1/bulk_update.json", "/channels/x/bulk_update.csv", f"/in/{KEY}/channels/1/bulk_update.csv"),
    ]
)


@examples(100)
@given(st.sampled_from(["GET", "POST", "PUT"]), paths, queries, bodies, st.booleans())
def test_whatever_comes_is_answered_and_none_of_it_is_half_stored(made, method, path, query, body, is_in_header):
    if not hasattr(made, "of_all"):
        made.of_all = made("wunderground")
    _, key = made.of_all
    path, query, body = (text.replace(KEY, key) for text in (path, query, body))
    before = Reading.objects.count()
    headers = {"HTTP_X_THINGSPEAKAPIKEY": key} if is_in_header else {}
    sent = {"PATH_INFO": path, "QUERY_STRING": query} | headers
    answer = Client().generic(method, "/", body.encode(errors="replace"), **sent)
    assert answer.status_code < 500, answer.content
    assert "Location" not in answer.headers
    assert "<html" not in answer.content.decode()
    stored = Reading.objects.count() - before
    is_success = answer.status_code in (200, 202) and not answer.content.startswith((b"INVALID", b"ERROR", b"Benutzer"))
    assert stored == 0 or is_success
    refusals.flush()
    rows = str(list(RefusedReport.objects.values()))
    assert key not in rows
    assert SECRET not in rows
