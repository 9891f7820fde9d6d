"""Pages that only read go on when the database cannot be written, and others answer 503 with a sentence."""

import pytest
from django.test import Client

from readings import ingest
from readings.ingest.reports import Measurement
from tests.conftest import MAC
from tests.freetemp.test_command import full, read_only  # noqa: F401 - fixtures

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite_only]


@pytest.fixture
def client(db):
    return Client(raise_request_exception=False)


@pytest.fixture
def filled(station, key):
    ingest.store(station, [Measurement(1, 1_795_334_400_000, 21.4)])
    return station


@pytest.fixture(params=["full", "read_only"])
def unable(filled, request):
    request.getfixturevalue(request.param)


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/stations/{}/", "/stations/{}/?period=year", "/stations/{}/readings.csv", "/stations/{}/embed/"),
        *("/api/v1/stations/", "/api/v1/stations/{}/", "/api/v1/stations/{}/series/?field=1", "/account/login/"),
    ],
)
def test_pages_that_only_read_go_on(client, filled, unable, path):
    client.cookies["language"] = "de"
    assert client.get(path.format(filled.pk)).status_code == 200


def test_staff_who_are_signed_in_see_the_overview(client, filled, django_user_model, request):
    client.force_login(django_user_model.objects.create_superuser("admin", password="x"))
    request.getfixturevalue("read_only")
    assert client.get("/admin/overview/").status_code == 200
    assert client.get("/admin/stations/station/").status_code == 200


@pytest.mark.parametrize("unable", ["full", "read_only"])
def test_staff_log_in_and_see_the_overview_and_log_out(client, filled, django_user_model, request, unable):
    django_user_model.objects.create_superuser("admin", password="x")
    request.getfixturevalue(unable)
    assert client.post("/admin/login/", {"username": "admin", "password": "x"}).status_code == 302
    assert client.get("/admin/overview/").status_code == 200
    client.post("/admin/logout/")
    assert client.get("/admin/overview/").status_code == 302


def test_a_wrong_key_is_refused_as_ever(client, filled, unable):
    answer = client.get(f"/update/API_key=wrong/mac={MAC}/field=1/data=1")
    assert (answer.status_code, answer.content) == (403, b"unknown station or key")
