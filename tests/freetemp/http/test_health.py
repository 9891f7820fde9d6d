"""What a balancer asks: is the process alive, and can reports be stored? Nothing is counted, and nothing is left."""

from unittest import mock

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.test import Client

from freetemp.http import health
from freetemp.http.board_requests import view_for
from freetemp.http.health import readiness
from readings.ingest.refusals import refusals
from readings.models import RefusedReport


@pytest.fixture(autouse=True)
def _anew():
    readiness.forget()
    yield
    readiness.forget()


def ask(path, method="get", **extra):
    answer = getattr(Client(), method)(path, **extra)
    return answer.status_code, answer.content, answer


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "line"), [("/healthz", b"alive\n"), ("/readyz", b"ready\n")])
def test_a_probe_is_answered_whatever_host_it_names_and_leaves_nothing(path, line, settings):
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = [], True
    assert refusals.flush()  # of tests before
    before = RefusedReport.objects.count()
    status, body, answer = ask(path, HTTP_HOST="10.0.0.7")
    assert (status, body) == (200, line)
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Length"] == str(len(line))
    assert not answer.cookies
    assert "Vary" not in answer
    assert refusals.flush()
    assert not Session.objects.exists()
    assert RefusedReport.objects.count() == before


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_only_get_and_head_are_answered_and_a_head_has_no_body(path):
    status, body, answer = ask(path, "head")
    assert (status, body, answer["Content-Length"]) == (200, b"", "6")
    assert ask(path, "post")[0] == 405
    assert ask(f"{path}/")[0] == 404


def test_boards_process_answers_probes():
    assert view_for("/healthz")
    assert view_for("/readyz")


@pytest.mark.django_db
def test_without_its_database_it_is_alive_and_not_ready():
    with mock.patch.object(health, "execute", side_effect=OperationalError("away")):
        assert ask("/healthz")[0] == 200
        status, body, answer = ask("/readyz")
    assert (status, body) == (503, b"the database is away, or not prepared\n")
    assert int(answer["Retry-After"]) > 0


@pytest.mark.django_db
def test_the_database_is_asked_once_a_second(django_assert_num_queries, monkeypatch):
    clock = [1_000.0]
    monkeypatch.setattr("freetemp.http.health.time.monotonic", lambda: clock[0])
    asked = 1 if connection.vendor == "sqlite" else 2
    with django_assert_num_queries(asked):
        assert [ask("/readyz")[0] for _ in range(3)] == [200] * 3
    clock[0] += 1
    with django_assert_num_queries(asked):
        assert ask("/readyz")[0] == 200


@pytest.mark.django_db
def test_a_database_that_only_reads_is_not_ready():
    if connection.vendor == "sqlite":
        with mock.patch.object(health, "is_read_only", return_value=True):
            assert ask("/readyz")[:2] == (503, b"the database's disk is read-only or full\n")
        return
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
    assert ask("/readyz")[:2] == (503, b"the database only reads\n")


@pytest.mark.django_db
@pytest.mark.sqlite_only
def test_a_full_disk_is_not_ready(monkeypatch):
    monkeypatch.setattr("freetemp.http.health.shutil.disk_usage", lambda folder: mock.Mock(free=0))
    assert ask("/readyz")[:2] == (503, b"the database's disk is read-only or full\n")
