"""Store what devices publish on an MQTT broker."""

from __future__ import annotations

import gc
import signal
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.management import CommandError

from freetemp.command import BaseCommand
from readings.home_assistant.publisher import Publisher
from readings.ingest.refusals import refusals


class Command(BaseCommand):
    help = (
        "Listen to the MQTT broker of MQTT_URL and store what devices publish there (docs/mqtt.md). It runs until it "
        "is ended, and goes on by itself after the broker or the database was away. One at a time listens to a broker."
    )
    # They load every page: 20 MB that it never uses. `prepare` and the server run them.
    requires_system_checks = []

    def handle(self, **options: Any) -> None:
        if settings.MQTT_BROKER is None:
            raise CommandError("No broker is set: write MQTT_URL=mqtt://127.0.0.1 into .env (docs/mqtt.md).")
        if find_spec("paho") is None:
            raise CommandError(
                "The MQTT client is missing: run `pip install -r requirements/mqtt.txt`, then this again."
            )
        from readings.foreign.mqtt.connection import TakenOverError  # The client is only there where it is needed.
        from readings.foreign.mqtt.listener import Listener, the_session

        refusals.keep()
        # What is loaded by now stays: the collector would look through it again and again, for a third of the time.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000)
        session = the_session()
        publisher = Publisher(session.client_id, session.published) if settings.MQTT_PUBLISHES else None
        listener = Listener(settings.MQTT_BROKER, proves_stations=settings.MQTT_PROVES_STATIONS, publishing=publisher)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: listener.ending.set())
        try:
            listener.run()
        except TakenOverError as error:
            raise CommandError(
                f"This one ends: {error}. One at a time is enough. Another freetemp, with a copy of this database, "
                "needs one of its own, or no MQTT_URL."
            ) from error
        finally:
            refusals.flush()
