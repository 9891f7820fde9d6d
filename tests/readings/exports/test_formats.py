"""import_readings finds the program that wrote a file by its header, and knows its columns. The values are made up."""

import gzip
import io
import json
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from readings.models import Reading
from stations.models import Station

pytestmark = pytest.mark.django_db

AT = datetime(2025, 6, 12, 12, tzinfo=UTC)  # 14:00 in Berlin

ECOWITT = (
    "Time,Timestamp,Indoor Temperature(°C),Indoor Humidity(%),Outdoor Temperature(°C),Outdoor Humidity(%),"
    "Dew Point(°C),Feels Like(°C),VPD(kPa),Wind(km/h),Gust(km/h),Wind Direction(deg),ABS Pressure(mmHg),"
    "REL Pressure(inHg),Solar Rad(W/m2),UV-Index,"
    "Rain Rate(in/Hr),Hourly Rain(in),Daily Rain(in),Yearly Rain(in),Piezo Yearly Rain(mm)\n"
    "2025-06-12 14:00,1749729600,21.0,55,20.0,50,9.3,20.0,1.1,36.0,72.0,259,750.0,29.92,500,4,0.1,0.0,0.2,10.0,250.0\n"
    "2025-06-12 14:05,1749729900,--,--,20.5,,9.3,20.0,1.1,36.0,72.0,259,750.0,29.92,500,4,0.1,0.0,0.2,10.0,250.0\n"
)
AMBIENT = (
    '"Date","Simple Date","Outdoor Temperature (°F)","Feels Like (°F)","Wind Speed (mph)","Wind Direction (°)",'
    '"Hourly Rain (in/hr)","Daily Rain (in)","Total Rain (in)","Relative Pressure (inHg)","Humidity (%)",'
    '"Ultra-Violet Radiation Index","Avg Wind Speed (10 mins) (mph)","Outdoor Battery"\n'
    "2025-06-12T08:05:00-04:00,2025-06-12 08:05:00,69.8,70,10,259,0,0.2,16.6,29.92,51,4,5,1\n"
    "2025-06-12T08:00:00-04:00,2025-06-12 08:00:00,68,70,10,259,0,0.2,16.6,29.92,50,4,5,1\n"
)
DAVIS = (
    '"Station","Somewhere"\n"Interval","5 minutes"\n\n'
    '"Date & Time","Barometer - in Hg","Inside Temp - °F","Temp - °F","High Temp - °F","Hum - %","Wind Speed - mph",'
    '"Wind Direction","High Wind Speed - mph","Rain - in","Rain Rate - in/h","Solar Rad - W/m^2"\n'
    '"6/12/25 2:00 PM","29.92","69.8","68.0","68.1","50","10","WSW","20","0.1","0.2","500"\n'
    '"6/12/25 2:05 PM","29.92","--","68.0","68.1","51","10","WSW","20","0.0","0.0","500"\n'
)
NETATMO = (
    "Name;Long;Lat;ModuleName;ModuleType\n"
    '"Garden";13.4;52.5;"Indoor";"Indoor"\n'
    'Timestamp;"Timezone : Europe/Berlin";Temperature;Humidity;CO2;Noise;Pressure\n'
    '1749729600;"2025/06/12 14:00:00";20.0;50;981;32;1013.2\n'
)
WEEWX = (
    "dateTime,usUnits,interval,barometer,pressure,outTemp,outHumidity,rain,rainRate,windSpeed,windDir,extraTemp1,signal1\n"
    "1749729600,{},5,{},{},{},50,{},{},{},259,{},1\n"
)
AMERICAN = WEEWX.format(1, 29.92, 29.5, 68, 0.1, 0.2, 10, 69.8)
METRIC = WEEWX.format(16, 1013.2, 1000, 20, 0.25, 0.5, 36, 21)
METRICWX = WEEWX.format(17, 1013.2, 1000, 20, 2.5, 5, 10, 21)
THINGSPEAK = (
    "created_at,entry_id,field1,field2,status\n2025-06-12 12:00:00 UTC,1,20.0,50,ok\n2025-06-12 12:05:00 UTC,2,,51,\n"
)
FEEDS = json.dumps(
    {
        "channel": {"id": 9, "field1": "Temperatur"},
        "feeds": [
            {"created_at": "2025-06-12T12:00:00Z", "entry_id": 1, "field1": "20.0", "field2": "50"},
            {"created_at": "2025-06-12T12:05:00Z", "entry_id": 2, "field1": None, "field2": "51", "status": "a,b\n"},
        ],
    }
)
HISTORY = (
    "entity_id,state,last_changed\nsensor.shed_temperature,20.0,2025-06-12T12:00:00.000Z\n"
    "sensor.shed_temperature,unavailable,2025-06-12T12:03:00.000Z\nsensor.humidity,50,2025-06-12T12:00:00.000Z\n"
)
STATISTICS = (
    "statistic_id\tunit\tstart\tmin\tmax\tmean\nsensor.gust\tkm/h\t12.06.2025 14:00\t0\t72\t36,0\n"
    "sensor.hall\t°C\t12.06.2025 14:00\t19,8\t20,4\t20,0\n"
)
BOX = (
    "sensorId,createdAt,value,lat,lon,phenomenon,unit\n5386026e5f08822009b8b612,2025-06-12T12:00:00.000Z,20,52,13,"
    "rel. Luftfeuchte,%\n5386026e5f08822009b8b613,2025-06-12T12:00:00.000Z,21,52,13,Temperatur,°C\n"
)
SEA = 1013.207589  # 29.92 inHg
# The first line that is printed, how many are stored, and values at AT by the names of fields that were added.
FILES = {
    "ecowitt": (
        ECOWITT,
        ("Ecowitt", 27),
        {
            "temperature": 20.0,
            "humidity": 50.0,
            "indoor temperature": 21.0,
            "wind speed": 10.0,
            "gust": 20.0,
            "pressure": 999.918,
            "sea-level pressure": SEA,
            "rain rate": 2.54,
            "rain": 254.0,
            "rain, piezo": 250.0,
        },
    ),
    "ambient": (
        AMBIENT,
        ("Ambient Weather", 18),
        {"temperature": 20.0, "wind speed": 4.4704, "rain": 421.64, "sea-level pressure": SEA, "UV index": 4.0},
    ),
    "davis": (
        DAVIS,
        ("Davis WeatherLink", 17),
        {"temperature": 20.0, "gust": 8.9408, "rain": 2.54, "rain rate": 5.08, "sea-level pressure": SEA},
    ),
    "netatmo": (NETATMO, ("Netatmo", 5), {"temperature": 20.0, "CO2": 981.0, "sea-level pressure": 1013.2}),
    "weewx, American": (
        AMERICAN,
        ("WeeWX", 9),
        {"temperature": 20.0, "rain": 2.54, "rain rate": 5.08, "wind speed": 4.4704, "temperature 2": 21.0},
    ),
    "weewx, metric": (METRIC, ("WeeWX", 9), {"temperature": 20.0, "rain": 2.5, "rain rate": 5.0, "wind speed": 10.0}),
    "weewx, metricwx": (
        METRICWX,
        ("WeeWX", 9),
        {"temperature": 20.0, "rain": 2.5, "rain rate": 5.0, "wind speed": 10.0},
    ),
    "home assistant": (HISTORY, ("Home Assistant", 1), {"shed temperature": 20.0}),
    "home assistant's statistics": (STATISTICS, ("Home Assistant", 1), {"gust": 10.0}),
    "opensensemap": (BOX, ("openSenseMap", 1), {"rel. Luftfeuchte": 20.0}),
    "thingspeak": (THINGSPEAK, ("ThingSpeak", 3), {"field1": 20.0, "field2": 50.0}),
    "thingspeak's JSON": (FEEDS, ("ThingSpeak", 3), {"field1": 20.0, "field2": 50.0}),
}


@pytest.fixture
def run(tmp_path, station, capsys):
    def run(content, *options, encoding="utf-8"):
        """Return what the command prints, by lines; a CommandError's sentence is the last."""
        file, out = tmp_path / "export.csv", io.StringIO()
        file.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        try:
            call_command("import_readings", "Garden", file, *options, stdout=out)
        except CommandError as error:
            out.write(str(error))
        return out.getvalue().splitlines()

    return run


def values_at(moment, station):
    names = dict(station.fields.values_list("number", "name"))
    return {
        names[number]: value
        for number, value in Reading.objects.filter(measured_at=moment).values_list("field", "value")
    }


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_known_by_its_header_and_stored_with_the_fields_that_it_adds(run, station, name):
    content, (program, count), expected = FILES[name]
    lines = run(content, "--add-fields")
    assert lines[0] == f"A file of {program}, by its header."
    assert lines[-1] == f"Garden: {count} stored, 0 there already, 0 there with another value, 0 refused."
    found = values_at(AT, station)
    assert {field: found[field] for field in expected} == pytest.approx(expected)
    assert "High Temp - °F" not in found


@pytest.mark.parametrize("name", FILES)
def test_a_dry_run_says_which_fields_would_be_added_and_adds_none(run, station, name):
    content, (_, count), _ = FILES[name]
    lines = run(content, "--add-fields", "--dry-run")
    assert lines[1].startswith("Would be added to Garden: ")
    assert lines[-1].startswith(f"Garden: {count} would be stored, ")
    assert station.fields.count() == 1
    assert not Reading.objects.exists()


def test_without_the_option_only_fields_that_are_there_are_filled_and_the_others_are_named(run, station):
    lines = run(NETATMO)
    missing = "humidity [%], CO2 [ppm], noise [dB], sea-level pressure [hPa]"
    assert lines[1] == f"Garden has no field for: {missing}. --add-fields adds them."
    assert "Columns left out: Timezone : Europe/Berlin, Humidity, CO2, Noise, Pressure." in lines
    assert values_at(AT, station) == {"temperature": 20.0}


def test_an_archive_of_weewx_is_read_as_it_is(run, station, tmp_path):
    archive = sqlite3.connect(tmp_path / "weewx.sdb")
    archive.execute(
        "CREATE TABLE archive (dateTime INTEGER, usUnits INTEGER, interval INTEGER, outTemp REAL, rain REAL)"
    )
    rows = [(1749729600 + 300 * n, 1 if n < 3 else 16, 5, 68 + n if n else None, 0.01 * n) for n in range(4)]
    archive.executemany("INSERT INTO archive VALUES (?, ?, ?, ?, ?)", reversed(rows))
    archive.commit()
    archive.close()
    lines = run((tmp_path / "weewx.sdb").read_bytes(), "--add-fields")
    assert "Rows left out by --only: 1." in lines
    assert lines[-1].startswith("Garden: 5 stored")
    assert values_at(AT + timedelta(minutes=10), station) == {"temperature": 21.111111, "rain": 0.508}


def test_a_database_or_json_of_another_program_is_refused_with_a_sentence(run, tmp_path):
    with sqlite3.connect(tmp_path / "other.sdb") as other:
        other.execute("CREATE TABLE weather (x)")
    assert "but not an archive of WeeWX: no such table: archive" in run((tmp_path / "other.sdb").read_bytes())[-1]
    assert "the JSON of a channel of ThingSpeak expected" in run('{"weather": []}')[-1]
    assert "cannot be read" in run("{not JSON")[-1]


def test_another_sensor_of_a_file_with_one_value_a_row_is_chosen_by_options(run, station):
    run(HISTORY, "--only=entity_id=sensor.humidity", "--column=state=temperature")
    assert values_at(AT, station) == {"temperature": 50.0}


def test_a_file_of_one_sensor_of_opensensemap_says_that_it_does_not_say_which(run, station):
    archived = "createdAt,value\n2025-06-12T12:00:00.000Z,20\n"
    assert "Garden has no field for value" in run(archived)[-1]
    run(archived, "--column=value=temperature")
    assert values_at(AT, station) == {"temperature": 20.0}


def test_a_name_and_a_unit_that_no_field_takes_are_not_taken_over(run, station):
    rows = f"x,2025-06-12T12:00:00Z,20,fo\0o,{'u' * 17}\n"
    run(f"sensorId,createdAt,value,phenomenon,unit\n{rows}", "--add-fields")
    added = station.fields.get(number=2)
    assert (added.name, added.unit) == ("fo o", "")


def test_a_file_packed_by_gzip_is_imported_as_it_is(run):
    assert run(gzip.compress(FEEDS.encode()), "--add-fields")[-1].startswith("Garden: 3 stored")


def test_a_view_in_the_place_of_the_archive_is_not_asked(run, tmp_path):
    """Its rows may never end."""
    with sqlite3.connect(tmp_path / "evil.sdb") as evil:
        endless = "WITH RECURSIVE r(dateTime) AS (VALUES(1) UNION ALL SELECT dateTime + 1 FROM r) SELECT * FROM r"
        evil.execute(f"CREATE VIEW archive AS {endless}")
    assert "but not an archive of WeeWX: no such table" in run((tmp_path / "evil.sdb").read_bytes())[-1]


def test_columns_that_a_database_computes_are_left_out(run, station, tmp_path):
    """A row of them may have gigabytes."""
    with sqlite3.connect(tmp_path / "evil.sdb") as evil:
        computed = ", ".join(f"g{n} TEXT AS (hex(zeroblob(499999)))" for n in range(1900))
        evil.execute(
            f'CREATE TABLE archive (dateTime INTEGER, usUnits INTEGER, interval INTEGER, outTemp, "a""b", {computed})'
        )
        evil.execute("INSERT INTO archive VALUES (1749729600, 1, 5, 68, 1)")
    lines = run((tmp_path / "evil.sdb").read_bytes())
    assert lines[-1].startswith("Garden: 1 stored")
    assert next(line for line in lines if "left out" in line) == 'Columns left out: interval, a"b.'


def test_json_with_other_names_in_each_feed_is_refused_with_a_sentence(run):
    """Each row would have a cell for each name."""
    feeds = [{f"a{n}": 1} for n in range(10_000)]
    assert "at most 200 names in “feeds” expected" in run(json.dumps({"feeds": feeds}))[-1]
    assert "the JSON of a channel of ThingSpeak expected" in run('{"feeds": ["field1"]}')[-1]


def test_fields_of_a_device_are_found_by_the_names_that_it_sends(run, station):
    station.fields.filter(number=1).update(name="outside", source="tempf")
    run(AMERICAN)
    assert values_at(AT, station) == {"outside": 20.0}


def test_rain_since_the_row_before_does_not_come_into_a_total(run, station):
    station.fields.create(number=2, name="rain", unit="mm", quantity="rain_counter")
    run(AMERICAN, "--add-fields")
    assert values_at(AT, station)["rain (2)"] == 2.54


def test_a_column_that_is_named_goes_before_what_the_header_tells(run, station):
    lines = run(AMERICAN, "--column=extraTemp1=temperature [degF]")
    assert values_at(AT, station) == {"temperature": 21.0}
    assert "outTemp" in next(line for line in lines if line.startswith("Columns left out"))


@pytest.mark.parametrize("told", ["1", "1 [degF]", "Temperature (degF)"])
def test_a_field_that_is_named_by_its_number_or_with_a_unit_is_filled_by_that_column_alone(run, station, told):
    run(AMERICAN, f"--column=extraTemp1={told}")
    assert values_at(AT, station) == {"temperature": 69.8 if told == "1" else 21.0}


def test_a_unit_that_does_not_fit_leaves_its_column_out(run, station):
    station.fields.create(number=2, name="solar radiation", unit="W/m2", quantity="solar_radiation")
    lines = run(ECOWITT.replace("Solar Rad(W/m2)", "Solar Rad(klux)"))
    assert "Solar Rad(klux)" in next(line for line in lines if line.startswith("Columns left out"))
    assert values_at(AT, station) == {"temperature": 20.0}


def test_a_file_of_davis_in_its_own_encoding_and_the_newer_one_without_a_degree_sign_are_read(run, station):
    assert run(DAVIS, encoding="cp1252")[-1].startswith("Garden: 2 stored")
    assert run(DAVIS.replace("°F", "F"))[-1].startswith("Garden: 0 stored, 2 there already")


def test_local_times_of_an_old_ecowitt_file_pass_the_double_hour(run, station):
    header = "Time,Outdoor Temperature(℃),ABS Pressure(hPa)\n"
    night = [datetime(2024, 10, 26, 23, tzinfo=UTC) + timedelta(minutes=10 * n) for n in range(24)]
    local = [at.astimezone(station.zone).strftime("%Y-%m-%d %H:%M") for at in night]
    rows = [f"{time},{n},1000\n" for n, time in enumerate(local)]
    assert run(header + "".join(rows))[-1].startswith("Garden: 24 stored")
    found = Reading.objects.order_by("measured_at").values_list("measured_at", "value")
    assert list(found) == [(at, float(n)) for n, at in enumerate(night)]


def test_a_format_that_is_told_must_be_the_files(run):
    assert run(NETATMO, "--format=weewx") == ["The header is not one of WeeWX's: docs/import.md shows it."]
    assert run(NETATMO, "--format=netatmo")[-1].startswith("Garden: 1 stored")
    assert "name the one with the moments" in run(NETATMO, "--format=own")[-1]


def test_what_a_person_tells_of_the_moments_is_taken_without_a_guess(run):
    assert run(NETATMO, "--time-column=Timestamp")[0].startswith("temperature [degC]: 1 value")


def test_a_file_none_of_whose_columns_has_a_field_says_what_to_do(run):
    assert run(THINGSPEAK) == [
        "A file of ThingSpeak, by its header.",
        "This is a file of ThingSpeak, and Garden has no field for field1, field2. Add fields by --add-fields, or name"
        " columns, such as --column field1=temperature.",
    ]
    assert run(THINGSPEAK, "--column=field1=temperature")[-1].startswith("Garden: 1 stored")
    assert Station.objects.get().fields.count() == 1
