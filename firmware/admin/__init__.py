"""Boards for staff: WiFi networks, MicroPython images, and what the page of a station says of its board."""

from firmware.admin import images, networks, station

__all__ = ["images", "networks", "station"]
