"""The picture that other sites show for a link: `/stations/<id>/preview.png`."""

import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from PIL import Image

from freetemp.fields import to_millis
from readings import ingest
from readings.charts import link_preview_png
from readings.charts.drawing_process import drawing_process, png
from readings.charts.link_preview import preview
from readings.charts.png_text import drawable, fitted
from readings.ingest.reports import Measurement
from stations.models import Station
from stations.units import METRIC, SYSTEMS

NARROW = "\N{NARROW NO-BREAK SPACE}"

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(station):
    return f"/stations/{station.pk}/preview.png"


def fill(station, values, field=1, step=timedelta(minutes=30), end=None):
    end = end or timezone.now()
    rows = [(end - index * step, value) for index, value in enumerate(reversed(values))]
    ingest.store(station, [Measurement(field, to_millis(at), value) for at, value in reversed(rows)])


def of(station, units=METRIC):
    return preview(Station.objects.with_fields().get(pk=station.pk), units, timezone.now())


def image(client, address):
    answer = client.get(address)
    assert answer["Content-Type"] == "image/png"
    return Image.open(BytesIO(answer.content))


def test_it_is_a_png_of_the_size_that_sites_ask_for_and_small(client, station, address):
    fill(station, [10 + n % 5 for n in range(40)])
    answer = client.get(address)
    assert Image.open(BytesIO(answer.content)).size == (1200, 630)
    assert len(answer.content) < 60_000


def test_it_says_the_newest_values_with_a_moment_that_stays_true(station):
    station.fields.create(number=2, name="humidity", unit="%", decimals=0)
    fill(station, [8.2, 21.4])
    fill(station, [64], field=2)
    said = of(station)
    assert (said.name, said.value, said.symbol) == ("Garden", "21.4", "°C")
    assert said.moment == f"{timezone.now().astimezone(station.zone):%-d %b %Y, %H:%M}"
    assert said.others == (f"Humidity 64{NARROW}%",)
    assert (said.line.low[1], said.line.high[1]) == (f"8.2{NARROW}°C", f"21.4{NARROW}°C")


def test_values_of_other_moments_say_theirs(station):
    station.fields.create(number=2, name="humidity", unit="%", decimals=0)
    fill(station, [8.2, 21.4])
    old = timezone.now() - timedelta(days=40)
    fill(station, [64], field=2, end=old)
    assert of(station).others == (f"Humidity 64{NARROW}% ({old.astimezone(station.zone):%-d %b %Y, %H:%M})",)


def test_values_that_look_the_same_have_one_label(station):
    fill(station, [21.4, 21.4])
    said = of(station)
    assert (said.line.low, said.line.high[1]) == (None, f"21.4{NARROW}°C")


def test_units_are_those_of_the_address(client, station, address):
    fill(station, [10, 20])
    assert of(station, SYSTEMS["us"]).value == "68.0"
    assert client.get(address).content != client.get(f"{address}?units=us").content


def test_a_gap_parts_the_line(station):
    fill(station, [10] * 10)
    fill(station, [10] * 10, end=timezone.now() - timedelta(hours=12))
    assert len(of(station).line.stretches) == 2


def test_a_station_that_is_silent_or_has_not_begun_says_so(station):
    assert of(station).note == "Waiting for its first reading"
    fill(station, [10], end=timezone.now() - timedelta(days=3))
    assert of(station).note == "No readings in the last 24 hours"
    assert of(station).value == "10.0"


def test_a_station_without_any_field_has_a_picture(client, station, address):
    station.fields.all().delete()
    assert image(client, address).size == (1200, 630)


@pytest.mark.parametrize(
    "letters", ["°\N{MINUS SIGN}\N{EN DASH}µ²³%‰", "äöüßÄÖÜ", "éèçñãåøæœłřšžğışőűčđț", "ΑΒΩαβω", "Дача"]
)
def test_the_font_has_the_letters_of_names_and_units(letters):
    assert drawable(letters) == letters


@pytest.mark.parametrize(
    ("name", "drawn"),
    [("Roof 🌦 west", "Roof west"), ("בית Haus", "Haus"), ("屋根", ""), ("a\x00\u202e\ud800b\n c", "ab c")],
)
def test_what_the_font_cannot_draw_is_left_out(name, drawn):
    assert drawable(name) == drawn


def test_a_name_of_which_nothing_can_be_drawn_gives_way_to_the_station_s_number(client, station, address):
    Station.objects.update(name="屋根🌦")
    nameless, numbered = of(station), of(station)._replace(name=f"Station {station.pk}")
    assert png(nameless) == png(numbered)
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "W" * 80, "🌦" * 80, "\u202eevil"])
def test_hostile_names_make_a_picture(client, station, address, name):
    Station.objects.update(name=name, place=name + name[:40])
    station.fields.update(name=name[:40], unit=name[:16])
    fill(station, [-1e12, 1e12])
    assert image(client, address).size == (1200, 630)


def test_a_long_name_is_made_smaller_and_then_cut(station):
    text, own = fitted("W" * 80, 60, 680, 1072)
    assert text.endswith("W…")
    assert own.getlength(text) <= 1072
    assert fitted("Roof", 60, 680, 1072)[0] == "Roof"


def test_the_same_picture_is_drawn_once_and_not_sent_twice(client, station, address):
    fill(station, [10, 20])
    first = client.get(address)
    assert first["Cache-Control"] == "public, max-age=300"
    drawn = png.cache_info().misses
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == "public, max-age=300"
    assert png.cache_info().misses == drawn


def test_all_are_drawn_by_one_other_process(station):
    fill(station, [10, 20])
    said = of(station)
    with ThreadPoolExecutor(4) as viewers:
        drawn = list(viewers.map(lambda n: png(said._replace(moment=str(n))), range(8)))
    assert len(set(drawn)) == 8
    assert set(drawn) == {link_preview_png.png(said._replace(moment=str(n))) for n in range(8)}


def test_the_other_process_is_started_again_when_it_has_ended(station):
    """It ends by itself when no picture has been wanted for a while, and may be killed."""
    said = of(station)
    png(said._replace(moment="before"))
    before = drawing_process._process
    before.send_signal(signal.SIGALRM)
    assert Image.open(BytesIO(png(said._replace(moment="after")))).size == (1200, 630)
    assert before.poll() is not None


def test_what_it_cannot_draw_costs_one_picture(station, capfd):
    said = of(station)
    with pytest.raises(OSError, match="draws pictures has failed"):
        png(said._replace(moment=7))
    assert Image.open(BytesIO(png(said._replace(moment="later")))).size == (1200, 630)


def test_a_new_value_is_a_new_picture(client, station, address):
    fill(station, [10, 20])
    first = client.get(address)
    fill(station, [30])
    assert client.get(address)["ETag"] != first["ETag"]


def test_it_asks_the_database_little(client, station, address, django_assert_max_num_queries):
    fill(station, [10 + n % 5 for n in range(1_440)], step=timedelta(minutes=1))
    with django_assert_max_num_queries(7):
        client.get(address)


def test_wrong_parameters_are_answered_with_a_sentence(client, address):
    answer = client.get(f"{address}?units=furlongs")
    assert answer.status_code == 400
    assert answer.content.decode().startswith("units: ")
