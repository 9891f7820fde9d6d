"""What freetemp asks of other servers goes to the address that it was meant for, and nowhere else."""

from __future__ import annotations

from typing import Any
from urllib.request import HTTPRedirectHandler


class NoRedirects(HTTPRedirectHandler):
    """Refuses redirects, which would take a secret along to another address: urllib raises an HTTPError of the answer.

    It is for `urllib.request.build_opener`.
    """

    def http_error_302(self, req: Any, fp: Any, code: int, msg: str, headers: Any) -> None:
        return None

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302
