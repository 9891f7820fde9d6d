"""Every address of the JSON API follows its description: no 5xx, and answers of the described shape."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db.models import Sum

from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.reports import Measurement
from readings.models import Day, Quarter, Reading
from stations.models import Field, Key
from tests.fuzz.examples import FUZZ
from tests.fuzz.grammar import KEY, MAC

# sqlite_only: PostgreSQL would get just the same requests.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite_only]

CHECKS = "not_a_server_error,content_type_conformance,response_schema_conformance"
EXAMPLES = 15
SCHEMATHESIS = Path(sys.executable).parent / "schemathesis"
NOON_MS = to_millis(datetime(2026, 6, 1, 12, tzinfo=UTC))


@pytest.fixture(autouse=True)
def _readings(station):
    Key.objects.issue(station, KEY.decode())
    station.fields.update(smallest=None, largest=None)
    Field.objects.create(station=station, number=2, name="soil moisture", unit="%")
    ingest.store(station, [Measurement(1, NOON_MS + n * 60_000, 20.0 + n) for n in range(50)])


def test_the_json_api_is_as_it_is_described(server, tmp_path):
    chosen = [] if FUZZ else ["--generation-deterministic", "--seed", "1"]
    user = MAC.decode().replace(":", "")
    done = subprocess.run(
        [
            *(SCHEMATHESIS, "run", f"{server.url}/api/v1/schema/", *chosen, "--max-examples", str(FUZZ or EXAMPLES)),
            *("--phases", "examples,coverage,fuzzing", "--checks", CHECKS, "--auth", f"{user}:{KEY.decode()}"),
            *("--request-timeout", "60", "--continue-on-failure", "--warnings", "off"),
        ],
        cwd=tmp_path,
        env=os.environ | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout)  # noqa: T201
    for model in (Quarter, Day):
        assert model.objects.aggregate(Sum("count"))["count__sum"] == Reading.objects.count()


def test_a_report_is_described_with_its_key_and_a_station_with_its_fields(client):
    description = client.get("/api/v1/schema/?format=json").json()
    assert description["paths"]["/api/v1/readings/"]["post"]["security"] == [{"basicAuth": []}]
    assert "fields" in description["components"]["schemas"]["Station"]["properties"]
