"""Users of the admin, and a station that is ready to be flashed."""

import pytest
from django.contrib.auth.models import Permission, User

from firmware.models import StationNetwork, WiFiNetwork
from tests.conftest import client_of

PASSWORD = "correct horse"


@pytest.fixture
def viewing(db):
    """The browser of a staff user who may see everything in the registry and of boards, and change nothing."""
    user = User.objects.create_user("viewer", is_staff=True)
    apps = {"content_type__app_label__in": ["stations", "firmware"]}
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_", **apps))
    return client_of(user)


@pytest.fixture
def administering(db):
    return client_of(User.objects.create_superuser("admin"))


def make_network(ssid="Weather", password=PASSWORD, place=""):
    network = WiFiNetwork(ssid=ssid, place=place)
    network.set_password(password)
    network.save()
    return network


@pytest.fixture
def network(db):
    return make_network()


@pytest.fixture
def connected(station, network):
    """A station with a network: the registry has everything for a flash."""
    StationNetwork.objects.create(station=station, network=network)
    return station


@pytest.fixture
def image_folder(tmp_path, settings):
    """The test's own folder for copies of MicroPython images, and for downloads."""
    settings.VAR_DIR = tmp_path
    return tmp_path / "firmware"
