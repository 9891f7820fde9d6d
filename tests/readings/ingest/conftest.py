"""Boards that report at a known moment."""

from datetime import UTC, datetime
from unittest import mock

import pytest

from freetemp.fields import to_millis
from stations.models import Claim

NOW = datetime(2026, 11, 22, 12, 0, 0, 250_000, tzinfo=UTC)
NOW_MS = to_millis(NOW)


@pytest.fixture
def clock():
    """The clock, at NOW until a test sets its `return_value`."""
    with mock.patch("django.utils.timezone.now", return_value=NOW) as now:
        yield now


@pytest.fixture
def garden(station, key):
    return Claim.of(station.mac, key)
