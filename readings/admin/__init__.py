"""Readings for staff: what boards were refused, and what the list of stations shows of the last day."""

from readings.admin import refused, station

__all__ = ["refused", "station"]
