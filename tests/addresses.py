"""Every address of the URLconf, with examples for its parts: a test that walks them sees future ones too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.regex_helper import normalize

# By the names of parts. A new part needs an example here.
EXAMPLES = {
    "key": "0123456789abcdef",
    "mac": "6c:ef:7f:3b:9d:e8",
    "field": "1",
    "data": "21.4",
    "sha256": "0" * 64,
    "token": "0" * 32,
    "path": "weatherstation/updateweatherstation.php",  # of a device of another maker
    "channel": "1",
    "form": ".json",
    "asked": "/feeds",
    "app_label": "stations",
    "url": "nowhere",
    "rest": "x",
    "rhythm": "week",
}
NUMBERS = ("pk", "number", "id", "object_id", "content_type_id")


class Address(NamedTuple):
    path: str
    route: URLPattern

    @property
    def methods(self) -> set[str]:
        """The methods that the address's view answers: GET and POST for a view that is a function."""
        view = getattr(self.route.callback, "cls", None) or getattr(self.route.callback, "view_class", None)
        if view is None:
            return {"get", "post"}
        return {name for name in view.http_method_names if hasattr(view, name)}


def addresses(pk: object = 1) -> list[Address]:
    """Return every address, each with `pk` where an object's number goes, in the order of the URLconf."""
    return list(_addresses(get_resolver(), "/", EXAMPLES | dict.fromkeys(NUMBERS, str(pk))))


def _addresses(resolver: URLResolver, before: str, examples: dict[str, str]) -> Iterator[Address]:
    for each in resolver.url_patterns:
        template, _ = normalize(each.pattern.regex.pattern)[0]  # As Django's reverse() has it.
        path = before + template % examples
        if isinstance(each, URLPattern):
            yield Address(path, each)
        else:
            yield from _addresses(each, path, examples)
