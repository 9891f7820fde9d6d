"""What accounts have beside Django's users."""

from accounts.models.api_token import ApiToken, Scope

__all__ = ["ApiToken", "Scope"]
