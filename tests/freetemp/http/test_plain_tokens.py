"""A token that came by plain HTTP to a server with HTTPS is refused, and nobody is led on with it."""

import pytest

from freetemp.http.plain_tokens import SENTENCE

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/api/v1/stations/", "/metrics", "/"])
def test_it_is_told_to_use_https(client, settings, path):
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get(path, HTTP_AUTHORIZATION="Bearer freetemp_x")
    assert (answer.status_code, answer.content.decode()) == (403, SENTENCE)
    assert client.get(path, HTTP_AUTHORIZATION="Bearer freetemp_x", secure=True).status_code != 403


def test_at_home_it_is_taken(client):
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer freetemp_x").status_code == 401
