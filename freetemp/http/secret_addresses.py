"""Pages whose address is a permission, such as that of a message's link."""

from __future__ import annotations

from typing import TypeVar

from django.http.response import HttpResponseBase

Response = TypeVar("Response", bound=HttpResponseBase)


def keep_secret(response: Response) -> Response:
    """Let no other site and no search engine learn the address of a page, and return the page."""
    # With no-referrer browsers would send the page's form without its origin.
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
