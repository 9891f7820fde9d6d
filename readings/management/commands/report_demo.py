"""Report for the demo stations as boards do: through the device URL, once a minute."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

from django.core.management import CommandError, CommandParser

from freetemp.command import BaseCommand
from readings.demo import AIRPORTS
from readings.demo.board import DemoBoard
from stations.models import Station


class Command(BaseCommand):
    help = "Report for the demo stations until it is stopped. Their history comes from load_demo."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="The server's address.")
        parser.add_argument("--interval", type=float, default=60, help="Seconds between two reports.")

    def handle(self, *args: Any, url: str, interval: float, **options: Any) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.netloc:
            raise CommandError("--url is like http://127.0.0.1:8000: boards speak plain HTTP.")
        stations = {station.mac: station for station in Station.objects.filter(simulated=True).with_fields()}
        boards = [DemoBoard(airport, stations[airport.mac]) for airport in AIRPORTS if airport.mac in stations]
        if not boards:
            raise CommandError("There is no demo station: run load_demo first.")
        while True:
            for board in boards:
                for answer in board.report(parts.netloc):
                    if answer != "OK":
                        self.stderr.write(f"{board.station}: {answer}")
            time.sleep(interval)
