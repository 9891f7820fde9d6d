"""One file out of a page's script, or its style, and those that it imports: a browser asks once, not twenty times."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

# Our own modules say no more than this. Everything else is refused.
IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?"(\.[^"]*)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:const|class|(?:async )?function) (\w+))", re.MULTILINE)
STYLE_IMPORT = re.compile(r'^@import url\("(\.[^"]*)"\)( \w+)?;\n', re.MULTILINE)
# Lines with only a comment. tests/freetemp/test_staticfiles.py looks for texts that contain such a line.
COMMENTS = {
    ".js": re.compile(r"^[ \t]*(?://[^\n]*|/\*(?s:.*?)\*/[ \t]*)\n", re.MULTILINE),
    ".css": re.compile(r"^[ \t]*/\*(?s:.*?)\*/[ \t]*\n", re.MULTILINE),
}
UNKNOWN = re.compile(r"^(?:import|export)\b.*|\bimport\(|@import.*|\burl\(.*", re.MULTILINE)


class BundleError(ValueError):
    """A file imports or exports in words that a bundle does not know."""


def bundled(entry: str, read: Callable[[str], str]) -> str:
    """Return the text of a script or a style, "js/pages/home.js", with those that it imports before it.

    `read` returns the text of a file by its name. Each module has a scope of its own, as it has in a browser.
    """
    return _style(entry, read) if entry.endswith(".css") else _Script(read).text(entry)


def without_comments(name: str, text: str) -> str:
    return COMMENTS[posixpath.splitext(name)[1]].sub("", text)


def _style(name: str, read: Callable[[str], str]) -> str:
    def imported(found: re.Match[str]) -> str:
        path, medium = found.groups()
        text = _style(_beside(name, path), read)
        return f"@media{medium} {{\n{text}}}\n" if medium else f"{text.rstrip()}\n"

    return STYLE_IMPORT.sub(imported, _checked(name, read(name), STYLE_IMPORT))


class _Script:
    """A script with its modules: the variable that has the exports of each, and the parts of the text."""

    def __init__(self, read: Callable[[str], str]) -> None:
        self.read = read
        self.scopes: dict[str, str] = {}
        self.parts: list[str] = []

    def text(self, entry: str) -> str:
        self.parts.append(self._body(entry)[0])
        return "".join(self.parts)

    def _scope(self, name: str) -> str:
        """Return a module's variable, and put the module into the script when it is first asked for."""
        if name not in self.scopes:
            body, exports = self._body(name)
            scope = self.scopes[name] = f"${len(self.scopes)}"
            self.parts.append(f"const {scope} = (() => {{\n{body}return {{ {', '.join(exports)} }};\n}})();\n")
        return self.scopes[name]

    def _body(self, name: str) -> tuple[str, list[str]]:
        def imported(found: re.Match[str]) -> str:
            names, path = found.groups()
            scope = self._scope(_beside(name, path))
            return f"const {{{names.replace(' as ', ': ')}}} = {scope};\n" if names else ""

        text = self.read(name)
        _checked(name, EXPORT.sub("", text), IMPORT)
        return EXPORT.sub("", IMPORT.sub(imported, text)), EXPORT.findall(text)


def _beside(name: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))


def _checked(name: str, text: str, known: re.Pattern[str]) -> str:
    """Return a text whose imports are known, or raise BundleError."""
    if left := UNKNOWN.search(known.sub("", text)):
        raise BundleError(f"{name}: a bundle does not know “{left[0]}”.")
    return text
