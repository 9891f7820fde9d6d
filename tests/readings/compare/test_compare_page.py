"""`/compare/`: what is on it, what is left out with a sentence, whose clock it has, and what it never tells."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client

from freetemp.fields import to_millis
from freetemp.formatting import MINUS
from readings import ingest
from readings.compare.chosen import MOST_FIELDS, chosen
from readings.ingest.reports import Measurement
from stations.models import Station
from stations.units import METRIC, SYSTEMS
from tests.conftest import client_of
from tests.readings.compare.conftest import START, WEEK, query

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(db):
    return client_of(User.objects.create_user("staff", is_staff=True))


def page(client, address="", status=200):
    answer = client.get(f"/compare/{address}")
    assert answer.status_code == status
    return unescape(answer.content.decode())


def alert(text):
    found = re.search(r'role="alert">(.*?)</div>', text, re.DOTALL)
    return re.findall(r"<li>(.*?)</li>", found[1]) if found else []


def rows(text):
    """Return the table's rows as lists of texts, with the mean alone of each cell."""
    body = re.search(r"<tbody>(.*?)</tbody>", text, re.DOTALL)[1]
    cells = (
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    )
    return [[re.sub(r"<small>.*?</small>|<[^>]+>", "", cell).strip() for cell in row] for row in cells]


def names(*numbers, station):
    return [f"{station.pk}.{number}" for number in numbers]


def test_without_fields_it_offers_every_field_that_has_readings(client, stations):
    text = page(client)
    assert re.findall(r'<option value="([\d.]+)">', text) == [
        *names(1, 2, 3, station=stations.garden),
        *names(1, 2, station=stations.shed),
    ]
    assert "<figure" not in text


def test_fields_of_two_stations_are_on_one_chart_with_the_difference_and_a_table(client, stations):
    one, two = f"{stations.garden.pk}.1", f"{stations.shed.pk}.2"
    text = page(client, query(one, two))
    assert text.count("<figure") == 2
    assert re.findall(r'data-line="(.+?)"', text) == [one, two]
    assert re.findall(r'<figure class="chart [^"]+" data-field="(.+?)"', text) == [f"{two}-{one}"]
    assert rows(text)[1] == ["Tue\xa02\xa0Jun", "20.0", "10.0", f"{MINUS}10.0"]
    assert "Shed, outside is 10.00\u202f°C lower on average than Garden, temperature" in text
    assert not alert(text)


def test_units_of_the_viewer_are_on_the_axis_and_in_every_figure(client, stations):
    text = page(client, query(f"{stations.garden.pk}.1", f"{stations.shed.pk}.2") + "&units=us")
    assert rows(text)[1][1:] == ["68.0", "50.0", f"{MINUS}18.0"]
    assert "Shed, outside is 18.00\u202f°F lower on average than Garden, temperature" in text


@pytest.mark.parametrize("units", [METRIC, SYSTEMS["us"]])
def test_units_alike_share_an_axis_and_a_third_unit_is_refused(stations, units):
    garden, shed = stations.garden, stations.shed
    asked = [*names(1, 2, 3, station=garden), *names(1, 2, station=shed)]
    found = chosen(asked, User(is_staff=False), units)
    assert [(line.name, line.axis, line.colour) for line in found.lines] == [
        (f"{garden.pk}.1", 0, 1),
        (f"{garden.pk}.2", 1, 2),
        (f"{shed.pk}.1", 0, 3),
        (f"{shed.pk}.2", 0, 4),
    ]
    left, pressure = ("°C", "hPa") if units == METRIC else ("°F", "inHg")
    assert found.sentences == [
        f"One chart has two axes, here for {left} and %: Garden, pressure, in {pressure}, is left out."
    ]
    assert [pair.name for pair in found.pairs] == [f"{shed.pk}.1-{garden.pk}.1", f"{shed.pk}.2-{garden.pk}.1"]


def test_at_most_six_fields_fit_and_a_field_counts_once(stations):
    many = Station.objects.create(name="Many", timezone="UTC")
    for number in range(2, 9):
        many.fields.create(number=number, name=f"probe {number}", unit="degC")
    asked = names(1, 1, 2, 3, 4, 5, 6, 7, 8, station=many)
    found = chosen(asked, User(is_staff=False), METRIC)
    assert [line.colour for line in found.lines] == list(range(1, MOST_FIELDS + 1))
    assert found.sentences == ["One chart has at most 6 fields, so this is left out: Many, probe 7; Many, probe 8."]


def test_directions_and_amounts_are_no_lines(client, stations):
    text = page(client, query(*names(1, 4, 5, station=stations.garden)), status=400)
    assert alert(text) == [
        f"Garden, {name} is left out: a direction or an amount is no line beside others."
        for name in ("wind direction", "rain")
    ]
    assert text.count("<figure") == 1


@pytest.mark.parametrize("name", ["1", "1.", "x", "1.1.1", "0.1", "-1.1", "9999999999.1", "1.4000", "a" * 500, "<b>"])
def test_what_is_no_name_is_left_out_like_an_unknown_field(client, stations, name):
    text = page(client, query(f"{stations.garden.pk}.1", name), status=400)
    assert len(alert(text)) == 1
    assert alert(text)[0].startswith("There is no field “")
    assert len(alert(text)[0]) < 120
    assert text.count("<figure") == 1


class TestPrivate:
    def test_it_is_left_out_with_the_words_for_one_that_does_not_exist(self, client, stations):
        seen, private = f"{stations.garden.pk}.1", f"{stations.secret.pk}.1"
        gone = f"{stations.secret.pk + 1}.1"
        told = [page(client, query(seen, each), status=400).replace(each, "?") for each in (private, gone)]
        csrf_free = [re.sub(r'"now": \d+', "", each) for each in told]
        assert csrf_free[0] == csrf_free[1]
        assert "Vault" not in told[0]
        assert "3.2" not in alert(told[0])[0]

    def test_alone_it_is_404_as_is_an_unknown_one(self, client, stations):
        for name in (f"{stations.secret.pk}.1", f"{stations.secret.pk + 1}.1"):
            assert "Vault" not in page(client, query(name), status=404)

    @pytest.mark.parametrize("file", ["chart.svg", "readings.csv", "readings.json", "readings.xlsx"])
    def test_its_pictures_and_files_are_404(self, client, staff, stations, file):
        address = f"/compare/{file}{query(f'{stations.garden.pk}.1', f'{stations.secret.pk}.1')}"
        assert client.get(address).status_code == 404
        answer = staff.get(address)
        assert answer.status_code == 200
        if file == "chart.svg":
            assert "no-store" in answer["Cache-Control"]

    def test_its_difference_is_404(self, client, staff, stations):
        address = f"/api/v1/stations/{stations.garden.pk}/series/?field=1&minus={stations.secret.pk}.1"
        address += f"&start={START.timestamp()}&end={(START + timedelta(days=1)).timestamp()}&points=10"
        assert client.get(address).status_code == 404
        answer = staff.get(address)
        assert answer.status_code == 200
        assert set(answer.json()["mean"]) == {20.0 - 3.25}

    def test_staff_see_it_marked_and_may_not_share_it(self, client, staff, stations):
        text = page(staff, query(f"{stations.garden.pk}.1", f"{stations.secret.pk}.1"))
        assert "Not public" in text
        assert 'class="share"' not in text
        assert f'value="{stations.shed.pk}.1"' in text
        assert 'class="share"' in page(client, query(f"{stations.garden.pk}.1"))


class TestClock:
    def test_it_is_that_of_the_first_fields_station_and_the_page_says_so(self, client, stations):
        garden, shed = f"{stations.garden.pk}.1", f"{stations.shed.pk}.1"
        text = page(client, query(garden, shed))
        assert "Times and days are in Europe/Berlin, by the clock of Garden, whose field comes first." in text
        assert "Shed is in Asia/Kathmandu." in text
        assert "by the clock of Shed" in page(client, query(shed, garden))
        assert "keeps its own station's days" not in page(client, query(garden))

    @pytest.mark.parametrize("period", ["period=day&date=2026-06-02", WEEK, "period=all"])
    def test_a_row_has_the_same_hours_of_each_station(self, client, stations, period):
        """The shed's value rises from its day's start in UTC on; the reference is the same numbers in the garden."""
        twin = Station.objects.create(name="Twin", timezone="Europe/Berlin")
        moments = [START - timedelta(days=1) + timedelta(minutes=n) for n in range(0, 9 * 24 * 60, 15)]
        hours = [(at - moments[0]) / timedelta(hours=1) for at in moments]
        ingest.store(
            twin,
            [Measurement(1, to_millis(at), 18.5 + (hour % 24) / 24) for at, hour in zip(moments, hours, strict=True)],
        )
        text = page(client, query(f"{twin.pk}.1", f"{stations.shed.pk}.1", period=period))
        means = [(row[1], row[2], row[3]) for row in rows(text) if row[1][-1].isdigit()]
        assert len(means) >= 7
        assert all(one == two and apart == "0.0" for one, two, apart in means)


def test_every_link_and_form_keeps_the_fields(client, stations):
    one, two = f"{stations.garden.pk}.1", f"{stations.shed.pk}.1"
    text = page(client, query(one, two))
    links = re.findall(r'href="(?:/compare/\w*\.?\w*)?\?([^"]+)"', text)
    assert len(links) > 15
    removing = [link for link in links if link.count("field=") == 1]
    assert removing == [f"{WEEK.replace('03', '01')}&field={two}", f"{WEEK.replace('03', '01')}&field={one}"]
    assert all(f"field={one}&field={two}" in link for link in links if link not in removing)
    forms = re.findall(r"<form.*?</form>", text, re.DOTALL)
    assert len(forms) == 4  # preferences, another field, a date, a range
    assert all(re.findall(r'name="field" value="(.+?)"', form) == [one, two] for form in forms)


def test_a_period_that_cannot_be_read_is_today_with_a_sentence(client, stations):
    text = page(client, query(f"{stations.garden.pk}.1", period="period=decade"), status=400)
    assert "day, week, month, year or all expected" in text
    assert "so this is today" in text


def test_a_period_without_readings_says_so_and_keeps_the_fields(client, stations):
    text = page(client, query(f"{stations.garden.pk}.1", period="date=2025-01-01"))
    assert "No readings on Wednesday 1 January 2025." in text
    assert "<figure" not in text
    assert 'class="remove"' in text


def test_it_brings_the_series_that_the_api_would_answer(client, stations):
    one, two = f"{stations.garden.pk}.1", f"{stations.shed.pk}.1"
    text = page(client, query(one, two))
    brought, chart = (
        json.loads(re.search(rf'id="{name}" type="application/json">(.*?)</script>', text)[1])
        for name in ("brought", "chart")
    )
    assert sorted(brought["fields"]) == sorted([one, two, f"{two}-{one}"])
    for line in [*chart["lines"], *chart["fields"]]:
        asked = line["asked"] | {"start": brought["start"], "end": brought["end"], "points": 370, "packed": 1}
        answer = client.get(line["series_url"], asked).json()
        own = brought["fields"][line["number"]]
        assert {name: answer[name] for name in own if name != "points"} == {
            name: own[name] for name in own if name != "points"
        }


def test_it_is_in_german(client, stations):
    text = page(client, query(f"{stations.garden.pk}.1", f"{stations.shed.pk}.1", "99.1") + "&lang=de", status=400)
    assert "Vergleichen" in text
    assert "Shed, Temperatur" in text
    assert "im Mittel" in text
    assert not re.search(r"on average|Add a field|minus Garden, temperature", text)


@pytest.mark.parametrize("stations_", [1, 30])
def test_it_asks_as_much_for_thirty_stations_as_for_one(client, stations, stations_, django_assert_max_num_queries):
    Station.objects.bulk_create(Station(name=f"Station {n}", timezone="UTC") for n in range(stations_))
    with django_assert_max_num_queries(24):
        page(client, query(f"{stations.garden.pk}.1", f"{stations.shed.pk}.1"))


def test_a_stations_page_leads_there(client, stations):
    text = unescape(client.get(f"/stations/{stations.garden.pk}/?date=2026-06-02").content.decode())
    links = re.findall(r'href="/compare/(.+?)"', text)
    assert links == [f"?period=day&date=2026-06-02&field={name}" for name in names(1, 2, 3, station=stations.garden)]
    assert page(client, links[0]).count("<figure") == 1


def test_a_minus_that_cannot_be_subtracted_is_a_400(client, stations):
    address = f"/api/v1/stations/{stations.garden.pk}/series/?field=1&minus="
    assert client.get(f"{address}{stations.garden.pk}.2").status_code == 400
    assert client.get(f"{address}{stations.garden.pk}.4").status_code == 400
    assert client.get(f"{address}1,1").status_code == 400
    assert client.get(f"{address}{stations.garden.pk}.99").status_code == 404


def test_anyone_may_read_it_without_a_cookie(stations):
    assert Client().get("/compare/").cookies == {}


def test_a_range_of_two_centuries_is_answered(client, stations):
    names = f"{stations.garden.pk}.1", f"{stations.shed.pk}.1"
    text = page(client, query(*names, period="start=1971-01-01&end=2190-01-01"))
    assert ["20.0", "19.0", f"{MINUS}1.0"] in [row[1:] for row in rows(text)]
    assert "Choose at most three months to see offset, factor and scatter." in text
