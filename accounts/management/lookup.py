"""Accounts by their names, for commands."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.management import CommandError


def person(name: str) -> User:
    """Return the account with a name, or end the command with the names that are near."""
    found = User.objects.filter(username=name).first()
    if found is None:
        near = User.objects.filter(username__iexact=name).first()
        raise CommandError(f"There is no account “{name}”." + (f" Did you mean “{near}”?" if near else ""))
    return found
