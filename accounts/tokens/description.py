"""Tokens of programs in the OpenAPI description. The URLconf, where that is, loads this."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # drf-spectacular's own
    """Tells the description's readers what to send."""

    target_class = "accounts.tokens.authentication.TokenAuthentication"
    name = "apiToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        words = "A token from the page of your account. Public stations need none."
        return {"type": "http", "scheme": "bearer", "description": words}
