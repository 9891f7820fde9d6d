"""A letter as plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from unicodedata import east_asian_width

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from alerts.letters import words
from alerts.letters.draft import Content
from alerts.letters.listing import Entry, columns
from alerts.letters.section import Section, said
from alerts.models.notice import LINK

MOST_OF_A_NAME = 28  # characters
MOST_SENTENCES = 40


def text_of(content: Content) -> str:
    """Return the text, in the language that is active."""
    title = words.subject(content)
    parts = [f"{title}\n{'=' * _width(title)}", "\n".join(words.remarks(content))]
    parts += [_section(each, with_name=len(content.sections) > 1) for each in content.sections]
    if content.entries:
        parts += [_table(content), "\n".join(most_sentences(content.entries))]
    parts += [words.more(content)]
    if len(content.sections) != 1:
        parts += [f"{settings.SERVER_ORIGIN}{reverse('home')}"]
    parts += ["\n".join(["-- ", words.ending(content), _("No more letters: %s") % LINK])]
    return "\n\n".join(filter(None, parts)) + "\n"


def _section(section: Section, *, with_name: bool) -> str:
    head = " · ".join(filter(None, [section.name, section.about]))
    parts = [f"{head}\n{'-' * _width(head)}" if with_name else section.about]
    parts += [section.nothing, "\n".join(_rows(section)), "\n".join(section.covered)]
    parts += ["\n".join(section.outages), "\n".join(section.records)]
    if section.told:
        parts += ["\n".join([_("You were told:"), *(f"  {each}" for each in section.told)])]
    return "\n\n".join(filter(None, [*parts, section.page]))


def _rows(section: Section) -> Iterator[str]:
    widest = max((_width(name) for name, _facts in section.rows), default=0)
    for name, facts in section.rows:
        yield f"{_padded(name, widest)}  {' · '.join(map(said, facts))}"
    if section.more_fields:
        yield section.more_fields


def _table(content: Content) -> str:
    rows = [(_short(each.name), each.cells) for each in content.entries]
    heads = columns(content.recipient.preferred)
    widest = max(_width(name) for name, _cells in rows)
    widths = [max(map(_width, cells)) for cells in zip(heads, *(cells for _name, cells in rows), strict=True)]
    lines = [_line("", heads, widest, widths), *(_line(name, cells, widest, widths) for name, cells in rows)]
    return "\n".join(lines)


def _line(name: str, cells: Sequence[str], widest: int, widths: Sequence[int]) -> str:
    padded = (_padded(cell, width, left=True) for cell, width in zip(cells, widths, strict=True))
    return "  ".join([_padded(name, widest), *padded]).rstrip()


def most_sentences(entries: Sequence[Entry]) -> list[str]:
    """Return what there is to tell of many stations beside their figures, up to a number."""
    every = list(chain.from_iterable(each.sentences for each in entries))
    left = len(every) - MOST_SENTENCES
    return every[:MOST_SENTENCES] + ([_("and %(count)d more") % {"count": left}] if left > 0 else [])


def _short(name: str) -> str:
    return name if len(name) <= MOST_OF_A_NAME else f"{name[: MOST_OF_A_NAME - 1].rstrip()}…"


def _padded(shown: str, width: int, *, left: bool = False) -> str:
    room = " " * (width - _width(shown))
    return room + shown if left else shown + room


def _width(shown: str) -> int:
    """Return how many columns a text takes."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in shown)
