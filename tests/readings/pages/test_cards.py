"""The content of a card on the home page, and the order of cards."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.template import Context, Template
from django.utils import translation

from freetemp.ages import silent_for
from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.reports import Measurement
from readings.pages.card_html import CardHtml
from readings.pages.home_page import cards_of, counted
from readings.pages.names import in_order
from stations.models import Station
from stations.units import METRIC

NOW = datetime(2026, 6, 3, 10, 7, tzinfo=UTC)
MINUS = "\N{MINUS SIGN}"
NARROW = "\N{NARROW NO-BREAK SPACE}"


def cards(user=None, now=NOW):
    return cards_of(user or AnonymousUser(), now)


def shown(card, part="values") -> str:
    return getattr(CardHtml(METRIC, card.now, has_map=False), part)(card)


def report(station, value, at=NOW, field=1):
    ingest.store(station, [Measurement(field, to_millis(at), value)])
    Station.objects.filter(pk=station.pk).update(last_heard_at=at)


@pytest.mark.parametrize(
    ("silence", "words"),
    [
        (timedelta(seconds=61), "Silent for 1 minute"),
        (timedelta(minutes=59, seconds=59), "Silent for 59 minutes"),
        (timedelta(hours=9), "Silent for 9 hours"),
        (timedelta(days=1, hours=23), "Silent for 1 day"),
        (timedelta(days=800), "Silent for 2 years"),
    ],
)
def test_a_silence_is_in_whole_units(silence, words):
    assert silent_for(silence) == words


@pytest.mark.django_db
def test_a_silent_station_says_for_how_long_and_not_twice(station):
    report(station, 12.0, NOW - timedelta(hours=9))
    (card,) = cards()
    assert shown(card, "heard") == '<span class="status status-silent">Silent for 9 hours</span>'


@pytest.mark.django_db
def test_a_silent_station_s_value_that_is_older_than_the_silence_says_its_age(station):
    report(station, 12.0, NOW - timedelta(days=9))
    Station.objects.update(last_heard_at=NOW - timedelta(hours=9))
    (card,) = cards()
    assert "Silent for 9 hours</span>" in shown(card, "heard")
    assert "newest value <time" in shown(card, "heard")
    assert ">9 days ago</time>" in shown(card, "heard")


@pytest.mark.django_db
def test_readings_from_a_file_are_imported_and_not_a_board_that_was_never_heard(station):
    report(station, 12.0, NOW - timedelta(days=155))
    Station.objects.update(last_heard_at=None)
    (card,) = cards()
    words = shown(card, "heard")
    assert words.startswith('<span class="status status-imported">Imported</span> <span class="age">newest value <time')
    assert words.endswith(">5 months ago</time></span>")
    assert counted([card]) == [("imported", 1)]
    with translation.override("de"):
        assert '>Importiert</span> <span class="age">neuester Wert <time' in shown(card, "heard")


@pytest.mark.django_db
def test_a_station_without_readings_was_never_heard_from(station):
    (card,) = cards()
    assert shown(card, "heard") == '<span class="status status-never">Never heard from</span>'


@pytest.mark.django_db
def test_a_late_station_says_so_with_the_age_of_its_value(station):
    report(station, 12.0, NOW - timedelta(minutes=5))
    (card,) = cards()
    assert ">Late</span>" in shown(card, "heard")
    assert ' datetime="2026-06-03T10:02:00+00:00" data-age>5 minutes ago</time>' in shown(card, "heard")


@pytest.mark.django_db
def test_values_that_are_old_or_not_plausible_are_marked(station):
    station.fields.create(number=2, name="humidity", unit="%", decimals=0)
    station.fields.filter(number=1).update(largest=60)
    report(station, 50.0, NOW - timedelta(days=3), field=2)
    report(station, 85.0)
    words = shown(cards()[0])
    assert '<b>85.0</b> <span class="unit">°C</span> <span class="note odd">not plausible</span>' in words
    with translation.override("de"):
        assert ">nicht plausibel</span>" in shown(cards()[0])
    assert words.endswith(">3 days ago</time></span></p></div>")


@pytest.mark.django_db
def test_the_range_of_the_last_day_is_said_in_the_viewers_units(station):
    report(station, 12.0, NOW - timedelta(hours=2))
    report(station, -3.0)
    assert f"Temperature, last 24 hours: {MINUS}3.0 to 12.0{NARROW}°C" in shown(cards()[0])
    report(station, 20.0, NOW - timedelta(days=30))
    assert "Temperature, last 24 hours: no readings" in shown(cards(now=NOW + timedelta(days=3))[0])


@pytest.mark.django_db
def test_a_high_of_zero_is_no_missing_high(station):
    report(station, -12.0, NOW - timedelta(hours=2))
    report(station, 0.0)
    assert f"{MINUS}12.0 to 0.0{NARROW}°C" in shown(cards()[0])


@pytest.mark.django_db
def test_values_that_look_the_same_are_no_range(station):
    report(station, 21.36, NOW - timedelta(hours=2))
    report(station, 21.44)
    assert f"Temperature, last 24 hours: 21.4{NARROW}°C</p>" in shown(cards()[0])


def of_fields(station, *fields):
    station.fields.all().delete()
    for number, (name, unit) in enumerate(fields, start=1):
        station.fields.create(number=number, name=name, unit=unit)


@pytest.mark.django_db
def test_rain_is_the_sum_of_today_and_of_24_hours_with_a_bar_for_each_wet_half_hour(station):
    of_fields(station, ("rain total", "mm"), ("rain", "mm"))
    for hours, total in ((30, 10.0), (13, 12.0), (2, 12.6), (0, 12.6)):
        report(station, total, NOW - timedelta(hours=hours))
    report(station, 0.4, field=2)
    words = shown(cards()[0])
    assert '<b>0.6</b> <span class="unit">mm today</span>' in words, "13 hours ago it was yesterday in Berlin"
    assert f"Rain total, last 24 hours: 2.6{NARROW}mm" in words
    assert words.count('<path class="bars"') == 1
    bars = re.findall(r"M(\d+) 48V(\d+)H(\d+)V48", words)
    assert bars == [("109", "2", "113"), ("219", "34", "223")]
    assert "<p>Rain <b>0.4</b>" in words
    with translation.override("de"):
        assert ">mm heute</span>" in shown(cards()[0])
    later = shown(cards(now=NOW + timedelta(days=3))[0])
    assert "Rain total, last 24 hours: no readings" in later
    assert '\N{EN DASH}</b> <span class="unit">mm today' in later


@pytest.mark.django_db
def test_a_direction_is_a_point_of_the_compass_beside_the_line_of_the_next_field(station):
    of_fields(station, ("wind direction", "deg"), ("gust", "m/s"))
    report(station, 90.0)
    report(station, 12.5, NOW - timedelta(hours=2), field=2)
    report(station, 9.0, field=2)
    words = shown(cards()[0])
    assert '<b>E</b> <span class="unit">90°</span>' in words
    assert f"Gust, last 24 hours: up to 12.5{NARROW}m/s" in words
    with translation.override("de"):
        assert "<b>O</b>" in shown(cards()[0])
    station.fields.filter(number=2).delete()
    words = shown(cards()[0])
    assert '<p class="range"></p>' in words
    assert "svg" not in words


@pytest.mark.django_db
def test_what_people_name_is_text(station):
    station.fields.update(name="<b>hot</b>", unit="<i>")
    report(station, 12.0)
    words = shown(cards()[0])
    assert "&lt;b&gt;hot" in words
    assert "<i>" not in words


def test_names_are_in_the_order_that_people_expect():
    names = ["Zoo", "roof 10", "Ämtli", "Roof 2", "annex", "²", "", "9", "10 downing", "Éclair"]
    ordered = sorted(names, key=in_order)
    assert ordered == ["", "²", "9", "10 downing", "Ämtli", "annex", "Éclair", "Roof 2", "roof 10", "Zoo"]


@pytest.mark.django_db
def test_statuses_are_counted(station):
    Station.objects.create(name="Other")
    report(Station.objects.create(name="Old"), 12.0, NOW - timedelta(days=9))
    Station.objects.update(last_heard_at=None)
    report(station, 12.0, NOW - timedelta(hours=9))
    assert counted(cards()) == [("silent", 1), ("imported", 1), ("never", 1)]
    words = "{% load cards %}{% for each, count in counts %}{% count_words each count %}, {% endfor %}"
    assert Template(words).render(Context({"counts": counted(cards())})) == "1 silent, 1 imported, 1 never heard from, "


@pytest.mark.django_db
def test_coordinates_are_for_all_only_of_a_station_that_is_shown_on_the_map(station):
    Station.objects.update(latitude=52.5, longitude=13.25)
    staff = User(is_staff=True)
    assert [cards()[0].location, cards(staff)[0].location] == ["", "52.5,13.25"]
    Station.objects.update(on_map=True)
    assert [cards()[0].location, cards(staff)[0].location] == ["52.5,13.25", "52.5,13.25"]
