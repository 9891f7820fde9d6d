"""gzip: the clients that accept it, and the content that benefits from it."""

from __future__ import annotations

import zlib

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

GZIP_BITS = 16 + zlib.MAX_WBITS  # With gzip's header and trailer, as zlib's manual describes.
PACKED = ("image/png", "application/vnd.openxmlformats-officedocument.")


class CompressionMiddleware(GZipMiddleware):
    """Django's, without packed content: a workbook is an archive already, and compressing it again is slow."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.get("Content-Type", "").startswith(PACKED):
            return response
        return super().process_response(request, response)


def takes_gzip(request: HttpRequest) -> bool:
    return "gzip" in request.headers.get("Accept-Encoding", "")
