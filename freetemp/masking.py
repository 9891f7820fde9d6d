"""Keeps station keys out of logs: a key travels in the URL or a header, and these reach logs."""

import logging
import re

# The key ends where the path goes on; %2F too, since it is shown undecoded in some logs.
# Quotes before it are some board's own, and not the end.
_KEY = re.compile(r"(API_key(?:=|%3D)[\s'\"]*)(?:(?!%2F)[^/\s'\"])+", re.IGNORECASE)
# gunicorn logs a header that it cannot read, such as one without its colon.
_CREDENTIALS = re.compile(r"(\b(?:Basic|Bearer)\s+)[A-Za-z0-9+/=_-]{8,}", re.IGNORECASE)


def mask_keys(text: str) -> str:
    """Return the text with every key, in a device URL or an Authorization header, replaced by three asterisks."""
    return _CREDENTIALS.sub(r"\1***", _KEY.sub(r"\1***", text))


class MaskKeys(logging.Filter):
    """A logging filter that masks keys in the message, its arguments and its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask_keys(_message(record)), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = mask_keys(record.exc_text)
        if record.stack_info:
            record.stack_info = mask_keys(record.stack_info)
        return True


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):  # Arguments that do not fit: logging would say so, keys and all.
        return f"{record.msg} {record.args}"
