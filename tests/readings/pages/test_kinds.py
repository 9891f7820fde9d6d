"""Rain, gusts and directions on a station's page: sums, the highest, points of the compass, and never a mean."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.utils import timezone

from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.reports import Measurement
from stations.models import Station

pytestmark = pytest.mark.django_db

DAY = datetime(2026, 5, 3, 22, tzinfo=UTC)  # a midnight in Berlin
FIELDS = (("rain", "mm"), ("rain total", "mm"), ("gust", "m/s"), ("wind direction", "deg"), ("wind speed", "m/s"))
SPACES = str.maketrans("\N{NARROW NO-BREAK SPACE}\N{NO-BREAK SPACE}", "  ")


@pytest.fixture
def mast():
    station = Station.objects.create(name="Mast", timezone="Europe/Berlin", interval_s=600)
    station.fields.all().delete()
    for number, (name, unit) in enumerate(FIELDS, start=1):
        station.fields.create(number=number, name=name, unit=unit, decimals=0 if unit == "deg" else 1)
    return station


def report(station, at, *values):
    rows = enumerate(values, start=1)
    ingest.store(station, [Measurement(number, to_millis(at), each) for number, each in rows if each is not None])


def two_days(station):
    """Store 3.1 mm with 8.0 mm/h at most from 14:00 to 14:15 on 4 May, after 1.0 mm on the 3rd; northern winds."""
    day_before = DAY - timedelta(days=1)
    report(station, day_before, None, 996.9)
    report(station, day_before + timedelta(hours=9), 1.0, 997.9, 17.2, 90.0, 3.0)
    report(station, DAY + timedelta(hours=1), 0.0, 997.9, 9.0, 350.0, 4.0)
    report(station, DAY + timedelta(hours=14), 0.0, 997.9)
    report(station, DAY + timedelta(hours=14, minutes=15), 2.0, 999.9, 15.5, 10.0, 4.0)
    # The gauge is emptied: its total begins again.
    report(station, DAY + timedelta(hours=20), 1.1, 1.1, 2.5, 10.0, 4.0)


def texts(client, station, query, language="en", part="highlights"):
    """Return the text of each field's part of the page, and of the table's rows."""
    answer = client.get(f"{station.get_absolute_url()}{query}", headers={"Accept-Language": language})
    page = answer.content.decode()
    end = "</p>" if part == "compared" else "</div>"
    parts = [re.search(rf'id="{part}-{n}".*?{end}', page, re.DOTALL) for n in range(1, 6)]
    return [text(each[0].partition(">")[2]) if each else None for each in parts], page


def text(html):
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).translate(SPACES).split())


def test_highlights_of_a_day_are_those_of_each_kind(client, mast):
    two_days(mast)
    found, _ = texts(client, mast, "?date=2026-05-04")
    rain = "Sum 3.1 mm At most 8.0 mm/h 14:00"
    assert found[:3] == [rain, rain, "High 15.5 m/s 14:15"]
    assert re.fullmatch(r"Mean N \(\d°\), steady 98 %", found[3])
    assert found[4] == "Constant 4.0 m/s"


def test_highlights_are_said_in_german_and_in_the_viewers_units(client, mast):
    two_days(mast)
    found, _ = texts(client, mast, "?date=2026-05-04&units=us", "de")
    rain = "Summe 0,12 in Höchstens 0,31 in/h 14:00"
    assert found[:3] == [rain, rain, "Max. 34,7 mph 14:15"]
    assert re.fullmatch(r"Mittel N \(\d°\), zu 98 % beständig", found[3])


def test_a_table_s_rows_have_sums_highest_and_directions(client, mast):
    two_days(mast)
    _, page = texts(client, mast, "?period=week&date=2026-05-04")
    rows = [
        text(row) for row in re.findall(r"<tr>.*?</tr>", page.partition('id="rows"')[2].partition("</table")[0], re.S)
    ]
    assert re.fullmatch(r"Mon 4 May 3.1 3.1 15.5 N \(\d°\) 98 % 4.0", rows[1])
    assert "Sums of rain, rain total. The highest gust. The mean wind direction, with how steady it was below." in page


def test_a_table_of_levels_alone_says_nothing_of_others(client, station):
    ingest.store(station, [Measurement(1, to_millis(timezone.now()), 5.0)])
    page = client.get(station.get_absolute_url()).content.decode()
    assert "Mean values, with the lowest and the highest below where they differ. Times are in" in page
    assert "Sums of" not in page


@pytest.mark.parametrize(
    ("language", "rain", "gust", "vane"),
    [
        (
            "en",
            "2.1 mm more than on Sunday 3 May 2026: 3.1 against 1.0 mm.",
            "The highest is 1.7 m/s below that on Sunday 3 May 2026: 15.5 against 17.2 m/s.",
            "E (90°), steady 100 % on Sunday 3 May 2026.",
        ),
        (
            "de",
            "2,1 mm mehr als am Sonntag, 3. Mai 2026: 3,1 gegen 1,0 mm.",
            "Der Höchstwert liegt 1,7 m/s unter dem am Sonntag, 3. Mai 2026: 15,5 gegen 17,2 m/s.",
            "O (90°), zu 100 % beständig am Sonntag, 3. Mai 2026.",
        ),
    ],
)
def test_a_comparison_is_of_sums_highest_and_directions(client, mast, language, rain, gust, vane):
    two_days(mast)
    found, _ = texts(client, mast, "?date=2026-05-04&compare=before", language, "compared")
    told = [re.sub(r" (Its readings begin|Only|Ihre Messwerte|Nur|Die|Davon) .*", "", each) for each in found[:4]]
    assert told == [rain, rain, gust, vane]


def test_newest_values_of_today_begin_with_the_sum_the_point_and_the_force(client, mast):
    now = timezone.now().replace(second=0, microsecond=0)
    Station.objects.update(timezone=f"Etc/GMT{now.hour - 12:+d}")  # where it is noon
    mast.refresh_from_db()
    report(mast, now - timedelta(hours=40), 0.0, 100.0, 5.0, 224.0, 6.0)
    report(mast, now - timedelta(minutes=55), 0.0, 100.0)
    report(mast, now - timedelta(minutes=40), 0.4, 100.4, 12.5, 224.0, 6.0)
    report(mast, now, 0.2, 100.6, 9.5, 224.0, 6.0)
    page = client.get(mast.get_absolute_url()).content.decode()
    tiles = [text(tile) for tile in page.partition('id="newest"')[2].partition("</dl>")[0].split("<dd>")[1:]]
    assert "0.6 mm today Newest report 0.2 mm" in tiles[0]
    assert "0.6 mm today Counter at 100.6 mm" in tiles[1]
    assert re.search(r"at most 1.6 mm/h \d\d:\d\d", tiles[0])
    assert re.search(r"9.5 m/s .* high 12.5 \d\d:\d\d$", tiles[2].replace(" Wind direction", ""))
    assert "SW 224 °" in tiles[3]
    assert "SW (224°), steady 100 %" in tiles[3]
    assert "6.0 m/s 4 Bft, moderate breeze" in tiles[4]
    assert not re.search(r"\b(low|mean|constant)\b", " ".join(tiles[:4]))


def test_a_vane_in_a_calm_says_so(client, mast):
    now = timezone.now()
    report(mast, now, 0.0, 0.0, 0.0, 90.0, 0.1)
    page = client.get(mast.get_absolute_url(), headers={"Accept-Language": "de"}).content.decode()
    tile = text(page.partition('id="wind-4"')[2].partition("</div>")[0].partition(">")[2])
    assert tile == "Windstille Fahne zeigt O ( 90 °)"


def test_a_range_that_cuts_quarters_has_no_mean_of_directions(client, mast):
    """A short range is read from raw readings, and the mean of 350 and 10 degrees is not 180."""
    two_days(mast)
    found, _ = texts(client, mast, "?start=2026-05-04T00:05&end=2026-05-04T14:40")
    assert re.fullmatch(r"Mean N \(\d°\), steady 98 %", found[3])


def test_a_station_of_directions_alone_has_readings(client, mast):
    mast.fields.exclude(number=4).delete()
    report(mast, DAY + timedelta(hours=1), None, None, None, 350.0)
    answer = client.get(f"{mast.get_absolute_url()}?date=2026-05-04")
    assert answer.context["has_readings"]
