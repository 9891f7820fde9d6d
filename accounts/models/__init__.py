"""What accounts have beside Django's users."""

from accounts.models.api_token import ApiToken, Scope
from accounts.models.invitation import Invitation, TooManyMailsError
from accounts.models.person import Person, language_of, remember_language
from accounts.models.sign_on import SignOn, SignOnGrant, SignOnRule
from accounts.models.station_link import StationLink

__all__ = [
    "ApiToken",
    "Invitation",
    "Person",
    "Scope",
    "SignOn",
    "SignOnGrant",
    "SignOnRule",
    "StationLink",
    "TooManyMailsError",
    "language_of",
    "remember_language",
]
