"""Deployment checks that Django's own cannot make for this server."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register

from freetemp.conf.environment import is_private


@register(Tags.security, deploy=True)
def plain_http_is_for_home(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Warn if a server on the internet accepts passwords over plain HTTP."""
    if settings.TLS or is_private(settings.SERVER_URL):
        return []
    return [
        checks.Warning(
            f"SERVER_URL is {settings.SERVER_URL}: passwords cross the internet unencrypted.",
            hint="Put a proxy with TLS in front and set SERVER_URL to its https:// address (docs/deploy.md).",
            id="freetemp.W001",
        )
    ]
