"""The ways into the database: reports of boards, readings from elsewhere, and corrections."""

from readings.ingest.corrections import correct, delete_station, remove, summarise
from readings.ingest.store import record, record_batch, store

__all__ = ["correct", "delete_station", "record", "record_batch", "remove", "store", "summarise"]
