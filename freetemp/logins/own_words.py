"""Refuses passwords that are mostly words of this very server: whoever guesses here tries them first."""

from __future__ import annotations

import re
import unicodedata
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# docs/accounts.md lists them. Beside these: the names in SERVER_URL, and the words of the person's own name, by Django.
WORDS = (
    *("freetemp", "raspberry", "esp8266", "esp32", "micropython"),
    *("weather", "wetter", "station", "sensor", "thermometer", "temperature", "temperatur", "humidity", "feuchte"),
    *("garden", "garten", "school", "schule", "teacher", "lehrer", "keeper", "viewer"),
    *("admin", "administrator", "password", "passwort", "login", "welcome", "willkommen"),
)
LEAST_OTHERS = 6  # different characters beside such words


class OwnWordsValidator:
    """One of Django's validators of passwords. It is for words, and not a rule about kinds of characters."""

    def validate(self, password: str, user: Any = None) -> None:
        text = unicodedata.normalize("NFKC", password).casefold()
        rest = re.sub("|".join(sorted(map(re.escape, _words()), key=len, reverse=True)), "", text)
        if rest != text and len({*rest}) < LEAST_OTHERS:
            raise ValidationError(self.get_help_text(), code="password_of_own_words")

    def get_help_text(self) -> str:
        return _(
            "Your password must not be mostly a word that is near here, such as “weather” or the name of this server."
        )


def _words() -> set[str]:
    host = urlsplit(settings.SERVER_URL).hostname or ""
    return {*WORDS, *(part for part in re.split(r"[^a-z]+", host) if len(part) > 3)}
