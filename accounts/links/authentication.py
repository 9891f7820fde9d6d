"""Whoever has opened a link, in Django REST framework."""

from __future__ import annotations

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request


class LinkAuthentication(BaseAuthentication):
    """Keeps the viewer of a link. For the framework everybody without an account would be the same nobody."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        viewer = request._request.user
        is_linked = not viewer.is_authenticated and getattr(viewer, "linked_stations", None)
        return (viewer, None) if is_linked else None
