"""The first page without a browser: the visibility of stations' places, the search, and hostile words."""

import pytest
from django.utils import timezone

from freetemp.conf.map_tiles import Credit, Tiles
from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.reports import Measurement
from stations.models import Station

pytestmark = pytest.mark.django_db

TILES = Tiles("https://tile.example/{z}/{x}/{y}.png", "https://tile.example")


@pytest.fixture
def with_tiles(settings):
    settings.MAP_TILES = TILES
    settings.MAP_CREDIT = Credit("<b>mine", "https://tile.example/?a=1&b=2")


@pytest.fixture
def stations():
    here = {"latitude": 52.5, "longitude": 13.25}
    Station.objects.create(name="Shown", on_map=True, **here)
    Station.objects.create(name="Unshown", latitude=48.125, longitude=-9.0625)
    Station.objects.create(name="Private", public=False, on_map=True, latitude=1.5, longitude=2.5)
    Station.objects.create(name="Resting", active=False, on_map=True, latitude=3.5, longitude=4.5)
    Station.objects.create(name="Nowhere")


def home(client, address="/"):
    return client.get(address).content.decode()


@pytest.mark.usefixtures("with_tiles", "stations")
def test_a_visitor_is_told_where_stations_are_that_are_shown_on_the_map_and_no_others(client):
    page = home(client)
    assert page.count("data-at=") == 1
    assert 'data-at="52.5,13.25"' in page
    for hidden in ("48.125", "9.0625", "Private", "1.5,2.5", "Resting"):
        assert hidden not in page


@pytest.mark.usefixtures("with_tiles", "stations")
def test_staff_are_told_where_every_station_is(client, keeping):
    page = home(keeping)
    assert [at.partition('"')[0] for at in page.split('data-at="')[1:]] == ["1.5,2.5", "52.5,13.25", "48.125,-9.0625"]
    assert page.count("Not public") == 1


@pytest.mark.usefixtures("with_tiles", "stations")
def test_coordinates_have_points_whatever_the_language(client):
    assert 'data-at="52.5,13.25"' in home(client, "/?lang=de")


@pytest.mark.usefixtures("stations")
def test_without_tiles_there_is_no_map_and_no_coordinate(client):
    page = home(client)
    for absent in ("data-at", "leaflet", "map.css", "map.js", "52.5"):
        assert absent not in page
    assert "tile.example" not in client.get("/")["Content-Security-Policy"]


@pytest.mark.usefixtures("stations")
def test_without_tiles_staff_are_told_which_setting_is_missing_and_viewers_are_not(client, keeping):
    assert "2 stations are marked “Shown on the map”, and there is no map yet: MAP_TILES_URL" in home(keeping)
    Station.objects.filter(name="Private").update(on_map=False)
    assert "1 station is marked “Shown on the map”" in home(keeping)
    assert "MAP_TILES_URL" not in home(client)
    Station.objects.update(on_map=False)
    assert "MAP_TILES_URL" not in home(keeping)


@pytest.mark.usefixtures("with_tiles", "stations")
def test_with_tiles_nobody_is_told_of_a_missing_setting(keeping):
    assert "MAP_TILES_URL" not in home(keeping)


@pytest.mark.usefixtures("with_tiles")
def test_without_a_station_that_has_a_place_there_is_no_map_either(client, station):
    response = client.get("/")
    assert "leaflet" not in response.content.decode()
    assert "tile.example" not in response["Content-Security-Policy"]


@pytest.mark.usefixtures("with_tiles", "stations")
def test_whose_map_it_is_is_text(client):
    page = home(client)
    assert '<a href="https://tile.example/?a=1&amp;b=2">&lt;b&gt;mine</a>' in page
    assert 'data-tiles="https://tile.example/{z}/{x}/{y}.png"' in page
    policy = client.get("/")["Content-Security-Policy"]  # The order of its parts differs in each process.
    assert "img-src 'self' data: https://tile.example;" in f"{policy};"


@pytest.mark.usefixtures("with_tiles")
def test_the_map_asks_nothing_more_of_the_database(client, django_assert_num_queries):
    for count in (1, 30):
        while Station.objects.count() < count:
            here = {"latitude": Station.objects.count(), "longitude": 13}
            station = Station.objects.create(name=f"Station {Station.objects.count()}", on_map=True, **here)
            ingest.store(station, [Measurement(1, to_millis(timezone.now()), 15.0)])
        with django_assert_num_queries(3):
            assert home(client).count("data-at") == count


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("", ["Café Öl", "Straße"]),
        ("CAFÉ", ["Café Öl"]),
        ("öl café", ["Café Öl"]),
        ("strasse", ["Straße"]),
        ("hill", ["Straße"]),
        ("caf nothing", []),
        ("%25", []),
        ("%00", []),
        ("x" * 5_000, []),
        ("%3Cscript%3Ealert(1)", []),
        ("%ff", []),
    ],
)
def test_stations_are_found_by_their_name_and_place(client, wanted, found):
    Station.objects.create(name="Café Öl")
    Station.objects.create(name="Straße", place="On the <hill>")
    page = home(client, f"/?q={wanted}")
    cards = page.split("<li ")[1:]
    assert len(cards) == 2
    assert [
        name for card, name in zip(cards, ["Café Öl", "Straße"], strict=True) if " hidden" not in card[:30]
    ] == found
    assert "<script>alert" not in page
    assert "<hill>" not in page
