"""gzip: for whom, and of what."""

from __future__ import annotations

import zlib

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

GZIP_BITS = 16 + zlib.MAX_WBITS  # With gzip's header and trailer, as zlib's manual has it.
PACKED = ("image/png", "application/vnd.openxmlformats-officedocument.")


class CompressionMiddleware(GZipMiddleware):
    """Django's, which leaves alone what is packed already: a workbook is an archive, and to pack it again is slow."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.get("Content-Type", "").startswith(PACKED):
            return response
        return super().process_response(request, response)


def takes_gzip(request: HttpRequest) -> bool:
    return "gzip" in request.headers.get("Accept-Encoding", "")
