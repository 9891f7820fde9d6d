"""Serial ports: the likely one, the explanation on each platform, and the reasons why one cannot be opened."""

from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from serial import SerialException

from firmware.flash import ports

pytestmark = pytest.mark.sqlite_only


def listed(device, vid=None, pid=None, description="n/a"):
    """Return a port in the form of pyserial's list."""
    return SimpleNamespace(device=device, vid=vid, pid=pid, description=description)


LINUX = [listed("/dev/ttyS0", description="ttyS0"), listed("/dev/ttyUSB0", 0x10C4, 0xEA60, "CP2102 USB to UART")]
WINDOWS = [listed("COM1", description="Communications Port"), listed("COM4", 0x1A86, 0x7523, "USB-SERIAL CH340 (COM4)")]
MACOS = [listed("/dev/cu.Bluetooth-Incoming-Port"), listed("/dev/cu.SLAB_USBtoUART", 0x10C4, 0xEA60, "CP2102")]


@pytest.mark.parametrize(
    ("vid", "pid", "bridge"),
    [
        (0x10C4, 0xEA60, "CP210x"),
        (0x1A86, 0x7523, "CH340"),
        (0x1A86, 0x7522, "CH340"),
        (0x1A86, 0x5523, "CH341"),
        (0x1A86, 0x55D4, "CH9102"),
        (0x1A86, 0x55D3, "CH343"),
        (0x0403, 0x6001, "FTDI FT232"),
        (0x0403, 0x6015, "FTDI FT231X"),
        (0x067B, 0x2303, "PL2303"),
        (0x2341, 0x0043, ""),  # An Arduino Uno
        (None, None, ""),
    ],
)
def test_the_usb_chips_of_boards_are_known_by_their_numbers(vid, pid, bridge):
    assert ports.find([listed("/dev/ttyUSB0", vid, pid)])[0].bridge == bridge


@pytest.mark.parametrize("found", [LINUX, WINDOWS, MACOS], ids=["linux", "windows", "macos"])
def test_the_likely_port_comes_first_on_every_platform(found):
    first, second = ports.find(found)
    assert (first.is_likely, second.is_likely) == (True, False)
    assert first.device == found[1].device


def test_ports_are_explained_with_the_likely_one_marked():
    assert ports.explain(ports.find(WINDOWS), "win32").splitlines()[:3] == [
        "Serial ports of this computer:",
        "  COM4 (CH340)  <- likely the board",
        "  COM1 (Communications Port)",
    ]


@pytest.mark.parametrize(
    ("platform", "like"), [("win32", "COM4"), ("darwin", "/dev/cu.SLAB_USBtoUART"), ("linux", "/dev/ttyUSB0")]
)
def test_no_port_at_all_says_what_one_is_like_and_what_is_missing(platform, like):
    said = ports.explain([], platform)
    assert like in said
    assert "a cable that carries data" in said


@pytest.mark.parametrize(
    ("raised", "sentence"),
    [
        (SerialException("could not open port 'COM9': FileNotFoundError(2, 'not found', None, 2)"), "There is no port"),
        (
            SerialException("could not open port 'COM9': PermissionError(13, 'Access is denied.', None, 5)"),
            "COM9 is in",
        ),
        (SerialException(11, "Could not exclusively lock port COM9"), "COM9 is in use: close"),
        (SerialException(16, "Device or resource busy"), "COM9 is in use: close"),
        (SerialException(2, "No such file or directory"), "There is no port COM9: "),
        (SerialException(13, "Permission denied"), "You may not open COM9, which belongs to the group dialout: "),
        (OSError(25, "Inappropriate ioctl for device"), "COM9 cannot be opened ([Errno 25] Inappropriate ioctl"),
    ],
)
def test_what_opening_a_port_raises_becomes_a_sentence(raised, sentence):
    assert str(ports.trouble("COM9", raised)).startswith(sentence)


def test_an_address_of_no_kind_is_told_too():
    with pytest.raises(ports.PortError, match=r"nowhere://board cannot be opened \(invalid URL"):
        ports.check("nowhere://board")


def test_without_a_port_the_command_names_them_and_what_to_type(monkeypatch):
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: LINUX)
    with pytest.raises(CommandError) as refused:
        call_command("flash_station", "3")
    lines = str(refused.value).splitlines()
    assert lines[0] == "Name the board's port with --port."
    assert lines[2] == "  /dev/ttyUSB0 (CP210x)  <- likely the board"
    assert lines[-1] == "Run: python manage.py flash_station 3 --port /dev/ttyUSB0"


def test_with_two_likely_ports_the_command_does_not_choose(monkeypatch):
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: [LINUX[1], MACOS[1]])
    with pytest.raises(CommandError) as refused:
        call_command("flash_station", "3")
    assert "Run: " not in str(refused.value)


def test_a_server_elsewhere_stays_in_the_command_to_type(monkeypatch):
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: WINDOWS)
    with pytest.raises(CommandError, match=r"flash_station 3 --port COM4 --server https://freetemp\.example$"):
        call_command("flash_station", "3", "--server", "https://freetemp.example")
