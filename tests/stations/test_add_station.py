"""manage.py add_station, for a server without a browser."""

import pytest
from django.core.management import CommandError, call_command

from stations.models import Claim, Key, Station

pytestmark = pytest.mark.django_db

MAC = "6c:ef:7f:3b:9d:e8"


def add(capsys, *arguments):
    call_command("add_station", *arguments)
    station, key = capsys.readouterr().out.splitlines()
    return station, key


def test_it_prints_the_station_and_its_key_and_the_key_is_good(capsys):
    station, key = add(capsys, "Garden", "--mac", "6C-EF-7F-3B-9D-E8")
    added = Station.objects.get()
    assert station == f"station {added.pk}"
    assert key.startswith("key ")
    assert Key.objects.authenticate(MAC, key.removeprefix("key ")).station == added
    assert [field.name for field in added.fields.all()] == ["temperature"]


def test_everything_that_is_given_is_kept(capsys):
    given = ["--place", "Roof", "--latitude", "52.5", "--longitude=-13.4", "--elevation=-3.5"]
    add(capsys, "Garden", "--mac", MAC, *given, "--timezone", "Asia/Kathmandu", "--interval", "300")
    kept = Station.objects.values("name", "place", "latitude", "longitude", "elevation_m", "timezone", "interval_s")
    assert kept.get() == {
        "name": "Garden",
        "place": "Roof",
        "latitude": 52.5,
        "longitude": -13.4,
        "elevation_m": -3.5,
        "timezone": "Asia/Kathmandu",
        "interval_s": 300,
    }


def test_the_time_zone_is_the_server_s_unless_it_is_given(capsys, settings):
    settings.STATION_TIME_ZONE = "Europe/Berlin"
    add(capsys, "Garden", "--mac", MAC)
    assert Station.objects.get().timezone == "Europe/Berlin"


def test_without_one_it_is_that_of_the_newest_station_and_the_command_says_so(capsys):
    Station.objects.create(name="Old", timezone="Asia/Kathmandu")
    call_command("add_station", "Garden", "--mac", MAC)
    printed = capsys.readouterr()
    assert Station.objects.get(name="Garden").timezone == "Asia/Kathmandu"
    assert printed.err == "Its days are those of Asia/Kathmandu: --timezone names another, and so does the admin.\n"
    assert len(printed.out.splitlines()) == 2, "programs read this"


def test_a_city_is_enough(capsys):
    add(capsys, "Garden", "--mac", MAC, "--timezone", "new york")
    assert Station.objects.get().timezone == "America/New_York"
    assert capsys.readouterr().err == ""


def test_a_board_keeps_the_key_that_it_has(capsys):
    assert add(capsys, "Garden", "--mac", MAC, "--key", "old.board_key~16")[1] == "key old.board_key~16"
    assert Key.objects.authenticate(MAC, "old.board_key~16") is not None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["Pond", "--mac", "6c:ef"], "mac: “6c:ef” is not a MAC address: six hex pairs expected"),
        (["Pond", "--mac", "6CEF7F3B9DE8"], "mac: Another station has this MAC address"),
        (["Garden", "--mac", "aabbccddee01"], "name: Station with this Name already exists."),
        (["", "--mac", "aabbccddee01"], "name: This field cannot be blank."),
        (["Pond", "--mac", "aabbccddee01", "--timezone", "Berln"], "timezone: “Berln” is not an IANA time zone"),
        (
            ["Pond", "--mac", "aabbccddee01", "--timezone", "GMT+1"],
            "timezone: “GMT+1” is an offset and knows no",
        ),
        (["Pond", "--mac", "ffffffffffff"], "mac: “ff:ff:ff:ff:ff:ff” is no board's own address: all ones"),
        (["Pond", "--mac", "000000000000"], "mac: “00:00:00:00:00:00” is no board's own address: all zeros"),
        (["Pond", "--mac", "aabbccddee01", "--latitude", "52"], "Give both latitude and longitude, or neither."),
        (["Pond", "--mac", "aabbccddee01", "--latitude", "91", "--longitude", "0"], "latitude: Ensure this value is"),
        (["Pond", "--mac", "aabbccddee01", "--latitude", "nan", "--longitude", "0"], "'nan' is not a number"),
        (["Pond", "--mac", "aabbccddee01", "--elevation", "inf"], "'inf' is not a number"),
        (["Pond", "--mac", "aabbccddee01", "--elevation", "1e999"], "'1e999' is not a number"),
        (["Pond", "--mac", "aabbccddee01", "--elevation", "high"], "'high' is not a number: give it like 52.5208"),
        (["Pond", "--mac", "aabbccddee01", "--interval", "0"], "interval: Ensure this value is greater"),
        (["Pond", "--mac", "aabbccddee01", "--key", "fifteen.letters"], "A key has 16 to 128 letters, digits"),
        (["Pond", "--mac", "aabbccddee01", "--key", ""], "A key has 16 to 128 letters, digits"),
        (["Pond", "--mac", "aabbccddee01", "--key", "with/a/slash"], "A key has 16 to 128 letters, digits"),
        (["Pond", "--mac", "aabbccddee01", "--key", "a key with spaces"], "A key has 16 to 128 letters, digits"),
        (["Pond", "--mac", "aabbccddee01", "--key", "1234567890123456\n"], "A key has 16 to 128 letters, digits"),
        (["Pond"], "A board needs its MAC address: give --mac, or --device"),
    ],
)
def test_bad_input_is_refused_with_a_sentence_and_adds_nothing(station, arguments, sentence):
    with pytest.raises(CommandError) as refused:
        call_command("add_station", *arguments)
    assert sentence in str(refused.value)
    assert "__all__" not in str(refused.value)
    assert Station.objects.get() == station
    assert not Key.objects.exists()


def test_a_device_of_another_maker_is_told_what_to_type(capsys, settings):
    settings.SERVER_URL = "http://192.168.1.20:8000"
    call_command("add_station", "Roof", "--device", "wunderground", "--timezone", "Europe/Berlin")
    printed = capsys.readouterr().out
    station = Station.objects.get()
    key = printed.splitlines()[1].removeprefix("key ")
    assert (station.device, station.adds_fields, station.mac, station.fields.count()) == ("wunderground", True, None, 0)
    assert Key.objects.verify([Claim.by_key_alone(key)])
    for line in (
        "  Server, host name: 192.168.1.20",
        "  Port: 8000",
        "  Path: /weatherstation/updateweatherstation.php?",
        f"  Station key, password: {key}",
        "docs/devices/wunderground.md says where.",
    ):
        assert line in printed


@pytest.mark.parametrize(
    ("url", "device", "line"),
    [
        ("https://weather.example", "ecowitt", "  Port: 80 (443 if it knows HTTPS)"),
        ("https://weather.example:8443", "ecowitt", "  Port: 8443 (if it knows HTTPS)"),
        (
            "https://weather.example/roof",
            "tasmota",
            "DO WebSend [weather.example:80] /roof/in/0123456789abcdef/tasmota?",
        ),
        ("https://weather.example/roof", "tasmota", "JSON: https://weather.example/roof/in/0123456789abcdef/tasmota"),
    ],
)
def test_a_device_that_knows_no_https_is_told_a_port_that_takes_it(capsys, settings, url, device, line):
    settings.SERVER_URL = url
    call_command("add_station", "Roof", "--device", device, "--key", "0123456789abcdef")
    assert line in capsys.readouterr().out


def test_two_devices_cannot_have_one_key_since_it_alone_names_the_station():
    given = ["--device", "wunderground", "--key", "old.board_key~16"]
    call_command("add_station", "Roof", *given)
    with pytest.raises(CommandError, match="Another station's device has this key"):
        call_command("add_station", "Pond", *given)
    call_command("add_station", "Garden", "--mac", MAC, "--key", "old.board_key~16")


def test_such_a_device_has_no_mac():
    with pytest.raises(CommandError, match="mac: Such a device proves itself by its key alone"):
        call_command("add_station", "Roof", "--device", "wunderground", "--mac", MAC)
