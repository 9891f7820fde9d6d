"""Models for boards: WiFi networks, a station's sensors, MicroPython images, and tokens to flash from elsewhere."""

from firmware.models.equipment import Equipment, FurtherSensor, NotReadyError
from firmware.models.image import MicroPythonImage
from firmware.models.image_file import ImageFile
from firmware.models.network import StationNetwork, WiFiNetwork
from firmware.models.token import FlashToken, FlashUse

__all__ = [
    "Equipment",
    "FlashToken",
    "FlashUse",
    "FurtherSensor",
    "ImageFile",
    "MicroPythonImage",
    "NotReadyError",
    "StationNetwork",
    "WiFiNetwork",
]
