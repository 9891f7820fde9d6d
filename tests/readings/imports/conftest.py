"""A folder of the test's own for files, and imports that run in the test's process: it is the same code."""

import pytest

from readings.imports import jobs
from readings.imports.process import Work
from readings.models import HistoryImport


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    return tmp_path / jobs.FOLDER


@pytest.fixture
def here(monkeypatch):
    def run(number, name):
        Work(HistoryImport.objects.select_related("station").get(pk=number), name).run()

    monkeypatch.setattr(jobs, "run_process", run)
