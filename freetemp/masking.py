"""Keeps station keys out of logs: a key travels in the URL or a header, and both reach logs.

A key is found by its name, by its place in a board's path, and by its shape, in this order. Boards' authors type names
and places slightly wrong, and logs show addresses undecoded: each character may be percent-encoded, also twice.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

MASK = "***"


def _spelled(characters: Iterable[str]) -> str:
    """Return a pattern for characters in a row, each in both cases, plain or percent-encoded."""
    return "".join(f"(?:{re.escape(each)}|%(?:25){{0,2}}(?:{_codes(each)}))" for each in characters)


def _codes(character: str) -> str:
    return "|".join(sorted({f"{ord(each):02x}" for each in (character.lower(), character.upper())}))


def _one_of(characters: str) -> str:
    return f"(?:{'|'.join(map(_spelled, characters))})"


_SLASH = _spelled("/")
_EQUALS = _one_of("=:")
_AFTER_CODE = "(?<=%[0-9a-f][0-9a-f])|(?<=%25[0-9a-f][0-9a-f])"
# API_key, api-key, apikey, X-API-Key and key, but not monkey.
_NAME = f"(?:(?:{_spelled('api')})(?:{_one_of('_-+. ')})?|(?<![a-z0-9])|{_AFTER_CODE})(?:{_spelled('key')})"
# Some boards put quotes or a space before the key. They do not end it. It ends at the next slash, and a space within it
# is its own if the MAC follows.
_NAMED = re.compile(
    rf"({_NAME}{_EQUALS}+[ \t'\"]*)"
    rf"(?:(?:(?!{_SLASH}|{_NAME})[^'\"\n]){{1,200}}?(?={_SLASH}{_spelled('mac')})|(?:(?!{_SLASH})[^\s'\"])+)",
    re.IGNORECASE,
)
# What follows /update in a board's path or query: only parts that are known not to be a key are shown.
_BOARD = re.compile(rf"({_SLASH}{_spelled('update')})(?!{_spelled('weather')})([^\s'\"]+)", re.IGNORECASE)
_BETWEEN = re.compile(f"({_one_of('/?&;')})", re.IGNORECASE)
_SHOWN = re.compile(
    rf"|{re.escape(MASK)}|\.(?:json|xml)"
    rf"|{_NAME}(?:{_EQUALS})*(?:{re.escape(MASK)})?"
    rf"|{_spelled('mac')}(?:{_EQUALS}(?:[0-9a-f]|{_one_of(':-')}){{0,17}})?"
    rf"|{_spelled('field')}(?:{_EQUALS}[0-9]{{0,5}})?"
    rf"|{_spelled('data')}(?:{_EQUALS}[-+.0-9e]{{0,24}})?",
    re.IGNORECASE,
)
# Devices of other makers name it in their own ways, or have it in the path: /in/<key>/.
_OF_DEVICES = "|".join(map(_spelled, ["password", "passkey", "siteauthenticationkey", "siteid"]))
_NAMED_BY_DEVICES = re.compile(rf"((?:{_OF_DEVICES}){_EQUALS}[ \t]*)(?:(?!{_one_of('&;')})[^\s'\"])+", re.IGNORECASE)
_IN_PATH = re.compile(rf"({_SLASH}{_spelled('in')}(?:{_SLASH})+)(?:(?!{_SLASH})[^\s'\"?])+", re.IGNORECASE)
# What follows their paths: an ID may be the key, typed into the wrong place, so only measured values are shown.
_DEVICE = re.compile(
    rf"({_SLASH}(?:{_spelled('updateweatherstation')}(?:{_spelled('.php')})?|{_spelled('pwsupdate.php')}"
    rf"|{_spelled('eingabe_pruefung.php')}"
    rf"|{_spelled('submitwx')}|{_spelled('automaticreading')}|{_spelled('api')}{_SLASH}{_spelled('v2')}{_SLASH}"
    rf"{_spelled('send')}|{_spelled('data')}{_SLASH}(?:{_spelled('report')})?))([^\s'\"]+)",
    re.IGNORECASE,
)
_MEASURED = re.compile(
    rf"|{re.escape(MASK)}|(?:{_OF_DEVICES}){_EQUALS}{re.escape(MASK)}"
    r"|action=updateraw|softwaretype=[-a-z0-9._+]{0,20}"
    r"|(?:action|date|realtime|rtfreq|temp|hum|dew|baro|absbaro|wind|winds|rain|daily|solar|uv|soil|leaf|indoor|aq|vis)"
    r"[a-z0-9_.]{0,16}=(?:[-+.0-9:tz]|%20|%3a){0,40}",
    re.IGNORECASE,
)
# A key that freetemp has issued has 32 hex digits. A MAC has 12, a value fewer than 24, a SHA-256 has 64.
_DIGIT = r"(?:[0-9a-f]|%(?:25){0,2}(?:3[0-9]|[46][1-6]))"
_SHAPE = re.compile(rf"{_DIGIT}{{24,}}", re.IGNORECASE)
_SHA256 = re.compile("[0-9a-f]{64}")
# gunicorn logs a header that it cannot parse, such as one without a colon.
_CREDENTIALS = re.compile(r"(\b(?:Basic|Bearer)\s+)[A-Za-z0-9+/=_-]{8,}", re.IGNORECASE)
_IN_URL = re.compile(r"(://[^/\s:@]*:)[^/\s@]+(?=@)")


def mask_keys(text: str) -> str:
    """Return the text with every key, in an address or an Authorization header, replaced by three asterisks."""
    text = _IN_URL.sub(rf"\1{MASK}", _CREDENTIALS.sub(rf"\1{MASK}", text))
    text = _BOARD.sub(_masked_path, _NAMED.sub(rf"\1{MASK}", _NAMED_BY_DEVICES.sub(rf"\1{MASK}", text)))
    text = _DEVICE.sub(_masked_query, _IN_PATH.sub(rf"\1{MASK}", text))
    return _SHAPE.sub(_masked_shape, text)


def _masked_path(found: re.Match[str]) -> str:
    return found[1] + _masked_parts(found[2], _SHOWN)


def _masked_query(found: re.Match[str]) -> str:
    return found[1] + _masked_parts(found[2], _MEASURED)


def _masked_parts(text: str, shown: re.Pattern[str]) -> str:
    parts = _BETWEEN.split(text)
    return "".join(part if n % 2 or shown.fullmatch(part) else MASK for n, part in enumerate(parts))


def _masked_shape(found: re.Match[str]) -> str:
    return found[0] if _SHA256.fullmatch(found[0]) else MASK


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
