"""The ways into the database: what boards report, what is known already, and what corrects it."""

from readings.ingest.corrections import correct, delete_station, remove, summarise
from readings.ingest.store import record, record_batch, store

__all__ = ["correct", "delete_station", "record", "record_batch", "remove", "store", "summarise"]
