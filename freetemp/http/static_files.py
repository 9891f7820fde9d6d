"""Static files, also while two nodes have two versions: a page of one may ask the other for a file of its version.

Each node has the files of its earlier versions, because `prepare` leaves them there. For those of any other version it
gives its own file of that name. That is better than none, and nobody may keep it.
"""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware

HASHED = re.compile(r"\.[0-9a-f]{12}(?=\.\w+$)")  # as Django's storage names them


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise's, which finds a file of another version too."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if not path.startswith(self.static_prefix) or path in self.files:
            answered: HttpResponseBase = super().__call__(request)
            return answered
        own = self._own_of(path)
        if own is None:
            return self.get_response(request)  # type: ignore[no-any-return]
        response: HttpResponseBase = self.serve(own, request)
        response["Cache-Control"] = "no-store"
        return response

    def _own_of(self, path: str) -> Any:
        """Return this version's file for the path of another version's, or None."""
        name, count = HASHED.subn("", path.removeprefix(self.static_prefix))
        url = self.get_static_url(name) if count else None
        return self.files.get(f"{self.static_prefix}{url.rpartition(self.static_prefix)[2]}") if url else None
