"""What happens to an account: written down, and told to its owner by mail."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from django.contrib.auth.models import User
from django.db import OperationalError, transaction
from django.http import HttpRequest

from accounts.login.mail import tell
from audit.deeds import record

logger = logging.getLogger(__name__)


def deed(request: HttpRequest | None, user: User, what: str, details: Mapping[str, object] | None = None) -> None:
    """Write down a deed about an account in the present transaction, or in one of its own. Tell its owner of it."""
    with transaction.atomic():
        record(what, of=user, details=details)
    tell(request, user, what)


def deed_if_possible(request: HttpRequest, user: User, what: str, details: Mapping[str, object]) -> None:
    """Do the same while the database may be unable to take it: people log in then, to see what is wrong."""
    try:
        deed(request, user, what, details)
    except OperationalError:
        logger.warning("It is not written down: %s. The database cannot be written.", what)
        tell(request, user, what)
