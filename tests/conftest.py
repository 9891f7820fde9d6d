"""What tests of more than one app need."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from stations.models import Key, Station

MAC = "6c:ef:7f:3b:9d:e8"


@pytest.fixture(autouse=True)
def _forget_wrong_keys() -> Iterator[None]:
    """The cache outlives a test; what one test sent must not throttle the next."""
    yield
    cache.clear()


@pytest.fixture
def station(db: None) -> Station:
    return Station.objects.create(name="Garden", mac=MAC, timezone="Europe/Berlin")


@pytest.fixture
def key(station: Station) -> str:
    return Key.objects.issue(station)
