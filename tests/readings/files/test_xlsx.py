"""readings.xlsx, read back as a spreadsheet reads it."""

import io
import zipfile
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from freetemp.fields import to_millis
from readings import ingest
from readings.files import xlsx
from readings.ingest.reports import Measurement

pytestmark = pytest.mark.django_db


# Two hours before the clocks are set back: 01:59:59.500 in Berlin, and 02:30 twice.
START_MS = to_millis(datetime(2026, 10, 24, 23, 59, 59, 500_000, tzinfo=UTC))
HALF_PAST_MS = to_millis(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
SPACES = {"": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


@pytest.fixture
def sheets(client, station):
    station.fields.create(number=2, name="light & <shade>\x0b", unit="%")
    measured = [(1, START_MS, 0.1), (2, START_MS, -1e-07), (1, HALF_PAST_MS, 2), (2, HALF_PAST_MS + 3_600_000, 60)]
    ingest.store(station, [Measurement(*each) for each in measured])

    def sheets(query="?period=all"):
        response = client.get(f"/stations/{station.pk}/readings.xlsx{query}")
        assert response["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return workbook(response.getvalue())

    return sheets


def workbook(content):
    """Return the rows of each sheet by its name. Sheets are found in the standard's way."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        parts = {name: ElementTree.fromstring(archive.read(name)) for name in archive.namelist()}  # noqa: S314 - our own
    (main,) = (each for each in parts["_rels/.rels"].iter() if each.get("Type", "").endswith("/officeDocument"))
    assert main.get("Target") == "xl/workbook.xml"
    targets = {each.get("Id"): each.get("Target") for each in parts["xl/_rels/workbook.xml.rels"]}
    named = parts["xl/workbook.xml"].iterfind("sheets/sheet", SPACES)
    return {each.get("name"): rows(parts[f"xl/{targets[each.get(f'{OFFICE}id')]}"]) for each in named}


def rows(sheet):
    return [
        [each.text if each.tag.endswith("}t") else float(each.text) for each in row.iter() if each.text]
        for row in sheet.iterfind("sheetData/row", SPACES)
    ]


def cells(content, row):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))  # noqa: S314 - our own
    return [each.get("r") for each in sheet.find(f"sheetData/row[@r='{row}']", SPACES)]


def day(moment):
    """Return a moment in a spreadsheet's form: days since 1899-12-30 by the local clock."""
    return (moment - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001


def test_dates_are_local_and_numbers_are_exact_in_the_column_of_their_field(sheets):
    head, *told = sheets()["Readings"]
    assert head == ["Local time [Europe/Berlin]", "temperature [degC]", "light & <shade> [%]", "Offset from UTC [h]"]
    half_past = day(datetime(2026, 10, 25, 2, 30))  # noqa: DTZ001
    assert told == [
        [pytest.approx(day(datetime(2026, 10, 25, 1, 59, 59, 500_000)), abs=1e-9), 0.1, -1e-07, 2],  # noqa: DTZ001
        [pytest.approx(half_past, abs=1e-9), 2, 2],
        [pytest.approx(half_past, abs=1e-9), 60, 1],
    ]


def test_a_field_without_a_reading_leaves_its_cell_out(client, station, sheets):
    content = client.get(f"/stations/{station.pk}/readings.xlsx?period=all").getvalue()
    assert [cells(content, row) for row in (2, 3, 4)] == [
        ["A2", "B2", "C2", "D2"],
        ["A3", "B3", "D3"],
        ["A4", "C4", "D4"],
    ]


def test_a_period_without_readings_is_a_sheet_with_its_head(sheets):
    ((head,),) = sheets("?date=2026-06-01").values()
    assert head[0] == "Local time [Europe/Berlin]"


def test_rows_go_on_in_another_sheet_where_one_is_full(client, station, monkeypatch):
    monkeypatch.setattr(xlsx, "ROWS_A_SHEET", 4_001)
    ingest.store(station, (Measurement(1, START_MS + n, n) for n in range(9_000)))
    told = workbook(client.get(f"/stations/{station.pk}/readings.xlsx?period=all").getvalue())
    assert list(told) == ["Readings", "Readings 2", "Readings 3"]
    assert [len(each) for each in told.values()] == [4_001, 4_001, 1_001]
    assert [row[1] for each in told.values() for row in each[1:]] == list(range(9_000))


def test_it_is_not_packed_a_second_time(client, station, sheets):
    response = client.get(f"/stations/{station.pk}/readings.xlsx?period=all", headers={"accept-encoding": "gzip"})
    assert "Content-Encoding" not in response
    assert workbook(response.getvalue())


def test_columns_are_named_as_spreadsheets_name_them():
    assert [xlsx._letters(index) for index in (0, 25, 26, 51, 52, 256)] == ["A", "Z", "AA", "AZ", "BA", "IW"]


def content_of(client, station):
    return io.BytesIO(client.get(f"/stations/{station.pk}/readings.xlsx?period=all").getvalue())


def test_openpyxl_reads_dates_as_dates_and_numbers_as_they_were(client, station, sheets):
    import openpyxl

    (sheet,) = openpyxl.load_workbook(content_of(client, station)).worksheets
    assert (sheet.title, sheet.freeze_panes, sheet["A1"].font.bold) == ("Readings", "A2", True)
    assert [column.width for column in sheet.column_dimensions.values()] == [27, 18]
    assert sheet["A2"].is_date
    half_past = datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001 - a spreadsheet has local dates
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] == [
        [datetime(2026, 10, 25, 1, 59, 59, 500_000), 0.1, -1e-07, 2],  # noqa: DTZ001
        [half_past, 2, None, 2],
        [half_past, None, 60, 1],
    ]


def test_pandas_reads_it_by_its_own_choice_and_the_offset_tells_the_moments(client, station, sheets):
    import pandas

    table = pandas.read_excel(content_of(client, station))
    time, offset = table["Local time [Europe/Berlin]"], table["Offset from UTC [h]"]
    moments = (time - pandas.to_timedelta(offset, unit="h")).dt.tz_localize("UTC").dt.round("ms")
    assert [to_millis(each.to_pydatetime()) for each in moments] == [START_MS, HALF_PAST_MS, HALF_PAST_MS + 3_600_000]
    assert table["temperature [degC]"].tolist()[:2] == [0.1, 2]


@pytest.mark.parametrize("name", ["=HYPERLINK(A1)", "+1", "-1", "@SUM(A1)"])
def test_a_fields_name_is_never_a_formula(client, station, name):
    import openpyxl

    station.fields.update(name=name)
    ingest.store(station, [Measurement(1, START_MS, 1.5)])
    (sheet,) = openpyxl.load_workbook(content_of(client, station)).worksheets
    assert (sheet["B1"].value, sheet["B1"].data_type) == (f"{name} [degC]", "s")
    assert sheet["B2"].value == 1.5
