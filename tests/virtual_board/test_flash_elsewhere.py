"""flash_station on a laptop that is not the server: the real server, its API, and the real files on the board."""

import pytest

from firmware.management.commands import flash_station
from firmware.models import FlashToken
from readings.models import Reading
from stations.models import Key, Station
from tests.firmware.flash.flashing import flash, give_network, image_file
from tests.server import Server
from tests.virtual_board import VirtualBoard

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def server(transactional_db, station, tmp_path):
    give_network(station)
    with Server(tmp_path / "log", WEB_CONCURRENCY="1", WEB_THREADS="4") as server:
        yield server


def test_a_token_flashes_its_own_station_until_a_first_reading_is_stored(server, station, tmp_path, monkeypatch):
    token, image = FlashToken.objects.make(station), image_file(tmp_path)
    monkeypatch.setattr(flash_station, "getpass", lambda prompt: token)
    with VirtualBoard() as board:
        another = Station.objects.create(name="Roof")
        refused = flash(another, board.port, image, "--server", server.url)
        assert refused.startswith(f"This token is for station {station.pk}, Garden, and not for station {another.pk}: ")

        monkeypatch.setenv("FREETEMP_TOKEN", token)
        monkeypatch.delattr(flash_station, "getpass")  # The command asks for no token that is set.
        said = flash(station, board.port, image, "--server", server.url, "--server-url", server.url, "--wait", "60")
    assert said.endswith("Done.\n")
    assert Reading.objects.filter(station=station).count() == 1
    assert [key.state for key in Key.objects.filter(station=station)] == ["live"]
    assert token not in said
