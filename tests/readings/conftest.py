"""One mosquitto for all tests of a run's process."""

import os

import pytest

from tests.mosquitto import Mosquitto, mosquitto


@pytest.fixture(scope="session")
def broker(tmp_path_factory):
    if mosquitto() is None:
        report = pytest.fail if "CI" in os.environ else pytest.skip
        report("there is no mosquitto: install it")
    with Mosquitto(tmp_path_factory.mktemp("mosquitto")) as broker:
        yield broker
