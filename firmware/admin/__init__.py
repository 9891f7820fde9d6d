"""Boards for staff: WiFi networks, MicroPython images, and the board's part of a station's page."""

from firmware.admin import images, networks, station

__all__ = ["images", "networks", "station"]
