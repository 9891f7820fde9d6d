"""A lost second factor is reset: by another administrator, or by whoever has the server's command line."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest

from accounts.login import sessions
from accounts.login.deeds import deed


@transaction.atomic
def reset_second_factor(user: User, request: HttpRequest | None = None) -> int:
    """Remove all second factors of an account and end its sessions. Return the number of factors that there were."""
    factors = Authenticator.objects.filter(user_id=user.pk)
    count = len(factors)
    factors.delete()
    sessions.end(sessions.of(user))
    deed(request, user, "second factor reset", {"factors": count})
    return count
