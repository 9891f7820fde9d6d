"""The readings of stations, their summaries, what is said about them, and the numbers that boards have sent already."""

from readings.models.board_state import BoardState
from readings.models.boot import Boot
from readings.models.checked import Checked
from readings.models.day import Day
from readings.models.device_state import DeviceState
from readings.models.direction import DirectionDay, DirectionQuarter
from readings.models.history_import import HistoryImport
from readings.models.mqtt import MqttDevice, MqttSession
from readings.models.pending import Pending
from readings.models.quarter import Quarter
from readings.models.reading import Reading, ReadingQuerySet
from readings.models.refused_report import RefusedReport
from readings.models.sensor import Sensor
from readings.models.set_aside import SetAside
from readings.models.stored_ahead import StoredAhead

__all__ = [
    "BoardState",
    "Boot",
    "Checked",
    "Day",
    "DeviceState",
    "DirectionDay",
    "DirectionQuarter",
    "HistoryImport",
    "MqttDevice",
    "MqttSession",
    "Pending",
    "Quarter",
    "Reading",
    "ReadingQuerySet",
    "RefusedReport",
    "Sensor",
    "SetAside",
    "StoredAhead",
]
