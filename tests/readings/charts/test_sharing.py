"""A station's page as described to other sites, and the page that they may put into a frame."""

from datetime import UTC, datetime, timedelta
from html import unescape
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from freetemp.fields import to_millis
from readings import ingest
from readings.charts.link_preview import preview
from readings.ingest.reports import Measurement
from stations.models import Station
from stations.units import METRIC

pytestmark = pytest.mark.django_db

HOSTILE = ["<script>alert(1)</script>", "\"'><img src=x>", "Дача 🌦 בית", "W" * 80]


class Page(HTMLParser):
    """The attributes of each element by its tag, and the text inside a textarea."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.snippet, self._inside = [], "", False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._inside = tag == "textarea"

    def handle_data(self, data):
        self.snippet += data if self._inside else ""

    def handle_endtag(self, tag):
        self._inside = False

    def of(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def meta(self):
        return {each.get("property", each.get("name")): each.get("content") for each in self.of("meta")}


def fill(station, values, field=1, step=timedelta(minutes=30)):
    now = timezone.now()
    rows = [(now - (len(values) - 1 - index) * step, value) for index, value in enumerate(values)]
    ingest.store(station, [Measurement(field, to_millis(at), value) for at, value in rows])


def page(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return Page(answer.content.decode())


@pytest.fixture
def address(station):
    return f"/stations/{station.pk}/embed/"


def test_a_public_page_says_its_newest_values_and_names_its_picture(client, station):
    station.fields.create(number=2, name="humidity", unit="%", decimals=0)
    fill(station, [20, 21.4])
    fill(station, [64], field=2)
    meta = page(client, station.get_absolute_url()).meta
    moment = f"{timezone.now().astimezone(station.zone):%-d %b %Y, %H:%M}"
    assert meta["og:title"] == "Garden"
    assert meta["og:description"] == f"Temperature 21.4\u202f°C, Humidity 64\u202f% · {moment}"
    assert meta["description"] == meta["og:description"] == meta["twitter:description"]
    assert meta["og:image"].startswith(f"{settings.SERVER_URL}/stations/{station.pk}/preview.png?")
    assert (meta["og:type"], meta["twitter:card"]) == ("website", "summary_large_image")


def test_a_value_of_another_moment_says_its_own(client, station):
    station.fields.create(number=2, name="humidity", unit="%", decimals=0)
    fill(station, [20, 21.4])
    old = timezone.now() - timedelta(days=40)
    ingest.store(station, [Measurement(2, to_millis(old), 64)])
    told = page(client, station.get_absolute_url()).meta["og:description"]
    words = f"{old.astimezone(station.zone):%-d %b %Y, %H:%M}"
    assert f"Humidity 64\u202f% ({words}) · " in told
    frame = client.get(f"/stations/{station.pk}/embed/").content.decode()
    assert f"{words}</time></small>" in frame


def test_the_picture_that_is_named_is_there_in_the_viewer_s_units_and_language(client, station):
    fill(station, [20, 21.4])
    address = page(client, f"{station.get_absolute_url()}?units=us&lang=de").meta["og:image"]
    assert address.endswith("units=us&lang=de")
    answer = client.get(address.removeprefix(settings.SERVER_URL))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")


def test_every_period_of_a_page_has_one_canonical_address(client, station):
    fill(station, [20, 21.4])
    for query in ("", "?period=week", "?units=us"):
        found = page(client, station.get_absolute_url() + query)
        (canonical,) = [each for each in found.of("link") if each.get("rel") == "canonical"]
        assert canonical["href"] == f"{settings.SERVER_URL}{station.get_absolute_url()}"


def test_the_home_page_says_what_it_is(client, station):
    meta = page(client, "/").meta
    assert meta["og:title"] == "Weather stations"
    assert meta["description"] == meta["og:description"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text_in_what_others_read_and_copy(client, station, name):
    Station.objects.update(name=name, place=name)
    station.fields.update(name=name[:40])
    fill(station, [20, 21.4])
    found = page(client, station.get_absolute_url())
    assert found.meta["og:title"] == name
    # The copied text is HTML again, and the name is text in it too.
    (frame,) = Page(found.snippet).elements
    assert frame[0] == "iframe"
    assert frame[1]["title"] == name
    assert not [each for each in found.of("img") if each["src"] == "x"]


def test_the_snippet_s_frame_and_the_pictures_to_copy_are_there(client, station):
    fill(station, [20, 21.4])
    found = page(client, f"{station.get_absolute_url()}?period=week")
    addresses = [Page(found.snippet).of("iframe")[0]["src"]]
    addresses += [each["value"] for each in found.of("input") if each.get("id", "").startswith("share-")]
    addresses += [each["data-save"] for each in found.of("button") if "data-save" in each]
    assert len(addresses) == 4
    for each in addresses:
        assert client.get(each.removeprefix(settings.SERVER_URL)).status_code == 200, each


def test_what_is_shared_of_today_goes_on_with_the_time_and_of_another_day_stays(client, station):
    fill(station, [20, 21.4])
    found = page(client, station.get_absolute_url())
    assert "period=24h" in found.snippet
    assert [each["value"] for each in found.of("input") if each.get("id") == "share-link"] == [
        f"{settings.SERVER_URL}{station.get_absolute_url()}"
    ]
    found = page(client, f"{station.get_absolute_url()}?date=2026-06-01")
    assert "period=day&amp;date=2026-06-01" in found.snippet


@pytest.mark.parametrize(
    ("query", "shared"),
    [("", "period=day&compare=before"), ("date=2026-06-01&", "period=day&date=2026-06-01&compare=before")],
)
def test_a_link_shows_the_comparison_too_and_a_picture_that_has_none_does_not_name_it(client, station, query, shared):
    fill(station, [20, 21.4])
    found = page(client, f"{station.get_absolute_url()}?{query}compare=before")
    (link,) = [each["value"] for each in found.of("input") if each.get("id") == "share-link"]
    assert link == f"{settings.SERVER_URL}{station.get_absolute_url()}?{shared}"
    pictures = [each["value"] for each in found.of("input") if each.get("id") == "share-1"]
    pictures += [each["data-save"] for each in found.of("button") if "data-save" in each]
    assert pictures
    assert not [each for each in (*pictures, found.snippet) if "compare" in each]


SHARED = ["chart.svg", "preview.png", "embed/"]


@pytest.mark.parametrize("shared", SHARED)
def test_what_is_not_public_is_shown_to_nobody_but_staff_and_kept_nowhere(client, keeping, station, shared):
    fill(station, [20, 21.4])
    Station.objects.update(public=False)
    address = f"{station.get_absolute_url()}{shared}"
    assert client.get(address).status_code == 404
    answer = keeping.get(address)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    assert "Access-Control-Allow-Origin" not in answer
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_page_that_is_not_public_names_nothing_to_share(keeping, station):
    fill(station, [20, 21.4])
    Station.objects.update(public=False)
    text = keeping.get(station.get_absolute_url()).content.decode()
    for each in ("og:", "twitter:", "preview.png", "embed/", "canonical"):
        assert each not in text


@pytest.mark.parametrize("shared", SHARED)
@pytest.mark.parametrize("pk", [99, 10**30])
def test_what_is_not_there_is_not_found(client, station, shared, pk):
    assert client.get(f"/stations/{pk}/{shared}").status_code == 404


def test_others_may_put_this_page_into_a_frame_and_no_other(client, station, address):
    fill(station, [20, 21.4])
    answer = client.get(address)
    assert "frame-ancestors *;" in f"{answer['Content-Security-Policy']};"
    assert "'none' *" not in answer["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer
    for other in (
        "/",
        station.get_absolute_url(),
        "/stations/99/",
        f"{station.get_absolute_url()}chart.svg",
        "/api/v1/docs/",
    ):
        answer = client.get(other)
        assert answer["X-Frame-Options"] == "DENY", other
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"], other


def test_it_loads_nothing_from_anywhere_else(client, address):
    policy = client.get(address)["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_a_frame_sets_no_cookie_and_reads_none(client, station, address):
    fill(station, [20, 21.4])
    plain = client.get(address).content
    chosen = Client()
    chosen.cookies["units"], chosen.cookies["language"] = "us", "de"
    assert chosen.get(address).content == plain
    for query in ("?units=us", "?lang=de", "?theme=dark"):
        assert not client.get(address + query).cookies


def test_it_shows_the_newest_values_in_the_units_and_the_language_of_its_address(client, station, address):
    fill(station, [20, 21.5])
    text = client.get(f"{address}?units=us&lang=de").content.decode()
    assert '<html lang="de"' in text
    assert "70,7" in text
    assert "°F" in text


def test_its_link_leads_to_the_station_s_own_page_in_a_new_tab(client, station, address):
    (link,) = page(client, address).of("a")
    assert link["href"] == f"{settings.SERVER_URL}{station.get_absolute_url()}"
    assert (link["target"], link["rel"]) == ("_blank", "noopener")


def test_every_picture_of_a_frame_is_there(client, station, address):
    fill(station, [20, 21.4])
    found = page(client, f"{address}?field=1&period=week&theme=dark&width=300&height=200&plain=0")
    pictures = [each["srcset"] for each in found.of("source")] + [found.of("img")[0]["src"]]
    assert len(pictures) == 4
    for each in pictures:
        answer = client.get(each)
        assert answer.status_code == 200, answer.content
        assert "prefers-color-scheme" not in answer.content.decode()


def test_the_field_of_the_chart_comes_first(client, station, address):
    station.fields.create(number=2, name="humidity", unit="%", decimals=0)
    fill(station, [20, 21.4])
    fill(station, [64], field=2)
    text = client.get(f"{address}?field=2").content.decode()
    assert text.index("<dt>Humidity") < text.index("<dt>Temperature")


def test_a_frame_asks_as_much_for_many_readings_as_for_few(client, station, address, django_assert_num_queries):
    fill(station, [20, 21.4])
    with CaptureQueriesContext(connection) as first:
        client.get(f"{address}?period=month")
    fill(station, [n % 7 for n in range(1_000)])
    with django_assert_num_queries(len(first)):
        client.get(f"{address}?period=month")
    assert len(first) <= 6


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text_in_a_frame(client, station, address, name):
    Station.objects.update(name=name, place=name)
    station.fields.update(name=name[:40], unit=name[:16])
    fill(station, [20, 21.4])
    text = client.get(address).content.decode()
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert name in unescape(text)


def test_a_station_without_readings_or_without_fields_has_a_frame(client, station, address):
    assert "Waiting for its first reading" in client.get(address).content.decode()
    station.fields.all().delete()
    assert "Waiting for its first reading" in client.get(address).content.decode()


def test_a_frame_s_wrong_parameter_is_answered_with_a_sentence(client, address):
    for query in ("field=9", "period=eon", "theme=pink", "lang=tlh", "units=furlongs", "start=%00"):
        answer = client.get(f"{address}?{query}")
        assert answer.status_code == 400
        assert answer.content.decode().startswith(f"{query.partition('=')[0]}: ")


def test_a_frame_is_not_sent_again_while_it_is_the_same(client, station, address):
    fill(station, [20, 21.4])
    first = client.get(address)
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    fill(station, [22])
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_the_line_tells_rain_since_midnight_and_a_direction_by_its_point(client, station):
    station.fields.all().delete()
    for number, (name, unit) in enumerate((("rain total", "mm"), ("wind direction", "deg"), ("rain", "mm")), start=1):
        station.fields.create(number=number, name=name, unit=unit)
    noon = datetime(2026, 5, 4, 10, tzinfo=UTC)
    values = [Measurement(1, to_millis(noon) - 86_400_000, 90.0), Measurement(1, to_millis(noon) - 60_000, 100.0)]
    values += [Measurement(1, to_millis(noon), 101.4), Measurement(2, to_millis(noon), 90.0)]
    values += [Measurement(3, to_millis(noon) - 86_400_000, 7.0)]
    ingest.store(station, values)
    told = page(client, station.get_absolute_url()).meta["og:description"]
    assert told.startswith("Rain total 11.4\u202fmm since midnight, Wind direction E (90°) · 4 May 2026, 12:00")
    found = preview(Station.objects.with_fields().get(pk=station.pk), METRIC, noon)
    assert (found.value, found.symbol, found.moment) == ("11.4", "mm", "since midnight, 4 May 2026, 12:00")
    assert found.others == ("Wind direction E (90°)",)
