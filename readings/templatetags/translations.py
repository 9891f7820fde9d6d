"""The texts of the pages' scripts, in the viewer's language."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation.trans_real import DjangoTranslation
from django.views.i18n import JavaScriptCatalog

from freetemp.translations import active_language

register = template.Library()


@register.simple_tag
def script_words() -> SafeString:
    """Return the scripts' translations as JSON, for lib/translations.js, or nothing in the scripts' own language."""
    words = _catalog(active_language() or settings.LANGUAGE_CODE)
    return json_script(words, "words") if words else SafeString()


@lru_cache
def _catalog(language: str) -> dict[str, Any]:
    """Return the content that Django's JavaScriptCatalog sends, which needs a request and a script of its own."""
    if language == settings.LANGUAGE_CODE:
        return {}
    view, paths = JavaScriptCatalog(), [str(path) for path in settings.LOCALE_PATHS]
    view.translation = DjangoTranslation(language, domain="djangojs", localedirs=paths)
    words: dict[str, Any] = view.get_catalog()
    return words
