"""Lets the real Prometheus scrape the real server: `python -m tests.prometheus [PROGRAM]`.

It takes an installation of 100 MB, so CI reads /metrics by Prometheus' own parser for Python instead.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

from django import setup
from django.core.management import call_command

from tests.programs import PATIENCE_S

ASKED = {"up": 1.0, "freetemp_temperature_celsius": 20.0, "freetemp_rain_meters_total": 0.0254}


def main(program: str = "prometheus") -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    setup()
    from readings import ingest
    from readings.ingest.reports import Measurement
    from stations.models import Station
    from tests.server import Server, free_port

    call_command("migrate", verbosity=0)
    station = Station.objects.create(name='The "roof"\\', public=False)
    station.fields.create(number=2, name="rain", unit="in", quantity="rain_counter")
    now_ms = time.time_ns() // 1_000_000
    ingest.store(station, [Measurement(1, now_ms, 20.0), Measurement(2, now_ms, 1.0)])
    token = "of-tests-of-24-characters"
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder, "log"), METRICS_TOKEN=token) as server:
        at = f"127.0.0.1:{free_port()}"
        target = f"authorization: {{credentials: {token}}}, static_configs: [{{targets: ['127.0.0.1:{server.port}']}}]"
        config = Path(folder, "prometheus.yml")
        config.write_text(
            f"global: {{scrape_interval: 1s}}\nscrape_configs: [{{job_name: freetemp, scrape_timeout: 1s, {target}}}]\n"
        )
        options = [f"--config.file={config}", f"--storage.tsdb.path={folder}/data", f"--web.listen-address={at}"]
        with subprocess.Popen([program, *options], stderr=subprocess.DEVNULL) as prometheus:
            try:
                for query, expected in ASKED.items():
                    found = asked(f"http://{at}/api/v1/query?query={quote(query)}")
                    print(query, found)  # noqa: T201
                    assert [float(each["value"][1]) for each in found] == [expected]
            finally:
                prometheus.terminate()


def asked(address: str) -> list[dict]:
    """Return what a query finds, as soon as it finds something."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            with urlopen(address) as answer:
                if found := json.load(answer)["data"]["result"]:
                    return found
        except OSError:  # It has not started yet.
            pass
        time.sleep(0.2)
    return []


if __name__ == "__main__":
    main(*sys.argv[1:])
