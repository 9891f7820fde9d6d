"""Readings for staff: what boards were refused, and what the list of stations shows of the last day."""

from readings.admin import overview, refused, station

__all__ = ["overview", "refused", "station"]
