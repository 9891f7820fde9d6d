"""The overview of somebody with all rights to stations, on a server as it is shipped."""

import pytest

from freetemp.overview.report import Overview


@pytest.fixture(autouse=True)
def _settings(settings):
    settings.DEBUG = False
    settings.ENCRYPTION_KEYS = ["there is one"]


@pytest.fixture
def overview(keeper):
    return lambda: Overview.of(keeper)
