"""What accounts have beside Django's users."""

from accounts.models.api_token import ApiToken, Scope
from accounts.models.invitation import Invitation
from accounts.models.station_link import StationLink

__all__ = ["ApiToken", "Invitation", "Scope", "StationLink"]
