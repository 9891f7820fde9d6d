"""Tokens of programs in Django REST framework."""

from __future__ import annotations

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.tokens.middleware import WRONG


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`. The middleware has looked at it, so that files and pictures take tokens too."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        token = getattr(request._request, "api_token", None)
        if token is not None:
            return request._request.user, token
        if request.headers.get("Authorization", "").lower().startswith("bearer "):
            raise AuthenticationFailed(WRONG)
        return None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
