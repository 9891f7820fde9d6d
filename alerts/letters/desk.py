"""Writes the letters that are due, beside the watch: for moments at a time, and in a transaction only at the end."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import Q

from alerts.letters.draft import Content, Draft
from alerts.letters.html import html_of
from alerts.letters.issue import LATEST, Issue, due_at
from alerts.letters.text import text_of
from alerts.letters.words import subject
from alerts.models import Letter, LetterRhythm, Notice, Picture, Recipient, Told, Watch
from alerts.sending.services import mail_addresses
from freetemp.translations import in_language

MOST_S = 2.0  # in a round: a station and its chart take a tenth of a second
KEPT = timedelta(days=31)  # A letter is not kept for longer.

logger = logging.getLogger(__name__)


class Desk:
    """The letters of one process that keeps the watch, one after the other."""

    def __init__(self, holder: str, now: Callable[[], datetime]) -> None:
        self._holder, self._now = holder, now
        self._draft: Draft | None = None
        self._failed: set[tuple[int, date]] = set()

    def work(self) -> None:
        """Write for a while at what is due. A letter goes into the outbox when it is whole."""
        began = time.monotonic()
        while time.monotonic() - began < MOST_S:
            draft = self._draft or self._next()
            self._draft = None  # If a step fails, the letter is begun anew.
            if draft is None:
                return
            try:
                if draft.step():
                    self._draft = draft
                else:
                    self._finish(draft)
            except DatabaseError:
                raise
            except Exception:
                logger.exception("The letter to recipient %s could not be written", draft.recipient.pk)
                self._failed.add((draft.recipient.pk, draft.issue.day))

    @property
    def is_busy(self) -> bool:
        """Tell whether a letter is half written."""
        return self._draft is not None

    def leave(self) -> None:
        """Forget a letter that is half written: another process writes it."""
        self._draft = None

    def _next(self) -> Draft | None:
        at = self._now()
        for recipient in Recipient.objects.exclude(letter=LetterRhythm.NEVER):
            issue = Issue.newest(recipient, LetterRhythm(recipient.letter), at)
            done = recipient.letter_done
            if done is not None and issue.day <= done:
                continue
            if done is None or not _is_reachable(recipient):
                Recipient.objects.filter(pk=recipient.pk).update(letter_done=issue.day)
            elif at - due_at(recipient, issue.day) < LATEST and (recipient.pk, issue.day) not in self._failed:
                return Draft(recipient, issue, at, issue.missed_since(done))
        return None

    def _finish(self, draft: Draft) -> None:
        content = draft.content()
        letter = _Written(content)
        recipient, day = draft.recipient, draft.issue.day
        with transaction.atomic():
            if not Watch.is_kept_by(self._holder):
                return
            wanted = Recipient.objects.filter(pk=recipient.pk, letter=draft.issue.rhythm, active=True)
            is_first = wanted.filter(Q(letter_done=None) | Q(letter_done__lt=day)).update(letter_done=day)
            if is_first and draft.stations:
                letter.put()


def send_now(content: Content) -> None:
    """Put a letter that somebody asks for into the outbox. The next one comes at its time all the same."""
    letter = _Written(content)
    with transaction.atomic():
        letter.put()


class _Written:
    """A letter in all its forms."""

    def __init__(self, content: Content) -> None:
        self._content = content
        with in_language(content.recipient.language):
            self._subject, self._text, self._html = subject(content), text_of(content), html_of(content)

    def put(self) -> None:
        """Put it into the outbox, with a delivery for each mail address, in the caller's transaction."""
        recipient, at = self._content.recipient, self._content.at
        of_letters = Notice.objects.filter(recipient=recipient, kind=Told.LETTER)
        of_letters.filter(created_at__lt=at - KEPT).delete()
        addresses = mail_addresses(recipient)
        notice = Notice.objects.put(recipient, Told.LETTER, self._subject, self._text, at, addresses)
        letter = Letter.objects.create(notice=notice, html=self._html)
        charts = self._content.charts
        Picture.objects.bulk_create(Picture(letter=letter, name=each.name, png=each.png) for each in charts)


def _is_reachable(recipient: Recipient) -> bool:
    return recipient.active and mail_addresses(recipient).exists()
