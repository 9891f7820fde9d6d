"""Boards for staff: WiFi networks, MicroPython images, and what the page of a station says of its board."""

from firmware.admin import networks, station

__all__ = ["networks", "station"]
