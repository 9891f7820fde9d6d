"""Sentences of an import for the page: what the command advises by its options is chosen there."""

from __future__ import annotations

import re

MOST_OF_A_SENTENCE = 400  # characters: a file may have cells of any length
_INSTEAD = [
    (r"save the file as UTF-8, or name its encoding, such as --encoding \S+", "choose its encoding."),
    (r"name the one with the moments, such as --time-column .*", "choose the one with the moments."),
    (r"remove one, or name the right one by --column\.", "choose one of them."),
    (
        r"(Add it in the admin, or name the columns to import|Name the ones to import), such as --column .*",
        "Choose one.",
    ),
    (r"Add fields by --add-fields, or name columns, such as --column .*", "Choose its columns."),
    (r"say --date-order dmy or --date-order mdy", "choose the order of dates"),
    (r"Rows left out by --only", "Rows left out"),
    (r"unpack it first, by gzip -d, and import that file", "unpack it first, and send that file"),
    (
        r"once they are stored, `python manage\.py remove_readings .*?` takes them out",
        "set them aside once they are stored",
    ),
    (r"take the stored readings out by remove_readings, and import it again", "docs/import.md says how to have them"),
]


def on_page(sentence: str) -> str:
    """Return a sentence without the command's options, and not longer than a page can show."""
    sentence = sentence.replace("\0", " ").encode(errors="replace").decode()  # Databases take no others.
    for words, instead in _INSTEAD:
        sentence = re.sub(words, instead, sentence, flags=re.S)
    return sentence if len(sentence) <= MOST_OF_A_SENTENCE else f"{sentence[: MOST_OF_A_SENTENCE - 3]}..."
