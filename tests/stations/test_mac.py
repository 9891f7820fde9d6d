"""The spellings of a MAC address."""

import pytest

from stations.mac import parse_mac


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
