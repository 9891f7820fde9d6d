"""Sends what is due: which observation, how, and what becomes of it.

Observations of networks that take history are sent one after the other, each an interval after the one before. Others
get the newest one.
"""

from __future__ import annotations

import hashlib
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote, quote_plus

from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from freetemp.encryption import EncryptionError
from freetemp.fields import from_millis, to_millis
from stations.models.status import AHEAD, LATE_AFTER
from uploads.models import Upload
from uploads.networks.base import Account, HttpRequest, LineRequest, Outcome, Verdict
from uploads.observation import moment_after, newest_ms, observed
from uploads.transport import NoAnswerError, send

AT_ONCE = 8
SHORT = 3  # characters
MOST_STALE = timedelta(hours=1)

logger = logging.getLogger(__name__)


class Planned(NamedTuple):
    """An observation that is to be sent now, by its moment."""

    upload: Upload
    account: Account
    request: HttpRequest | LineRequest
    at_ms: int
    more: bool


def send_due(now: datetime | None = None) -> int:
    """Send an observation of each upload that is due, some at a time, and return how many were tried."""
    now = now or timezone.now()
    waiting = Upload.objects.due(now).select_related("station").prefetch_related("station__fields")
    due = [each for each in waiting if Upload.objects.take(each, now)]
    planned = [found for upload in due if (found := _planned_or_rest(upload, now))]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = pool.map(_outcome, planned)
        for each, outcome in zip(planned, outcomes, strict=True):
            _settle(each, outcome)
    return len(planned)


@sensitive_variables()
def plan(upload: Upload, now: datetime) -> Planned | None:
    """Return the observation that is to be sent, or None if there is nothing new. Raises EncryptionError."""
    newest = newest_ms(upload.station)
    if newest is None or newest > to_millis(now + AHEAD):
        return None
    found = _moment(upload, newest, now)
    if found is None and upload.again and _is_recent(upload, newest, now):
        found = newest
    if found is None:
        return None
    observation = observed(upload.station, found)
    if observation.is_empty:
        return None
    account = upload.account()
    request = upload.of_network.request(account, observation)
    step_ms = upload.interval_s * 1000
    return Planned(upload, account, request, found, more=newest - found >= step_ms)


def _moment(upload: Upload, newest: int, now: datetime) -> int | None:
    """Return the moment of the next observation in Unix milliseconds, up to the newest one."""
    sent = to_millis(upload.sent_until) if upload.sent_until else None
    if sent is not None and newest <= sent:
        return None
    history = upload.of_network.history
    if not history or sent is None:
        return newest if _is_recent(upload, newest, now) else None
    after_ms = max(sent, to_millis(now - history))
    return moment_after(upload.station, after_ms, min(after_ms + upload.interval_s * 1000, newest))


def _is_recent(upload: Upload, at_ms: int, now: datetime) -> bool:
    """Tell whether values are of now: no more than three intervals of their station old, and an hour at most."""
    oldest = min(LATE_AFTER * timedelta(seconds=upload.station.interval_s), MOST_STALE)
    return now - from_millis(at_ms) <= oldest


def _planned_or_rest(upload: Upload, now: datetime) -> Planned | None:
    try:
        planned = plan(upload, now)
    except EncryptionError as error:
        at_ms = newest_ms(upload.station) or 0
        upload.settle(Outcome(Verdict.NO_ENTRY, str(error)), at_ms, now, more=False)
        return None
    if planned is None:
        upload.rest(now)
    return planned


@sensitive_variables()
def _outcome(planned: Planned) -> Outcome:
    """Send an observation and return its outcome. It asks no database: threads do it."""
    try:
        answer = send(planned.request)
    except NoAnswerError as error:
        return Outcome(Verdict.LATER, str(error))
    outcome = planned.upload.of_network.outcome(planned.account, answer)
    return outcome._replace(why=without_secrets(outcome.why, planned.account))


@sensitive_variables()
def without_secrets(text: str, account: Account) -> str:
    """Return a sentence in which nothing of the secret is left, if a network repeats it."""
    if len(account.secret) < SHORT:
        return text  # As -1 is, which says that there is none.
    digest = hashlib.md5(account.secret.encode(), usedforsecurity=False).hexdigest()
    for secret in (account.secret, quote(account.secret), quote_plus(account.secret), digest):
        text = text.replace(secret, "***")
    return text


def _settle(planned: Planned, outcome: Outcome) -> None:
    before = planned.upload.error
    planned.upload.settle(outcome, planned.at_ms, timezone.now(), planned.more)
    if outcome.why and outcome.why != before:
        logger.warning("%s: %s", planned.upload, outcome.why)
