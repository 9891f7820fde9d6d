"""The JSON that programs send to the API, other than reports of readings, which have a parser of their own."""

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class JsonBodyParser(JSONParser):
    """DRF's, with a sentence for two bodies that it takes or fails on: nested without end, and half a character."""

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            parsed = super().parse(stream, media_type, parser_context)
            json.dumps(parsed, ensure_ascii=False).encode()  # No answer and no database could take a lone surrogate.
        except RecursionError as error:
            raise ParseError("JSON expected that is not nested so deeply.") from error
        except UnicodeEncodeError as error:
            raise ParseError("JSON expected with whole characters: a \\ud800 needs its second half.") from error
        return parsed
