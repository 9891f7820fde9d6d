"""What accounts have beside Django's users."""

from accounts.models.api_token import ApiToken, Scope
from accounts.models.station_link import StationLink

__all__ = ["ApiToken", "Scope", "StationLink"]
