"""System checks of logins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

MOST_TIMES = 9  # SlotCache keeps no value of more than 98 bytes: nine moments are 97, and ten are 106.
SLOTS = "freetemp.counter_cache.SlotCache"


@register()
def check_rate_limits(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """Say which limits of allauth would never hold: it keeps a list of moments, which a slot of ours cannot take."""
    if settings.CACHES["default"]["BACKEND"] != SLOTS:
        return []
    return [
        Error(
            f"{name}[{action!r}] is {rate!r}: a limit of more than {MOST_TIMES} never holds with freetemp's own cache, "
            "which forgets allauth's list of moments.",
            hint=f"Let {name} be False, since freetemp.logins counts wrong logins, or give at most {MOST_TIMES}.",
            id="accounts.E001",
        )
        for name, action, rate in _limits()
        if any(int(part.split("/")[0]) > MOST_TIMES for part in rate.split(","))
    ]


def _limits() -> Iterator[tuple[str, str, str]]:
    """Yield all limits that allauth keeps to: its defaults, unless they are switched off."""
    from allauth.account import app_settings as of_logins
    from allauth.mfa import app_settings as of_factors

    for name, limits in (("ACCOUNT_RATE_LIMITS", of_logins.RATE_LIMITS), ("MFA_RATE_LIMITS", of_factors.RATE_LIMITS)):
        yield from ((name, action, rate) for action, rate in limits.items() if rate)
