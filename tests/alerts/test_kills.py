"""SIGKILL of a real watch at random moments: each trouble and each end is told at least once, and at most twice.

KILLS=60 SEED=7 makes a long trial of it, and `-s` shows its figures.
"""

import json
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from alerts.models import Channel, Delivery, Incident, Recipient, Rule, Watch
from freetemp.encryption import encrypt
from stations.models import Station
from tests.programs import comes_true, ended, killed_at_last
from tests.recorder import recording
from tests.server import ROOT, database_url

KILLS = int(os.environ.get("KILLS", "2"))
SEED = int(os.environ.get("SEED", "1"))
MOST_S = 1.5  # from the beginning of a watch to its end: a message takes about half a second
MOST_AT_ONCE = 10  # A message names twenty, and how many more.

pytestmark = [
    pytest.mark.sqlite_only,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL"),
]


@pytest.fixture
def recorder():
    with recording() as recorder:
        anna = Recipient.objects.create(name="Anna", created_at=datetime.now(UTC) - timedelta(days=1))
        address = encrypt(f"json://{recorder.host}/hook")
        Channel.objects.create(recipient=anna, service="webhook", encrypted_address=address)
        yield recorder


def start():
    """Start a watch, and return it when it keeps the watch."""
    before = set(Watch.objects.values_list("holder", flat=True))
    environment = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    watch = subprocess.Popen([sys.executable, "-m", "tests.alerts.quick_watch"], env=environment, cwd=ROOT)
    assert comes_true(lambda: set(Watch.objects.values_list("holder", flat=True)) - before or watch.poll() is not None)
    return watch


def told(recorder):
    """Count how often each trouble and each end was told, by its station."""
    counts = Counter()
    for *_, body in list(recorder.requests):
        for line in json.loads(body)["message"].splitlines():
            if found := re.match(r"(Station \d+): (the sensor gives|the board reports no trouble)", line):
                counts[found[1], found[2]] += 1
    return counts


def is_all_told(still_open):
    return Incident.objects.open().count() <= max(still_open, 0) and not Delivery.objects.waiting().exists()


def test_of_a_watch_that_is_killed_at_any_moment_each_trouble_is_told_once_or_twice(recorder):
    chance = random.Random(SEED)
    names = [f"Station {number}" for number in range(2 * KILLS)]
    for name in names:
        Station.objects.create(name=name, last_heard_at=datetime.now(UTC))
    Rule.objects.filter(kind="sensor").update(minutes=0)
    Rule.objects.exclude(kind="sensor").update(active=False)
    for kill in range(KILLS):
        with killed_at_last(start()) as watch:
            for name in names[2 * kill : 2 * kill + 2]:
                Station.objects.filter(name=name).update(trouble="ds18b20: no answer")
                time.sleep(chance.uniform(0, MOST_S / 3))
            known = Incident.objects.open().filter(notices__deliveries__sent_at__isnull=False)
            Station.objects.filter(pk__in=list(known.values_list("station", flat=True))).update(trouble="")
            time.sleep(chance.uniform(0, MOST_S / 3))
            watch.kill()
            watch.wait()
    with killed_at_last(start()) as watch:
        assert comes_true(lambda: len({name for name, what in told(recorder) if "sensor" in what}) == len(names))
        for first in range(0, len(names), MOST_AT_ONCE):
            Station.objects.filter(name__in=names[first : first + MOST_AT_ONCE]).update(trouble="")
            assert comes_true(partial(is_all_told, len(names) - first - MOST_AT_ONCE))
        assert ended(watch) == 0
    counts = told(recorder)
    print(f"{len(names)} troubles and their ends, {KILLS} kills, told so often: {dict(Counter(counts.values()))}")  # noqa: T201
    assert len(counts) == 2 * len(names)
    assert set(counts.values()) <= {1, 2}
