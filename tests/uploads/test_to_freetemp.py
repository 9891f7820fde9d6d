"""A station of one freetemp goes to another by Weather Underground's protocol, through the real server and command."""

import os

import pytest
from django.utils import timezone

from freetemp.fields import now_millis
from readings.models import Reading
from stations.models import Key, Station
from tests import preloaded
from tests.server import Server
from tests.uploads.conftest import store
from uploads.models import Upload
from uploads.sending import send_due

pytestmark = pytest.mark.django_db(transaction=True)


def test_values_arrive_and_what_was_missed_too(roof, uploads, tmp_path):
    there = Station.objects.create(name="There", device="wunderground")
    key = Key.objects.issue(there)
    now = now_millis()
    for minutes in (12, 6):
        store(roof, now - minutes * 60_000, 20.0 + minutes)
    with Server(tmp_path / "log") as server:
        upload = uploads(server=f"{server.url}/weatherstation/updateweatherstation.php")
        upload.set_secret("a wrong key")
        upload.sent_until = now - 13 * 60_000
        upload.save()
        send(server)
        upload.refresh_from_db()
        assert "INVALIDPASSWORDID" in upload.error
        upload.set_secret(key)
        for _ in range(3):
            upload.next_at = timezone.now()
            upload.save()
            assert send_due() == 1
            upload.refresh_from_db()
            assert upload.error == ""
    names = dict(there.fields.values_list("number", "name"))
    found = {(names[row.field], round(row.value, 1)) for row in Reading.objects.filter(station=there)}
    assert {value for name, value in found if name == "temperature"} == {32.0, 26.0, 20.0}
    assert ("humidity", 50.0) in found
    assert ("dew point", 9.3) in found
    assert "a wrong key" not in (tmp_path / "log").read_text()


def send(server):
    """Run the command as an operator does."""
    done = preloaded.run(["manage.py", "send_uploads", "--once"], os.environ | server.environment)
    assert done.returncode == 0, done.stderr
    assert Upload.objects.get().identity not in done.stderr
