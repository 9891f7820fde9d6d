"""A letter as HTML: what a mail program shows in place of its text."""

from __future__ import annotations

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from alerts.letters import words
from alerts.letters.draft import Content
from alerts.letters.listing import columns
from alerts.letters.text import most_sentences
from alerts.models.notice import LINK


def html_of(content: Content) -> str:
    """Return the HTML, in the language that is active. It loads nothing: its pictures come along."""
    shown = {
        "language": content.recipient.language,
        "subject": words.subject(content),
        "remarks": words.remarks(content),
        "content": content,
        "columns": columns(content.recipient.preferred),
        "sentences": most_sentences(content.entries),
        "more": words.more(content),
        "home": f"{settings.SERVER_ORIGIN}{reverse('home')}",
        "ending": words.ending(content),
        "ends_at": LINK,
    }
    return render_to_string("alerts/letter.html", shown)
