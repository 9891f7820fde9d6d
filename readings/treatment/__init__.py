"""What is said about readings without rewriting them: set aside and restored, corrected by the ledger of sensors."""

from readings.models.set_aside import Reason, State
from readings.treatment.decisions import accept, finish, refuse, undo
from readings.treatment.ledger import add_sensor, correction
from readings.treatment.marks import set_aside

__all__ = ["Reason", "State", "accept", "add_sensor", "correction", "finish", "refuse", "set_aside", "undo"]
