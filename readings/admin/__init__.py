"""Readings for staff: refused reports, corrections, and the last day of each station in the list of stations."""

from readings.admin import boards, refused, station, treatment

__all__ = ["boards", "refused", "station", "treatment"]
