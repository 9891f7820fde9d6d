"""Reads .env in every form in which editors save it. bootstrap.py needs this before anything is installed, so it uses
only the standard library."""

import codecs
import re
from pathlib import Path

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z_0-9]*)\s*=\s*(.*?)\s*")
_NO_SETTING = re.compile(r"\s*(?:#.*)?")
# Windows' Notepad calls the second one “Unicode”. PowerShell 5 writes it by itself.
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class EnvFileError(Exception):
    """The file cannot be read. The message is a sentence with the next thing to do, and quotes nothing of the file."""


def settings_in(path: Path) -> dict[str, str]:
    """Return the settings of a .env file, none if there is no file."""
    found = map(_LINE.fullmatch, text_of(path).splitlines())
    return {setting[1]: _unquoted(setting[2]) for setting in found if setting}


def strange_lines_in(path: Path) -> list[int]:
    """Return the numbers of the lines that are neither settings nor comments. They may hold secrets."""
    lines = enumerate(text_of(path).splitlines(), start=1)
    return [number for number, line in lines if not (_LINE.fullmatch(line) or _NO_SETTING.fullmatch(line))]


def text_of(path: Path) -> str:
    """Return the text of a .env file without its byte order mark, or no text if there is no file."""
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        raise EnvFileError(f"Line {number} of {path} is no UTF-8: save the file with the encoding UTF-8.") from None


def without(name: str, text: str) -> str:
    """Return the text of a .env file without the lines that set this name."""
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if not (found := _LINE.fullmatch(line.rstrip())) or found[1] != name)


def _unquoted(value: str) -> str:
    """Return a value as django-environ does: quotes go, and a backslash between double quotes makes a sign plain."""
    if len(value) > 1 and value[0] == value[-1] == "'":
        value = value[1:-1]
    if len(value) > 1 and value[0] == value[-1] == '"':
        return re.sub(r"\\([^rnt])", r"\1", value[1:-1])
    return value
