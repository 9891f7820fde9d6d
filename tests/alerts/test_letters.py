"""What letters say: the numbers are those of the readings, in the recipient's language and units."""

import re
from email import message_from_bytes, policy
from io import BytesIO

import pytest
from PIL import Image, ImageColor

from alerts.letters import draft
from alerts.models import Incident, Notice, Recipient, Rule
from outages.causes import Cause
from outages.models import Outage
from readings.charts.palette import LIGHT
from readings.display.values import MISSING
from stations.models import Station
from tests.alerts.conftest import MINUTE
from tests.alerts.weather import BERLIN, DAY, HOUR, MINUS, MONDAY, THIN, letter, make_weather, store, text


def trouble(recipient, station, **own):
    """Note an outage from two to five o'clock, and tell of it and of frost."""
    Outage.objects.create(station=station, began_at=MONDAY + 2 * HOUR, ended_at=MONDAY + 5 * HOUR, **own)
    silence = Rule.objects.get_or_create(kind="silent", station=None)[0]
    frost = Rule.objects.create(kind="below", field=station.fields.first(), limit=0)
    for rule, subject in ((silence, f"{station} is silent"), (frost, f"{station}: temperature -0.3 °C")):
        incident = Incident.objects.create(rule=rule, station=station, began_at=MONDAY, found_at=MONDAY)
        at = MONDAY + 6 * HOUR
        Notice.objects.create(recipient=recipient, kind="began", created_at=at, subject=subject).incidents.add(incident)


def test_the_numbers_are_those_of_the_readings(reader):
    raw = make_weather(without=range(8, 20)).raw
    (section,) = letter(reader).sections
    rows = {name: {fact.label: fact for fact in facts} for name, facts in section.rows}
    temperatures = raw[1]
    low, high = (choose(temperatures, key=temperatures.get) for choose in (min, max))
    hours = {at.replace(minute=0): [] for at in temperatures}
    for at, value in temperatures.items():
        hours[at.replace(minute=0)].append(value)
    mean = sum(sum(each) / len(each) for each in hours.values()) / len(hours)
    shown = rows["Temperature"]
    for label, value, at in (("Low", temperatures[low], low), ("High", temperatures[high], high), ("Mean", mean, None)):
        assert shown[label].value == f"{value:.1f}{THIN}°C".replace("-", MINUS)
        assert shown[label].moment == (f"{at.astimezone(BERLIN):%H:%M}" if at else "")
    assert rows["Gust"]["High"].value == f"{max(raw[2].values()):.1f}{THIN}m/s"
    assert rows["Rain"]["Sum"].value == f"{sum(raw[3].values()):.1f}{THIN}mm"
    expected, there = 95, len(temperatures)  # from the first one on
    assert section.covered == [
        f"{int(1000 * there / expected) / 10}{THIN}% of expected readings; longest gap 3 h 15 min, from 01:46 to 05:01."
    ]
    assert section.chart.alt.startswith(f"Roof, Temperature, Monday 23 November 2026. Low {MINUS}2.0{THIN}°C (00:01);")
    picture = Image.open(BytesIO(section.chart.png)).convert("RGB")
    colours = {colour for _, colour in picture.getcolors(picture.width * picture.height)}
    assert picture.size == (1080, 440)
    assert ImageColor.getrgb(LIGHT.series[0]) in colours


def test_a_letter_of_a_day_in_english(reader):
    roof = make_weather(without=range(8, 20))
    trouble(reader, roof, cause=Cause.POWER, is_sure=True, expected=12)
    assert (
        text(letter(reader))
        == f"""\
Roof, Monday 23 November 2026: -2.0 to 8.0 °C
=============================================

Allotment 7

Temperature     Low -2.0 °C (00:01) · Mean 4.1 °C · High 8.0 °C (14:16)
Gust            High 9.0 m/s (01:31)
Rain            Sum 1.2 mm · At most 1.6 mm/h (10:00)
Wind direction  Mean SW (225°), steady 100 %

88.4 % of expected readings; longest gap 3 h 15 min, from 01:46 to 05:01.

Silent from 02:00 to 05:00, for 3 h 0 min. It had no power. None of its 12 readings has arrived.

You were told:
  06:00  Roof: temperature -0.3 °C

http://127.0.0.1:8000/stations/{roof.pk}/?period=day&date=2026-11-23

--\N{SPACE}
You get this letter every day at 07:00 (Europe/Berlin).
No more letters: {{link}}
"""
    )


def test_a_letter_of_a_week_in_german_and_in_other_units(reader):
    Recipient.objects.update(language="de", units="degF:hPa:km/h:in", letter="week")
    reader.refresh_from_db()
    roof = make_weather(days=7)
    make_weather("Keller", days=0, place="", public=False)
    assert (
        text(letter(reader, "week", MONDAY + 7 * DAY + 7 * HOUR))
        == f"""\
2 Stationen, 23. bis 29. November 2026
======================================

Keller
------

Keine Messwerte vom 23. bis 29. November 2026.

http://127.0.0.1:8000/stations/{roof.pk + 1}/?period=week&date=2026-11-23

Roof · Allotment 7
------------------

Temperatur    Min. 28,5 °F (Mo 00:01) · Mittel 38,5 °F · Max. 46,4 °F (Mo 14:16)
Böe           Max. 32,4 km/h (Mo 01:31)
Regen         Summe 0,33 in · Höchstens 0,06 in/h (Mo 10:00)
Windrichtung  Mittel SW (225°), zu 100 % beständig

Alle erwarteten Messwerte sind da, ohne Lücke.

http://127.0.0.1:8000/stations/{roof.pk}/?period=week&date=2026-11-23

http://127.0.0.1:8000/

--\N{SPACE}
Sie bekommen diesen Brief jeden Montag um 07:00 (Europe/Berlin).
Keine Briefe mehr: {{link}}
"""
    )


@pytest.mark.sqlite_only
def test_a_mail_server_gets_it_once_at_its_hour_with_all_that_it_shows(reader, world, inbox):
    make_weather("Roof <& shed")
    world.now = MONDAY + DAY + 6 * HOUR + 50 * MINUTE
    world.pass_by(9 * MINUTE)
    assert inbox.got == []
    world.pass_by(30 * MINUTE)
    (got,) = inbox.got
    message = message_from_bytes(got.replace("\r\n", "\n").encode(), policy=policy.default)
    html = message.get_body(("html",)).get_content()
    assert message["Subject"].strip().startswith("Roof <& shed, Monday 23 November 2026: ")
    assert "Roof &lt;&amp; shed" in html
    assert "High 8.0" in message.get_body(("plain",)).get_content()
    (picture,) = (part for part in message.walk() if part.get_content_type() == "image/png")
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in html
    assert re.findall('(?:src|href)="(?!cid:|http://127.0.0.1:8000/)|url\\(|@import|<link|<script', html) == []
    assert "{link}" not in html


def test_it_tells_only_of_stations_that_the_recipient_is_told_of(reader):
    public, private = make_weather(), make_weather("Secret", public=False)
    Recipient.objects.update(every_station=False)
    reader.refresh_from_db()
    reader.stations.set([public])
    assert "Secret" not in text(letter(reader))
    reader.stations.add(private)
    assert "Secret" in text(letter(reader))
    Station.objects.filter(pk=private.pk).update(active=False)
    assert "Secret" not in text(letter(reader))


def test_of_many_stations_each_has_a_line_and_those_with_troubles_come_first(reader, monkeypatch):
    monkeypatch.setattr(draft, "MOST_IN_DETAIL", 1)
    monkeypatch.setattr(draft, "MOST_LISTED", 2)
    make_weather("Attic"), make_weather("Barn")
    trouble(reader, make_weather("Cellar", days=0))
    content = letter(reader)
    assert content.charts == []
    assert (
        text(content).replace(MISSING, ".")
        == """\
3 stations, Monday 23 November 2026
===================================

        Low °C  Mean °C  High °C  Rain mm  Gust m/s  There %
Attic     -2.0      3.6      8.0      1.2       9.0      100
Cellar       .        .        .        .         .        .

Cellar: Silent from 02:00 to 05:00, for 3 h 0 min. The cause is not known.
06:00  Cellar: temperature -0.3 °C

1 more station is on the pages.

http://127.0.0.1:8000/

--\N{SPACE}
You get this letter every day at 07:00 (Europe/Berlin).
No more letters: {link}
"""
    )


def test_a_record_is_told_once_there_are_readings_of_a_year(reader):
    roof = make_weather()
    assert letter(reader).sections[0].records == []
    a_year_ago = {number: {at - 366 * DAY: value / 2 for at, value in raw.items()} for number, raw in roof.raw.items()}
    store(roof, a_year_ago)
    records = [each.replace(THIN, " ").replace(MINUS, "-") for each in letter(reader).sections[0].records]
    assert records == [
        "Temperature: 8.0 °C on Mon 23 Nov is the highest value since 22 November 2025.",
        "Temperature: -2.0 °C on Mon 23 Nov is the lowest value since 22 November 2025.",
        "Gust: 9.0 m/s on Mon 23 Nov is the highest value since 22 November 2025.",
        "Rain: 1.2 mm on Mon 23 Nov is the highest sum of a day since 22 November 2025.",
    ]
