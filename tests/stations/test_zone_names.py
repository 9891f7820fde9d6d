"""Time zones as people name them: cities in any spelling are found, and offsets are answered by places."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from stations.models import Station
from stations.zone_names import ZoneNameError, offset_name, parse_zone, suggested_zones, time_zones

pytestmark = pytest.mark.sqlite_only


def refused(text):
    with pytest.raises(ZoneNameError) as error:
        parse_zone(text)
    return str(error.value)


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("  new   york ", "America/New_York"),
        ("New_York", "America/New_York"),
        ("São Paulo", "America/Sao_Paulo"),
        ("SAO PAULO", "America/Sao_Paulo"),
        ("St. John's", "America/St_Johns"),
        ("Port au Prince", "America/Port-au-Prince"),
        ("Buenos Aires", "America/Argentina/Buenos_Aires"),
        ("argentina/buenos aires", "America/Argentina/Buenos_Aires"),
        ("Louisville", "America/Kentucky/Louisville"),
        ("Berlin, Germany", "Europe/Berlin"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern", "Europe/Amsterdam"),
        ("Austria", "Europe/Vienna"),
        ("Japan", "Asia/Tokyo"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("US/Eastern", "America/New_York"),
        ("Europe/Oslo", "Europe/Oslo"),
        ("utc", "UTC"),
        ("Etc/UTC", "Etc/UTC"),
    ],
)
def test_a_place_is_found_in_any_spelling(typed, zone):
    assert parse_zone(typed) == zone


def test_every_name_with_a_slash_is_a_zone_with_the_same_clock():
    now = datetime.now(UTC)
    for zone in time_zones():
        if "/" in zone and not zone.startswith("Etc/G"):
            assert now.astimezone(ZoneInfo(parse_zone(zone))).utcoffset() == now.astimezone(ZoneInfo(zone)).utcoffset()


ONE_EAST = [
    *("GMT+1", "gmt +1", "UTC+1", "utc+01", "UTC+01:00", "UTC1", "+1", "+01:00", "+0100", "UT+1"),
    *("Etc/GMT-1", "etc/gmt-1", "Etc/GMT-1 (UTC-1)"),
]


@pytest.mark.parametrize("typed", ONE_EAST)
def test_an_offset_east_is_answered_by_places_in_the_east(typed):
    sentence = refused(typed)
    assert "Europe/Berlin" in sentence
    assert "Africa/Lagos" in sentence
    assert "(UTC+1, in summer UTC+2)" in sentence
    assert sentence.endswith("For UTC+1 all year, write “Etc/GMT-1 (UTC+1)”.")


@pytest.mark.parametrize("typed", ["GMT-5", "UTC\N{MINUS SIGN}5", "-05:00", "Etc/GMT+5"])
def test_an_offset_west_is_answered_by_places_in_the_west(typed):
    assert "America/New_York" in refused(typed)
    assert "write “Etc/GMT+5 (UTC-5)”" in refused(typed)


def test_what_a_turned_name_means_is_said():
    assert refused("Etc/GMT+1").startswith("“Etc/GMT+1” is UTC-1: in these names the sign is turned round.")


@pytest.mark.parametrize(
    ("typed", "zone"),
    [("Etc/GMT-1 (UTC+1)", "Etc/GMT-1"), ("etc/gmt+5(utc-5)", "Etc/GMT+5"), ("Etc/GMT-14 (UTC+14)", "Etc/GMT-14")],
)
def test_a_fixed_offset_is_accepted_with_its_meaning_beside_it(typed, zone):
    assert parse_zone(typed) == zone


def test_the_sentence_s_own_way_out_is_accepted():
    for hours in range(1, 13):
        spelled = refused(f"UTC+{hours}").rpartition("write “")[2].rstrip("”.")
        offset = datetime(2026, 1, 1, tzinfo=UTC).astimezone(ZoneInfo(parse_zone(spelled))).utcoffset()
        assert offset.total_seconds() == hours * 3600


@pytest.mark.parametrize("offset", ["UTC+5:30", "UTC+5:45", "-3:30", "UTC+8", "UTC-9", "+12:45"])
def test_each_place_that_is_named_has_the_offset(offset):
    places = [word.strip(",;.") for word in refused(offset).split() if "/" in word and "Etc/" not in word]
    assert places
    text = offset.removeprefix("UTC")
    sign, (hours, _, minutes) = (-1 if text[0] == "-" else 1), text[1:].partition(":")
    wanted_s = sign * (int(hours) * 3600 + int(minutes or 0) * 60)
    year = datetime.now(UTC).year
    for place in places:
        seasons = [datetime(year, month, 1, tzinfo=UTC).astimezone(ZoneInfo(place)) for month in (1, 7)]
        assert min(each.utcoffset().total_seconds() for each in seasons) == wanted_s, place


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        *(("CET", "Europe/Berlin"), ("cet", "Europe/Berlin"), ("MEZ", "Europe/Berlin"), ("MESZ", "Europe/Berlin")),
        *(("OEZ", "Europe/Athens"), ("EST", "America/New_York"), ("EST5EDT", "America/New_York")),
        *(("PT", "America/Los_Angeles"), ("BST", "Europe/London"), ("GMT", "Europe/London")),
        *(("IST", "Asia/Kolkata"), ("IST", "Europe/Dublin"), ("IST", "Asia/Jerusalem"), ("JST", "Asia/Tokyo")),
    ],
)
def test_an_abbreviation_is_answered_by_its_places(typed, place):
    assert place in refused(typed)


def test_an_offset_that_is_only_in_summer_names_the_place_that_has_it():
    assert "America/St_Johns (UTC-3:30, in summer UTC-2:30)" in refused("UTC-2:30")


@pytest.mark.parametrize("typed", ["UTC+13:37", "+99", "Etc/GMT+20"])
def test_what_no_clock_shows_is_refused_with_the_way_on(typed):
    assert "city" in refused(typed)


def test_a_country_of_several_zones_and_a_word_of_several_countries_ask_which():
    assert "Europe/Berlin or Europe/Busingen" in refused("Germany")
    assert "Canada/Eastern or US/Eastern" in refused("Eastern")
    assert "America/New_York" in refused("United States")
    assert "America/Los_Angeles" in refused("United States")


@pytest.mark.parametrize("typed", ["", "Mars", "1", "Factory", "../Europe/Berlin", "Europe/Berlin\x00", "x" * 5000])
def test_anything_else_is_no_time_zone(typed):
    assert "is not an IANA time zone" in refused(typed)


def test_a_slip_is_answered_by_the_nearest_name():
    assert refused("Berln") == "“Berln” is not an IANA time zone: did you mean Europe/Berlin?"


def test_what_is_suggested_is_accepted_and_does_not_mislead():
    suggested = suggested_zones()
    assert "Asia/Kathmandu" in suggested
    assert not [zone for zone in suggested if zone.startswith("Etc/")]
    assert all(parse_zone(zone) in time_zones() for zone in suggested)


@pytest.mark.parametrize(
    ("seconds", "name"), [(0, "UTC+0"), (3600, "UTC+1"), (-12600, "UTC-3:30"), (20700, "UTC+5:45")]
)
def test_an_offset_is_written_as_people_do(seconds, name):
    assert offset_name(seconds) == name


@pytest.mark.django_db
class TestOfAStation:
    def test_a_city_is_kept_as_its_zone(self):
        station = Station(name="Roof", timezone="new york")
        station.full_clean()
        assert station.timezone == "America/New_York"

    def test_a_fixed_offset_that_a_station_has_already_stays(self):
        station = Station.objects.create(name="Roof", timezone="Etc/GMT-1")
        station.place = "The roof"
        station.full_clean()
        assert station.timezone == "Etc/GMT-1"

    def test_the_likely_zone_is_the_setting_s_then_the_newest_station_s(self, settings):
        assert Station.objects.likely_time_zone() == "UTC"
        Station.objects.create(name="Old", timezone="Asia/Kathmandu")
        Station.objects.create(name="New", timezone="Europe/Berlin")
        Station.objects.create(name="Nobody's choice", timezone="UTC")
        Station.objects.create(name="Demo", timezone="America/New_York", simulated=True)
        assert Station.objects.likely_time_zone() == "Europe/Berlin"
        settings.STATION_TIME_ZONE = "Asia/Tokyo"
        assert Station.objects.likely_time_zone() == "Asia/Tokyo"
