"""Readings for staff: reports that were refused, and the last day of each station in the list of stations."""

from readings.admin import refused, station

__all__ = ["refused", "station"]
