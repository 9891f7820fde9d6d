"""The ways into the database: reports of boards, readings from elsewhere, and corrections."""

from readings.ingest.corrections import correct, delete_station, remove, remove_each, summarise
from readings.ingest.store import (
    compare,
    one_transaction,
    record,
    record_batch,
    record_each,
    record_named,
    store,
    store_and_compare,
)

__all__ = [
    "compare",
    "correct",
    "delete_station",
    "one_transaction",
    "record",
    "record_batch",
    "record_each",
    "record_named",
    "remove",
    "remove_each",
    "store",
    "store_and_compare",
    "summarise",
]
