"""Fixtures of people, their stations and their programs."""

import pytest
from django.contrib.auth.models import User

from stations.models import Field, Station
from tests.conftest import client_of


def read(answer):
    """Read an answer to its end: a file that is not read keeps a place that the next one needs."""
    if answer.streaming:
        b"".join(answer.streaming_content)
        for close in answer._resource_closers:  # As a server does. The client's own close() ends the connection too.
            close()
    return answer


@pytest.fixture
def attic(db):
    """A station that is not public, with coordinates."""
    attic = Station.objects.create(
        name="Attic", mac="5c:cf:7f:00:00:07", public=False, latitude=52.5, longitude=13.4, timezone="Europe/Berlin"
    )
    Field.objects.filter(station=attic).update(newest_value=21.4)
    return attic


@pytest.fixture
def administrator(db):
    return User.objects.create_superuser("boss")


@pytest.fixture
def administrating(administrator):
    return client_of(administrator)


@pytest.fixture
def with_token(client):
    """Ask for an address with a token, in the name of its person: with_token(address, token)."""

    def ask(address, token, method="get", **more):
        return read(getattr(client, method)(address, HTTP_AUTHORIZATION=f"Bearer {token}", **more))

    return ask
