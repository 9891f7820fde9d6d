"""A station's readings as a workbook (Office Open XML, ECMA-376), made piece by piece like the other files.

A spreadsheet reads a CSV file's numbers and dates by its user's locale: a German one reads 21.4 as text, and none
reads a moment with its offset as a date. In a workbook, numbers are numbers and dates are dates everywhere.

This module writes it because the usual libraries, XlsxWriter and openpyxl, complete a file before its first byte can
be sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from io import RawIOBase
from itertools import chain, groupby
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from readings.calendar.local_time import by_hour
from readings.calendar.periods import Period
from readings.calendar.span import HOUR_MS
from readings.files.rows import Piece, pieces
from readings.files.titles import titles
from stations.models import Field

ROWS_A_SHEET = 1_048_576  # A spreadsheet's limit, including the header.
CELLS_A_SHEET = 40_000_000  # Of some 50 bytes: a larger file in the archive would need a format that Excel refuses.
DAY_MS = 86_400_000
EPOCH_DAY = 25_569  # 1970-01-01 in days since 1899-12-30, the epoch of spreadsheets
DATE, HEAD = 1, 2  # the cells' styles, by their positions in STYLES
FASTEST = 1

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RELATIONS = "application/vnd.openxmlformats-package.relationships"
CONTENT_TYPE = f"{_TYPE}.sheet"
# Programs expect two fills, and openpyxl refuses one without a pattern: ECMA-376, part 1, 18.8.20 and 18.8.21.
STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/>'
    '</numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font><font><b/>'
    '<sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts><fills count="2"><fill><patternFill'
    ' patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border>'
    '<left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0"'
    ' fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"'
    ' xfId="0"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="0"'
    ' fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs><cellStyles count="1"><cellStyle'
    ' name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # in XML 1.0


class _Pipe(RawIOBase):
    """A file without seeking: the archive's output is taken out as it comes."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, part: bytes) -> int:  # type: ignore[override]
        self._parts.append(bytes(part))
        return len(part)

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


def workbook(fields: Sequence[Field], period: Period) -> Iterator[bytes]:
    """Yield a workbook part by part. A full sheet's rows continue in another sheet."""
    time = _("Local time [%(zone)s]") % {"zone": period.zone.key}
    return _archive([*titles(fields, time), _("Offset from UTC [h]")], _("Readings"), fields, period)


def _archive(heads: list[str], name: str, fields: Sequence[Field], period: Period) -> Iterator[bytes]:
    pipe, sheets = _Pipe(), 0
    most = min(ROWS_A_SHEET - 1, CELLS_A_SHEET // len(heads))
    with ZipFile(pipe, "w", ZIP_DEFLATED, compresslevel=FASTEST) as archive:
        for number, parts in groupby(chain([Piece([], [{}] * len(fields))], pieces(fields, period)), key=_Sheets(most)):
            with archive.open(f"xl/worksheets/sheet{number}.xml", "w") as sheet:
                for part in _sheet(heads, parts, period.zone):
                    sheet.write(part.encode())
                    yield pipe.take()
            sheets = number
        for path, content in _frame([f"{name} {number}" if number > 1 else name for number in range(1, sheets + 1)]):
            archive.writestr(path, _XML + content)
    yield pipe.take()


class _Sheets:
    """Gives each piece the number of its sheet: the next one if this one would become too long."""

    def __init__(self, most: int) -> None:
        self.most, self.rows, self.number = most, 0, 1

    def __call__(self, piece: Piece) -> int:
        self.rows += len(piece.moments_ms)
        if self.rows > self.most:
            self.rows, self.number = len(piece.moments_ms), self.number + 1
        return self.number


def _sheet(heads: list[str], parts: Iterator[Piece], zone: ZoneInfo) -> Iterator[str]:
    """Yield a sheet: a fixed header, then the rows."""
    letters = [_letters(index) for index in range(len(heads))]
    yield (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2"'
        ' activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>'
        f'<col min="1" max="1" width="27" customWidth="1"/><col min="2" max="{len(heads)}" width="18" customWidth="1"/>'
        f'</cols><sheetData><row r="1">{"".join(map(_head, letters, heads))}</row>'
    )
    first = 2
    for part in parts:
        yield "".join(_rows(part, first, letters, zone))
        first += len(part.moments_ms)
    yield "</sheetData></worksheet>"


def _rows(part: Piece, first: int, letters: list[str], zone: ZoneInfo) -> Iterator[str]:
    number = first
    for hour, moments_ms in by_hour(part.moments_ms, zone):
        offset = f"{hour.offset_ms / HOUR_MS!r}"
        for moment_ms in moments_ms:
            values = [column.get(moment_ms) for column in part.columns]
            cells = [
                f'<c r="{letter}{number}"><v>{value!r}</v></c>'
                for letter, value in zip(letters[1:-1], values, strict=True)
                if value is not None
            ]
            day = (moment_ms + hour.offset_ms) / DAY_MS + EPOCH_DAY
            yield (
                f'<row r="{number}"><c r="A{number}" s="{DATE}"><v>{day!r}</v></c>{"".join(cells)}'
                f'<c r="{letters[-1]}{number}"><v>{offset}</v></c></row>'
            )
            number += 1


def _head(letter: str, title: str) -> str:
    return f'<c r="{letter}1" t="inlineStr" s="{HEAD}"><is><t>{escape(_UNFIT.sub("", title))}</t></is></c>'


def _letters(index: int) -> str:
    """Return a spreadsheet's name for a column: A to Z, AA, AB and so on."""
    before, last = divmod(index, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


def _frame(names: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the paths and contents of the files that hold the sheets together."""
    numbers = range(1, len(names) + 1)
    kinds = {f"/xl/worksheets/sheet{n}.xml": "worksheet" for n in numbers}
    kinds |= {"/xl/workbook.xml": "sheet.main", "/xl/styles.xml": "styles"}
    types = [f'<Override PartName="{path}" ContentType="{_TYPE}.{kind}+xml"/>' for path, kind in kinds.items()]
    default = f'<Default Extension="rels" ContentType="{_RELATIONS}+xml"/>'
    yield "[Content_Types].xml", f'<Types xmlns="{_PACKAGE}/content-types">{default}{"".join(types)}</Types>'
    yield "_rels/.rels", _relations({"rId1": ("officeDocument", "xl/workbook.xml")})
    parts = {f"rId{n}": ("worksheet", f"worksheets/sheet{n}.xml") for n in numbers}
    yield "xl/_rels/workbook.xml.rels", _relations(parts | {"rId0": ("styles", "styles.xml")})
    sheets = [f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, 1)]
    spaces = f'xmlns="{_MAIN}" xmlns:r="{_OFFICE}"'
    yield "xl/workbook.xml", f"<workbook {spaces}><sheets>{''.join(sheets)}</sheets></workbook>"
    yield "xl/styles.xml", STYLES


def _relations(parts: dict[str, tuple[str, str]]) -> str:
    each = [f'<Relationship Id="{name}" Type="{_OFFICE}/{kind}" Target="{to}"/>' for name, (kind, to) in parts.items()]
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(each)}</Relationships>'
