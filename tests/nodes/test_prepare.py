"""`manage.py prepare` on several nodes at once: one does it, and the others wait and find it done."""

import threading
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections

from freetemp.prepare_lock import LOCK, alone_on_database
from tests.programs import comes_true

WAITS = "Another node prepares this database: waiting until it is done ..."


@pytest.fixture(autouse=True)
def _small(settings, tmp_path):
    """Nothing to collect takes long, and the lock of the folder is another one for each."""
    settings.STATICFILES_DIRS = [tmp_path / "sources"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "page.css").write_text("p { margin: 0 }")
    settings.VAR_DIR = tmp_path / "var"
    settings.STATIC_ROOT = settings.VAR_DIR / "static"


class Preparing(threading.Thread):
    """A node that prepares. The lock of the folder is left out: here both have one."""

    def __init__(self):
        super().__init__()
        self.output = StringIO()

    def run(self):
        try:
            call_command("prepare", stdout=self.output)
        finally:
            connections[DEFAULT_DB_ALIAS].close()


@pytest.mark.django_db(transaction=True)
def test_one_prepares_while_the_others_wait_and_there_is_one_administrator(monkeypatch):
    monkeypatch.setattr("freetemp.prepare_lock._locks", lambda file: True)
    holder = connections[DEFAULT_DB_ALIAS].copy()
    with holder.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    others = [Preparing(), Preparing()]
    for each in others:
        each.start()
    assert comes_true(lambda: all(WAITS in each.output.getvalue() for each in others))
    assert not get_user_model().objects.exists()
    holder.close()
    for each in others:
        each.join()
    texts = [each.output.getvalue() for each in others]
    assert sum("Administrator: admin, password: " in text for text in texts) == 1, texts
    assert all("Preparing the database ..." in text for text in texts), texts
    assert get_user_model().objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_lock_is_held_as_long_as_it_takes_and_no_longer():
    other = connection.copy()
    said = []

    def is_free():
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            return cursor.fetchone()[0]

    with alone_on_database(said.append), other.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        assert cursor.fetchone() == (False,)
    assert comes_true(is_free)
    assert said == []
    other.close()
