"""bootstrap.py serve runs what sends uploads while there are some."""

import os
import subprocess
import sys

import pytest

import bootstrap
from stations.models import Station
from tests.server import database_url
from uploads.models import Upload
from uploads.sender import NAME, call_if_active

UNTIL_IT_IS_GONE = "import pathlib, sys, time\nwhile pathlib.Path(sys.argv[1]).exists(): time.sleep(0.05)"


@pytest.mark.django_db(transaction=True)
def test_a_process_starts_when_it_is_called_and_ends_when_no_upload_is_active(tmp_path, monkeypatch):
    """The server of this test ends as soon as that process has taken the call away."""
    (tmp_path / NAME).touch()
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "freetemp.settings", "DATABASE_URL": database_url()}
    with subprocess.Popen([sys.executable, "-c", UNTIL_IT_IS_GONE, str(tmp_path / NAME)]) as server:
        bootstrap.wait_for_end(server, environment)
    assert not (tmp_path / NAME).exists()


def test_a_database_with_an_active_upload_calls_it(uploads, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    uploads()
    call_if_active()
    assert (tmp_path / NAME).exists()
    Station.objects.update(active=False)
    call_if_active()
    assert (tmp_path / NAME).exists(), "nobody calls it when the station is active again"
    Upload.objects.update(is_active=False)
    call_if_active()
    assert not (tmp_path / NAME).exists()
