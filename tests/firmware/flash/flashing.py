"""Shared parts of the flashing tests: an image, a ready station, and a server's answer that comes over the cable."""

import io
import json
import re
import struct
from dataclasses import replace
from pathlib import Path

from django.core.management import CommandError, call_command

from firmware.flash import flashing
from firmware.management.commands import flash_station
from firmware.models import StationNetwork
from firmware.sources import LocalSource
from stations.models import Key
from tests.firmware.conftest import make_network

PASSWORD = "correct horse battery"
SERVER = "http://127.0.0.1:9"  # Nothing listens there.


def esp8266_image(size=3000):
    """Return an image that the chip's boot ROM would start: header, one segment, and the sum of its bytes.

    Source: Espressif's "ESP8266 firmware image format" in esptool's documentation.
    """
    data = bytes(number * 7 % 251 for number in range(size - size % 4))
    head = struct.pack("<BBBBI", 0xE9, 1, 0, 0x40, 0x40100000) + struct.pack("<II", 0x40100000, len(data))
    total = 0xEF
    for byte in data:
        total ^= byte
    return head + data + bytes(15 - (len(head) + len(data)) % 16) + bytes([total])


def image_file(folder: Path) -> Path:
    path = folder / "micropython.bin"
    path.write_bytes(esp8266_image())
    return path


def give_network(station):
    StationNetwork.objects.create(station=station, network=make_network("Weather", PASSWORD))


MAIN = b"""
import json
print("small main starts", "." * 2000)
print("using", json.load(open("config.json"))["key"])
"""
SMALL = {"lib/station.mpy": b"M\x06\x00\x1f" * 200, "lib/sensors/mcp9808.mpy": b"M\x06\x00\x1f" * 50, "main.py": MAIN}


class Printing:
    """Stands in for the server that the board reports to: a key counts as used once the board has printed it.

    The registry behind it is the real one, and a main.py on the board prints. It has few files, to be quick.
    """

    def __init__(self, monkeypatch, board):
        self.board, self.bundles = board, []
        server = self

        class Source(LocalSource):
            def bundle(self, server_url=None, *, mac=None):
                bundle = super().bundle(server_url, mac=mac)
                files = {"config.json": bundle.files["config.json"]} | SMALL
                server.bundles.append(replace(bundle, files=files))
                return server.bundles[-1]

            def has_reported(self, bundle):
                server.use_what_was_printed(self.station().mac)
                return super().has_reported(bundle)

        monkeypatch.setattr(flash_station, "LocalSource", Source)
        monkeypatch.setattr(flashing, "POLL_S", 0.1)

    @property
    def secrets(self):
        """The keys on boards so far, and the WiFi's password."""
        return [PASSWORD, *(json.loads(bundle.files["config.json"])["key"] for bundle in self.bundles)]

    def use_what_was_printed(self, mac):
        for printed in re.findall("using ([0-9a-f]{32})", self.board.printed):
            if key := Key.objects.authenticate(mac, printed):
                key.take_over(key.issued_at)


def flash(station, port, image=None, *options):
    """Run the command; return its output, or the sentence of its failure."""
    out = io.StringIO()
    given = [] if image is None else ["--micropython", str(image)]
    try:
        call_command(
            "flash_station", str(station.pk), "--port", port, "--server-url", SERVER, *given, *options, stdout=out
        )
    except CommandError as error:
        return str(error)
    return out.getvalue()
