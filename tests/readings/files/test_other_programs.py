"""Files of other programs, as they write them, imported by the options that docs/import.md names."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from readings.models import Reading
from stations.models import Station

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).parents[3]
NOON = datetime(2021, 6, 1, 12, tzinfo=UTC)

THINGSPEAK = """\
created_at,entry_id,field1,field2,latitude,longitude,elevation,status
2018-03-04 06:10:02 UTC,1,12,43,,,,
2018-03-04 06:15:09 UTC,2,12,,,,,
2018-03-04 06:20:31 UTC,3,13,45,,,,ok
"""
WEEWX = """\
dateTime,usUnits,interval,barometer,outTemp,outHumidity
1622548800,1,5,29.92,68.0,51
1622549100,1,5,29.92,,51
"""
ECOWITT = """\
Time,Timestamp,Outdoor Temperature(℉),Outdoor Humidity(%),REL Pressure(inHg)
2021-06-01 14:00,1622548800,68.0,51,29.92
2021-06-01 14:05,1622549100,--,51,29.92
"""
EASYWEATHER = """\
No.\tTime\tInterval(Min)\tIndoor Temperature(℃)\tOutdoor Temperature(℃)\tOutdoor Humidity(%)\tRelative Pressure(hpa)
1\t01/06/2021 14:00\t5\t22,1\t20,0\t51\t1013,2
2\t01/06/2021 14:05\t5\t22,1\t---\t51\t1013,2
"""
NETATMO = """\
Name;Long;Lat;ModuleName;ModuleType
"Garden";13.4;52.5;"Outside";"Outdoor"
Timestamp;"Timezone : Europe/Berlin";Temperature;Humidity
1622548800;"2021/06/01 14:00:00";20;51
1622549100;"2021/06/01 14:05:00";;51
"""
WUNDERGROUND = """\

Time,TemperatureF,DewpointF,PressureIn,Humidity,SoftwareType,DateUTC<br>
2021-06-01 14:00:00,68.0,47.0,29.92,51,weewx-4.5,2021-06-01 12:00:00,
2021-06-01 14:05:00,,47.0,29.92,51,weewx-4.5,2021-06-01 12:05:00,
"""
HOME_ASSISTANT = """\
entity_id,state,last_changed
sensor.indoor,22.1,2021-06-01T12:00:00.000Z
sensor.outdoor,20,2021-06-01T12:00:00.000Z
sensor.outdoor,unavailable,2021-06-01T12:04:00.000Z
"""
STATISTICS = """\
statistic_id\tunit\tstart\tmin\tmax\tmean
sensor.indoor\t°C\t01.06.2021 14:00\t22,0\t22,2\t22,1
sensor.outdoor\t°C\t01.06.2021 14:00\t19,8\t20,4\t20,0
"""
INFLUXDB = """\
#datatype,string,long,dateTime:RFC3339,double,string,string
#group,false,false,false,false,true,true
#default,_result,,,,,
,result,table,_time,_value,_field,_measurement
,,0,2021-06-01T12:00:00.123456789Z,20.0,temp,weather
,,1,2021-06-01T12:00:00Z,51,humidity,weather

#datatype,string,long,dateTime:RFC3339,double,string,string
#group,false,false,false,false,true,true
#default,_result,,,,,
,result,table,_time,_value,_field,_measurement
,,2,2021-06-01T12:05:00Z,20.5,temp,weather
"""
INFLUXDB_1 = """\
name,time,temp,humidity
weather,1622548800000000000,20,51
weather,1622549100000000000,,51
"""
T, H, P = (("temperature", "degC"), ("humidity", "%"), ("sea-level pressure", "hPa"))


@pytest.fixture
def garden(station):
    station.fields.create(number=2, name="humidity", unit="%")
    station.fields.create(number=3, name="sea-level pressure", unit="hPa")
    return station


@pytest.fixture
def run(tmp_path, garden):
    def run(text, *options, encoding="utf-8"):
        """Return what the command prints, by lines; a CommandError's sentence is the last."""
        file, out = tmp_path / "export.csv", io.StringIO()
        file.write_text(text, encoding, newline="")
        try:
            call_command("import_readings", "Garden", file, *options, stdout=out)
        except CommandError as error:
            out.write(str(error))
        return out.getvalue().splitlines()

    return run


def values(moment, field=None):
    found = Reading.objects.filter(measured_at=moment).order_by("field")
    return list(found.values_list("field", "value"))


SOURCES = {
    "ThingSpeak": (THINGSPEAK, ["--time-column=created_at", "--column=field1=temperature", "--column=field2=humidity"]),
    "WeeWX": (
        WEEWX,
        [
            "--time-column=dateTime",
            "--column=outTemp=temperature [degF]",
            "--column=outHumidity=humidity",
            "--column=barometer=sea-level pressure [inHg]",
        ],
    ),
    "Ecowitt": (
        ECOWITT,
        [
            "--time-column=Time",
            "--column=Outdoor Temperature=temperature",
            "--column=Outdoor Humidity=humidity",
            "--column=REL Pressure=sea-level pressure",
        ],
    ),
    "EasyWeather": (
        EASYWEATHER,
        [
            "--time-column=Time",
            "--date-order=dmy",
            "--column=Outdoor Temperature=temperature",
            "--column=Outdoor Humidity=humidity",
            "--column=Relative Pressure=sea-level pressure",
        ],
    ),
    "Netatmo": (NETATMO, ["--time-column=Timestamp"]),
    "Weather Underground": (
        WUNDERGROUND.replace("<br>", ""),
        [
            "--time-column=DateUTC",
            "--timezone=UTC",
            "--column=TemperatureF=temperature [degF]",
            "--column=PressureIn=sea-level pressure [inHg]",
        ],
    ),
    "Home Assistant's history": (
        HOME_ASSISTANT,
        ["--time-column=last_changed", "--only=entity_id=sensor.outdoor", "--column=state=temperature"],
    ),
    "Home Assistant's statistics": (
        STATISTICS,
        ["--time-column=start", "--only=statistic_id=sensor.outdoor", "--column=mean=temperature"],
    ),
    "InfluxDB": (INFLUXDB, ["--time-column=_time", "--only=_field=temp", "--column=_value=temperature"]),
    "InfluxDB 1": (INFLUXDB_1, ["--time-column=time", "--column=temp=temperature"]),
}
EXPECTED = {
    "ThingSpeak": ("5 stored", datetime(2018, 3, 4, 6, 10, 2, tzinfo=UTC), [(1, 12.0), (2, 43.0)]),
    "WeeWX": ("5 stored", NOON, [(1, 20.0), (2, 51.0), (3, 1013.207589)]),
    "Ecowitt": ("5 stored", NOON, [(1, 20.0), (2, 51.0), (3, 1013.207589)]),
    "EasyWeather": ("5 stored", NOON, [(1, 20.0), (2, 51.0), (3, 1013.2)]),
    "Netatmo": ("3 stored", NOON, [(1, 20.0), (2, 51.0)]),
    "Weather Underground": ("5 stored", NOON, [(1, 20.0), (2, 51.0), (3, 1013.207589)]),
    "Home Assistant's history": ("1 stored", NOON, [(1, 20.0)]),
    "Home Assistant's statistics": ("1 stored", NOON, [(1, 20.0)]),
    "InfluxDB": ("2 stored", NOON.replace(microsecond=123_000), [(1, 20.0)]),
    "InfluxDB 1": ("3 stored", NOON, [(1, 20.0), (2, 51.0)]),
}


@pytest.mark.parametrize("source", SOURCES)
def test_a_file_of_another_program_is_imported(run, source):
    text, options = SOURCES[source]
    stored, moment, expected = EXPECTED[source]
    lines = run(text, *options)
    assert lines[-1] == f"Garden: {stored}, 0 there already, 0 there with another value, 0 refused."
    assert values(moment) == expected


@pytest.mark.parametrize("source", SOURCES)
def test_the_options_of_each_source_are_documented(source):
    page = (ROOT / "docs" / "import.md").read_text()
    missing = [
        option
        for option in SOURCES[source][1]
        if option.replace("=", " ", 1).replace('"', "") not in page.replace('"', "")
    ]
    assert missing == []


def test_columns_that_are_left_out_are_named(run):
    lines = run(*[SOURCES["ThingSpeak"][0]], *SOURCES["ThingSpeak"][1][:2])
    assert "Columns left out: entry_id, field2, latitude, longitude, elevation, status." in lines
    assert "temperature [degC]: 3 values from 12 to 13, from “field1”." in lines


def test_rows_that_are_left_out_are_counted_and_conversions_named(run):
    assert "Rows left out by --only: 1." in run(*HOME_ASSISTANT_OPTIONS)
    told = run(SOURCES["WeeWX"][0], *SOURCES["WeeWX"][1])
    assert "temperature [degC]: 1 value from 20 to 20, from “outTemp”, converted." in told


HOME_ASSISTANT_OPTIONS = (HOME_ASSISTANT, *SOURCES["Home Assistant's history"][1])


def test_a_header_that_no_option_explains_is_answered_with_the_option(run):
    assert run(THINGSPEAK, "--format=own")[-1].endswith("such as --time-column created_at.")
    sentence = run(THINGSPEAK, "--time-column=created_at")[-1]
    assert sentence.endswith("Name the ones to import, such as --column entry_id=temperature.")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--column=field1=wind"], "Garden has no field “wind”: it has temperature, humidity, sea-level pressure."),
        (["--column=field9=temperature"], "A column “field9” is not in the file: it has created_at, entry_id, field1"),
        (["--column=field1=temperature", "--column=field2=1"], "“field1” and “field2” cannot both be temperature."),
        (["--column=field1=temperature [%]"], "“field1” is not in degC, the unit of temperature, and % cannot be"),
        (["--column=field1=temperature", "--only=channel=1"], "A column “channel” is not in the file"),
    ],
)
def test_a_wrong_option_is_answered_with_a_sentence(run, options, sentence):
    assert sentence in run(THINGSPEAK, "--time-column=created_at", *options)[-1]
    assert not Reading.objects.exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--column=field1"], "“field1” has not the form COLUMN=..."),
        (["--delimiter=ab"], "one character expected, or tab"),
        (["--timezone=GMT+1"], "“GMT+1” is an offset and knows no summer time"),
        (["--encoding=klingon"], "There is no encoding “klingon”"),
    ],
)
def test_an_option_of_the_wrong_form_is_named(run, options, sentence):
    assert sentence in run(THINGSPEAK, *options)[-1]


def test_a_named_column_goes_before_one_with_the_fields_name(run):
    lines = run("measured_at,temperature,better\n2021-06-01T12:00Z,1,2\n", "--column=better=temperature")
    assert "Columns left out: temperature." in lines
    assert values(NOON) == [(1, 2.0)]


def test_columns_are_found_by_their_sign_or_by_the_one_that_is_told(run):
    text = "measured_at|temperature\n2021-06-01T12:00Z|1\n"
    assert run(text)[-1].startswith("Garden: 1 stored")
    assert run(text.replace("|", "!"), "--delimiter=!")[-1].startswith("Garden: 0 stored, 1 there already")
    assert run(text.replace("|", "\t"), "--delimiter=tab")[-1].startswith("Garden: 0 stored, 1 there already")


def test_a_file_has_one_decimal_sign(run, capsys):
    text = "measured_at;temperature;sea-level pressure\n2021-06-01T12:00Z;21,5;1.013\n2021-06-01T12:01Z;21,5;1.013,2\n"
    assert "3 refused" not in run(text)[-1]
    log = capsys.readouterr().err
    assert "line 2: sea-level pressure: 1.013 has a decimal “.”, and rows before it have “,”" in log
    assert "line 3: sea-level pressure: a decimal number expected" in log
    assert values(NOON) == [(1, 21.5)]


def test_a_file_in_another_encoding_is_read_when_it_is_told(run):
    text = "Zeit;Außentemperatur (°C)\n2021-06-01 14:00;20,5\n"
    options = ("--time-column=Zeit", "--column=Außentemperatur=temperature")
    assert "The first line is not UTF-8" in run(text, *options, encoding="cp1252")[-1]
    assert run(text, *options, "--encoding=cp1252", encoding="cp1252")[-1].startswith("Garden: 1 stored")


def test_a_logger_s_sign_for_no_reading_is_answered_with_the_command_that_removes_it(run, garden):
    garden.fields.filter(number=1).update(smallest=-40, largest=60)
    lines = run("measured_at,temperature\n2021-06-01T11:59Z,-9999\n")
    assert lines[2] == (
        "Values such as -9999 stand for no reading in many programs: once they are stored, `python manage.py"
        f" remove_readings {garden.pk} --field 1 --below -900` takes them out."
    )
    out = io.StringIO()
    call_command("remove_readings", garden.pk, "--field=1", "--below=-900", "--dry-run", stdout=out)
    assert out.getvalue().startswith("Garden, temperature: 1 reading, ")


def test_a_dry_run_says_what_would_be_stored_and_stores_nothing(run, garden, capsys):
    garden.fields.filter(number=1).update(smallest=-40, largest=60)
    run("measured_at,temperature\n2021-06-01T11:59Z,19\n2021-06-01T11:58Z,19\n")
    text = (
        "measured_at,temperature,humidity\n2021-06-01T11:58Z,19,\n2021-06-01T11:59Z,18,\n2021-06-01T12:00Z,999,50\n"
        "2021-06-01T12:00Z,999,51\nsoon,1,1\n"
    )
    lines = run(text, "--dry-run")
    assert lines == [
        "temperature [degC]: 4 values from 18 to 999.",
        "Warning: 2 values of temperature outside its plausible limits, -40 to 60, such as 999 at"
        " 2021-06-01T14:00:00+02:00. They are marked, and are left out of means. Is the unit right?",
        "humidity [%]: 2 values from 50 to 51.",
        "From 2021-06-01T13:58:00+02:00 to 2021-06-01T14:00:00+02:00.",
        "Garden: 2 would be stored, 2 there already, 2 there with another value, 1 refused. Nothing was stored: this"
        " was a dry run.",
        "1 refused: correct them in the file and import it again, nothing doubles. 2 there with another value, which"
        " stays: if the file is right, take the stored readings out by remove_readings, and import it again.",
    ]
    assert capsys.readouterr().err.splitlines()[-3:] == [
        "line 6: measured_at: a date and time expected, like 2026-11-22T14:30:00+01:00",
        "2021-06-01T13:59:00+02:00 temperature: 18.0 in the file, 19.0 is there already and stays",
        "2021-06-01T14:00:00+02:00 humidity: 51.0 in the file, 50.0 is there already and stays",
    ]
    assert Reading.objects.count() == 2
    assert run(text)[-2].startswith("Garden: 2 stored, 2 there already, 2 there with another value, 1 refused.")


@pytest.mark.any_day
def test_a_dry_run_counts_as_the_import_does_over_many_thousand_rows(run):
    rows = [f"{1_600_000_000 + n % 7_000},{n % 7_000}" for n in range(16_000)]
    text = "measured_at,temperature\n" + "\n".join(rows) + "\n1600000000,5\n"
    counts = "7000 {}, 9000 there already, 1 there with another value, 0 refused."
    assert counts.format("would be stored") in run(text, "--dry-run")[-2]
    assert counts.format("stored") in run(text)[-2]


def test_other_values_are_counted_and_the_first_ten_shown(run, capsys):
    text = "measured_at,temperature\n" + "".join(f"{1_600_000_000 + n},1\n" for n in range(30))
    run(text)
    capsys.readouterr()
    assert "30 there with another value" in run(text.replace(",1\n", ",2\n"))[-2]
    log = capsys.readouterr().err.splitlines()
    assert len(log) == 11
    assert log[-1] == "... and more: the rest is counted only."
    assert set(Reading.objects.values_list("value", flat=True)) == {1.0}
    assert Station.objects.get().fields.get(number=1).newest_value == 1.0
