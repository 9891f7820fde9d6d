"""Keeps station keys out of logs: a key travels in the URL or a header, and both reach logs."""

import logging
import re

# The key ends at the next slash, or at %2F: some logs show the path undecoded.
# Some boards put quotes before the key. They do not end it.
_KEY = re.compile(r"(API_key(?:=|%3D)[\s'\"]*)(?:(?!%2F)[^/\s'\"])+", re.IGNORECASE)
# gunicorn logs a header that it cannot parse, such as one without a colon.
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
    except (TypeError, ValueError, KeyError):  # Arguments do not fit: logging's own complaint would show the keys.
        return f"{record.msg} {record.args}"
