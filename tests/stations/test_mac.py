"""The spellings of a MAC address."""

import pytest
from django.core.exceptions import ValidationError

from stations.mac import parse_mac, reason_against
from stations.models import Station


@pytest.mark.parametrize(
    "text",
    [
        "6c:ef:7f:3b:9d:e8",
        "6C:EF:7F:3B:9D:E8",
        "6c-ef-7f-3b-9d-e8",
        "6cef7f3b9de8",
        "6CeF7f3B9dE8",
        "6c:ef-7f3b:9d-e8",
        "  6c:ef:7f:3b:9d:e8\n",
    ],
)
def test_every_way_to_write_it_becomes_one(text):
    assert parse_mac(text) == "6c:ef:7f:3b:9d:e8"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "6c:ef:7f:3b:9d",
        "6c:ef:7f:3b:9d:e8:00",
        "6c:ef:7f:3b:9d:g8",
        "6c:ef:7f:3b:9d:e",
        "6:c:ef:7f:3b:9d:e8",
        "6c::ef:7f:3b:9d:e8",
        ":6cef7f3b9de8",
        "6cef7f3b9de8:",
        "6cef.7f3b.9de8",
        "6c%3Aef%3A7f%3A3b%3A9d%3Ae8",
        "\uff16c:ef:7f:3b:9d:e8",
        "6c:ef:7f:3b:9d:e8\x00",
    ],
)
def test_what_is_no_mac_is_refused_with_what_is_expected(text):
    with pytest.raises(ValueError, match="six hex pairs expected, like 6c:ef:7f:3b:9d:e8"):
        parse_mac(text)


@pytest.mark.parametrize("mac", ["6c:ef:7f:3b:9d:e8", "02:00:00:00:00:42", "00:00:00:00:00:01", "fe:ff:ff:ff:ff:ff"])
def test_an_address_of_a_board_or_a_made_up_one_can_be(mac):
    assert reason_against(mac) == ""


@pytest.mark.parametrize(
    ("mac", "reason"),
    [
        ("00:00:00:00:00:00", "all zeros"),
        ("ff:ff:ff:ff:ff:ff", "all ones"),
        ("01:00:5e:00:00:fb", "that of a group. For a program, make one up like 02:00:5e:00:00:fb"),
        ("33:33:00:00:00:01", "that of a group"),
        ("01:23:45:67:89:ab", "that of a group"),
    ],
)
@pytest.mark.django_db
def test_an_address_that_no_board_has_is_refused_with_the_reason_unless_it_was_there_before(mac, reason):
    with pytest.raises(ValidationError) as refused:
        Station(name="New", mac=mac.replace(":", "-").upper()).full_clean()
    assert reason in refused.value.message_dict["mac"][0]
    old = Station.objects.create(name="Old", mac=mac)
    old.full_clean()
    old.mac = "ff:ff:ff:ff:ff:ff" if mac[0] == "0" else "00:00:00:00:00:00"
    with pytest.raises(ValidationError):
        old.full_clean()
