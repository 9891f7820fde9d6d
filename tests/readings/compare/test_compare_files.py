"""The files and the picture of a comparison."""

import csv
import io
import json
from datetime import datetime
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from readings.charts.palette import PALETTES
from readings.models import Reading
from stations.models import Station
from tests.readings.charts.test_chart_svg import SVG, paths, texts
from tests.readings.compare.conftest import fill, query

pytestmark = pytest.mark.django_db

HEAD = ["measured_at", "Garden, temperature [degC]", "Shed, outside [degF]"]
DAY = "period=day&date=2026-06-02"
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def two(stations):
    """Two fields, the second with a reading that the first has not."""
    fill(stations.shed, 2, lambda hour: 51.5, hours=72, minutes=7)
    return query(f"{stations.garden.pk}.1", f"{stations.shed.pk}.2", period=DAY)


def expected(stations):
    """Return the rows of the day in Berlin from the raw tables."""
    found = {}
    own = [(stations.garden.pk, 1), (stations.shed.pk, 2)]
    for station, number in own:
        values = Reading.objects.filter(station=station, field=number).values_list("measured_at", "value")
        for at, value in values:
            if datetime(2026, 6, 2, tzinfo=BERLIN) <= at < datetime(2026, 6, 3, tzinfo=BERLIN):
                found.setdefault(at, [None, None])[own.index((station, number))] = value
    return [found[at] for at in sorted(found)]


def test_csv_has_a_column_of_each_field_by_the_first_stations_clock(client, stations, two):
    answer = client.get(f"/compare/readings.csv{two}")
    head, *rows = csv.reader(io.StringIO(answer.getvalue().decode()))
    assert head == HEAD
    assert rows[0][0] == "2026-06-02T00:00:00.000+02:00"
    values = [[None if text == "" else float(text) for text in row[1:]] for row in rows]
    assert values == expected(stations)
    assert answer["Content-Disposition"] == 'attachment; filename="comparison-2026-06-02.csv"'


def test_json_has_the_same(client, stations, two):
    found = json.loads(client.get(f"/compare/readings.json{two}").getvalue())
    assert found["columns"] == HEAD
    assert [row[1:] for row in found["data"]] == expected(stations)


def test_a_spreadsheet_has_the_same(client, stations, two):
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/compare/readings.xlsx{two}").getvalue()))
    head, *rows = book.active.iter_rows(values_only=True)
    assert head[1:3] == tuple(HEAD[1:])
    assert [list(row[1:3]) for row in rows] == expected(stations)


def test_all_readings_are_those_from_the_first_of_any_to_the_last_of_any(client, stations):
    late = Station.objects.create(name="Late", timezone="UTC")
    fill(late, 1, lambda hour: 1.0, hours=24 * 40, minutes=60 * 12)
    names = [f"{stations.garden.pk}.1", f"{late.pk}.1"]
    answer = client.get(f"/compare/readings.csv{query(*names, period='period=all')}")
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode())))[1:]
    assert sum(row[1] != "" for row in rows) == 9 * 96
    assert sum(row[2] != "" for row in rows) == 80


@pytest.mark.parametrize("file", ["readings.csv", "readings.json", "readings.xlsx", "chart.svg"])
def test_what_does_not_fit_is_a_line_with_status_400(client, stations, file):
    for asked, words in (
        (query(*(f"{stations.garden.pk}.{number}" for number in (1, 2, 3))), "One chart has two axes"),
        (query(f"{stations.garden.pk}.4"), "is left out"),
        ("?period=day", "Name fields of stations"),
        (query(f"{stations.garden.pk}.1", period="period=decade"), "period: "),
    ):
        answer = client.get(f"/compare/{file}{asked}")
        assert answer.status_code == 400
        assert answer["Content-Type"] == "text/plain; charset=utf-8"
        assert words in answer.content.decode()


class TestPicture:
    def svg(self, client, address, **more):
        answer = client.get(f"/compare/chart.svg{address}", more)
        assert answer.status_code == 200, answer.content
        return ElementTree.fromstring(answer.content)  # noqa: S314 - our own

    def test_it_has_a_line_a_name_and_an_axis_for_each(self, client, stations):
        names = [f"{stations.garden.pk}.1", f"{stations.garden.pk}.2", f"{stations.shed.pk}.1"]
        root = self.svg(client, query(*names, period=DAY) + "&units=us")
        said = texts(root)
        assert said[1:4] == ["Garden, temperature [°F]", "Garden, humidity [%]", "Shed, temperature [°F]"]
        assert "Tuesday 2 June 2026 · Europe/Berlin" in said[0]
        for colour, count in (("l c1", 2), ("l c2 r", 2), ("l c3", 2)):  # in the legend and in the plot
            assert len(paths(root, colour)) == count
        right = [each for each in root.iter(f"{SVG}text") if each.get("dx") == "8"]
        assert any(each.text == "60.0" for each in right)

    def test_lines_of_one_unit_are_on_one_scale(self, client, stations):
        """20 degC and 68 degF are one height, and 50 degF is lower."""
        stations.garden.fields.create(number=6, name="same", unit="degF")
        fill(stations.garden, 6, lambda hour: 68.0)
        names = [f"{stations.garden.pk}.1", f"{stations.garden.pk}.6", f"{stations.shed.pk}.2"]
        root = self.svg(client, query(*names, period=DAY))
        heights = [float(paths(root, f"l c{n}")[1].split(",")[1].split()[0]) for n in (1, 2, 3)]
        assert heights[0] == heights[1] < heights[2]

    def test_without_readings_it_says_so(self, client, stations):
        root = self.svg(client, query(f"{stations.garden.pk}.1", period="date=2020-01-01"))
        assert "No readings in this stretch of time" in texts(root)

    @pytest.mark.parametrize("theme", PALETTES)
    def test_it_may_have_one_theme_or_leave_it_to_the_browser(self, client, stations, theme):
        asked = query(f"{stations.garden.pk}.1", period=DAY)
        one, both = (next(self.svg(client, asked + more).iter(f"{SVG}style")).text for more in (f"&theme={theme}", ""))
        assert f".c1{{stroke:{PALETTES[theme].series[0]}}}" in one
        assert "prefers-color-scheme" not in one
        assert all(palette.surface in both for palette in PALETTES.values())

    def test_caches_may_keep_it_and_a_known_one_is_304(self, client, stations):
        address = f"/compare/chart.svg{query(f'{stations.garden.pk}.1', period=DAY)}"
        answer = client.get(address)
        assert "public" in answer["Cache-Control"]
        assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304

    def test_a_name_with_signs_of_xml_stays_text(self, client, stations):
        Station.objects.filter(pk=stations.garden.pk).update(name='<b>"&\x01')
        assert '<b>"&, temperature [°C]' in texts(self.svg(client, query(f"{stations.garden.pk}.1", period=DAY)))
