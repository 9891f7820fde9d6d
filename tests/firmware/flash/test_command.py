"""manage.py flash_station: the station that was meant, and the page on which its readings are."""

import pytest
from django.core.management import CommandError, call_command

from firmware.flash import board
from firmware.flash.board import Found
from firmware.flash.flashing import Flashing
from firmware.management.commands.flash_station import page, source
from stations.models import Station
from tests.conftest import MAC

pytestmark = pytest.mark.django_db


def test_a_station_is_named_by_its_number_or_its_name(station):
    assert source("Garden", None).station().id == station.pk
    assert source(str(station.pk), None).station().name == "Garden"


def test_an_unknown_station_is_answered_with_those_that_there_are(station):
    pond = Station.objects.create(name="Pond")
    with pytest.raises(CommandError) as refused:
        call_command("flash_station", "900", "--port", "COM4")
    assert str(refused.value) == (
        f"There is no station “900”: give its number or its name. There are {station.pk} Garden, {pond.pk} Pond."
    )


def test_many_stations_are_counted_and_none_has_a_command(station):
    for number in range(6):
        Station.objects.create(name=f"Roof {number}")
    with pytest.raises(CommandError, match=r"Roof 3, and 2 more in the admin\.$"):
        source("Attic", None)
    Station.objects.all().delete()
    with pytest.raises(
        CommandError, match=r"there are none yet\. Add one in the admin, or with `python manage\.py add_"
    ):
        source("Attic", None)


def test_a_name_with_a_space_is_typed_in_quotes(station, monkeypatch):
    from tests.firmware.flash.test_ports import LINUX

    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: LINUX)
    with pytest.raises(CommandError, match=r"flash_station 'My garden' --port /dev/ttyUSB0$"):
        call_command("flash_station", "My garden")


def test_a_flash_ends_with_the_station_s_page(station, monkeypatch, settings, capsys):
    settings.SERVER_URL = "http://192.168.1.5:8000"
    monkeypatch.setattr(Flashing, "run", lambda flashing: setattr(flashing, "station_id", station.pk))
    call_command("flash_station", "Garden", "--port", "COM4")
    page_line = f"The station's page: http://192.168.1.5:8000{station.get_absolute_url()}"
    assert capsys.readouterr().out.splitlines() == [page_line, "Done."]
    assert page(7, "https://freetemp.example/weather/") == "https://freetemp.example/weather/stations/7/"


def test_a_made_up_address_is_told_from_another_board_s(station, monkeypatch, settings):
    Station.objects.update(mac="02:00:00:00:00:42")
    monkeypatch.setattr(board, "look", lambda port, on_percent: Found(MAC, "4MB"))
    with pytest.raises(CommandError) as refused:
        call_command("flash_station", "Garden", "--port", "COM4", "--server-url", "http://192.168.1.5:8000")
    assert str(refused.value) == (
        f"The board on COM4 has the MAC {MAC}, and Garden has 02:00:00:00:00:42, which no board has: it was made up "
        "for a program. Run this again with --replace-mac, and the board takes the program's place."
    )
