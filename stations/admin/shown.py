"""Rows that are only shown."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from audit.audited import Audited


class Shown(Audited):
    """Rows that nobody adds, changes or deletes by hand."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False
