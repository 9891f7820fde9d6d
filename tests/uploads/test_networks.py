"""What each network gets, and what its answers mean. WeeWX itself is the measure of the formats that it speaks."""

import json
import queue
import re
from urllib.parse import parse_qsl, urlsplit

import pytest
import weewx.restx

from uploads.networks import NETWORKS
from uploads.networks.base import Account, Answer, Observation, Verdict

# Chosen so that no figure lies between two roundings.
OBSERVED = Observation(
    at_ms=1795310660000,
    temperature_c=-4.2,
    humidity=83.0,
    dew_point_c=-6.6,
    pressure_hpa=1013.25,
    wind_m_s=3.3,
    gust_m_s=8.7,
    wind_direction=247.3,
    rain_hour_mm=1.4,
    rain_day_mm=5.6,
    rain_24h_mm=9.2,
    rain_rate_mm_h=2.5,
    radiation_w_m2=1234.4,
    uv_index=3.26,
    soil_temperature_c=4.4,
    soil_moisture=31.0,
    leaf_wetness=7.0,
    pm25=12.34,
    pm10=20.04,
)
# The same as a record of WeeWX's, in its metric units, of which rain is in centimeters.
RECORD = {
    "dateTime": 1795310660,
    "usUnits": weewx.METRIC,
    "outTemp": -4.2,
    "outHumidity": 83.0,
    "dewpoint": -6.6,
    "barometer": 1013.25,
    "altimeter": 1013.25,
    "windSpeed": 3.3 * 3.6,
    "windGust": 8.7 * 3.6,
    "windDir": 247.3,
    "hourRain": 0.14,
    "dayRain": 0.56,
    "rain24": 0.92,
    "rainRate": 0.25,
    "radiation": 1234.4,
    "UV": 3.26,
    "soilTemp1": 4.4,
    "soilMoist1": 31.0,
    "leafWet1": 7.0,
    "pm2_5": 12.34,
    "pm10_0": 20.04,
}
ACCOUNT = Account("KTEST1", "p w&1/ü", latitude=-33.456, longitude=151.2)


def query_of(url):
    return {name: as_number(value) for name, value in parse_qsl(urlsplit(url).query) if name != "softwaretype"}


def as_number(text):
    try:
        return float(text)
    except ValueError:
        return text


@pytest.mark.parametrize(
    ("key", "thread"),
    [
        ("wunderground", weewx.restx.AmbientThread),
        ("pwsweather", weewx.restx.AmbientThread),
        ("wow", weewx.restx.WOWThread),
    ],
)
def test_a_query_is_that_of_weewx(key, thread):
    request = NETWORKS[key].request(ACCOUNT, OBSERVED)
    server = request.url.partition("?")[0]
    weewxs = thread(queue.Queue(), None, station="KTEST1", password=ACCOUNT.secret, server_url=server)
    expected, found = query_of(weewxs.format_url(RECORD)), query_of(request.url)
    assert found.keys() == expected.keys()
    decimals = {"windspeedmph", "windgustmph", "winddir", "dailyrainin"}  # WeeWX rounds them more, or less, for WOW.
    for name, value in expected.items():
        assert found[name] == (pytest.approx(value, abs=0.5) if name in decimals else value), name
    urls = [vars(weewx.restx).get(name) for name in ("StdWunderground", "StdPWSWeather", "StdWOW")]
    assert server in [getattr(each, "pws_url", None) or each.archive_url for each in urls]


def test_values_of_wow_be_are_those_of_weewx_but_for_the_rain_of_the_hour():
    request = NETWORKS["wow-be"].request(ACCOUNT, OBSERVED)
    sent = json.loads(request.body)
    assert (request.method, request.url) == ("POST", f"{weewx.restx.StdWOWBE.archive_url}/wow")
    thread = weewx.restx.WOWBEThread(queue.Queue(), None, station="KTEST1", password=ACCOUNT.secret, server_url="x")
    expected = query_of(thread.format_url(RECORD))
    del expected["rainin"]
    further = {"softwaretype", "soiltempf", "soilmoisture"}  # As CumulusMX has it; here WeeWX sends no soil.
    assert sent.keys() - further == expected.keys() - {"action"}
    for name, value in expected.items():
        assert name == "action" or sent[name] == (value if isinstance(value, str) else pytest.approx(value, abs=0.5)), (
            name
        )


def test_a_packet_of_cwop_is_that_of_weewx():
    request = NETWORKS["cwop"].request(ACCOUNT._replace(identity="dw1234", secret=""), OBSERVED)
    thread = weewx.restx.CWOPThread(queue.Queue(), None, "DW1234", "-1", ACCOUNT.latitude, ACCOUNT.longitude, "Test")
    expected = thread.get_tnc_packet(weewx.units.to_US(RECORD))
    assert comparable(request.line) == comparable(expected)
    assert request.login.partition(" vers")[0] == thread.get_login_string().partition(" vers")[0]
    assert request.servers == tuple(weewx.restx.StdCWOP.default_servers)
    assert len(request.line) < 200


def comparable(packet):
    """Return a packet without the names of the programs, and its temperature apart: WeeWX rounds frost to zero."""
    found = re.fullmatch(r"(\w+)>\w+,TCPIP\*:(.*)t(-?\d+)(r[^.]*)\.\S+\s*", packet)
    return found[1], found[2], int(found[3]), found[4]


@pytest.mark.parametrize(
    ("celsius", "text"),
    [(-40.0, "t-40"), (-18.0, "t000"), (-20.0, "t-04"), (0.0, "t032"), (38.0, "t100"), (None, "t...")],
)
def test_temperatures_of_cwop_have_three_signs(celsius, text):
    assert text in NETWORKS["cwop"].request(ACCOUNT, Observation(1795310660000, temperature_c=celsius)).line


@pytest.mark.parametrize(("humidity", "text"), [(0.0, "h01"), (9.4, "h09"), (99.4, "h99"), (99.5, "h00"), (104, "h00")])
def test_humidity_of_cwop_is_never_taken_for_another(humidity, text):
    assert NETWORKS["cwop"].request(ACCOUNT, Observation(1795310660000, humidity=humidity)).line.count(text) == 1


def test_minutes_of_cwop_are_below_sixty():
    account = ACCOUNT._replace(latitude=49.9999999, longitude=-0.00001)
    assert "5000.00N/00000.00W_" in NETWORKS["cwop"].request(account, OBSERVED).line


def test_values_of_awekas_are_those_of_weewx():
    account = ACCOUNT._replace(secret="password")
    request = NETWORKS["awekas"].request(account, OBSERVED)
    thread = weewx.restx.AWEKASThread(
        queue.Queue(), "KTEST1", "password", ACCOUNT.latitude, ACCOUNT.longitude, None, language="en"
    )
    server, _, expected = thread.format_url(RECORD).partition("?val=")
    found = request.url.partition("?val=")
    assert found[0] == server
    values, of_weewx = found[2].split(";"), expected.split(";")
    assert len(values) == len(of_weewx) == 25
    of_weewx[20], of_weewx[22] = "4.4", values[22]  # WeeWX leaves out the soil; the program's own name
    assert values == of_weewx


def test_opensensemap_gets_its_sensors_and_no_others():
    sensors = {"temperature": "5a30ea4d2cd32e001b8d9d5a", "co2": "5a30ea4d2cd32e001b8d9d5b"}
    request = NETWORKS["opensensemap"].request(Account("5" * 24, "token", sensors=sensors), OBSERVED)
    assert (request.method, request.url) == ("POST", f"https://api.opensensemap.org/boxes/{'5' * 24}/data")
    assert request.headers == {"Content-Type": "application/json", "Authorization": "token"}
    assert json.loads(request.body) == [
        {"sensor": "5a30ea4d2cd32e001b8d9d5a", "value": "-4.20", "createdAt": "2026-11-22T01:24:20Z"}
    ]


def test_windy_gets_its_secret_in_a_header_pascals_and_whole_degrees():
    request = NETWORKS["windy"].request(ACCOUNT._replace(secret="pw"), OBSERVED)
    assert request.headers == {"Authorization": "Bearer pw"}
    query = query_of(request.url)
    assert (query["pressure"], query["winddir"], query["ts"], query["id"]) == (101325, 247, 1795310660, "KTEST1")
    assert "precip" not in query
    assert "pw" not in request.url.partition("?")[2].replace("softwaretype", "")


@pytest.mark.parametrize("key", NETWORKS)
def test_what_was_not_measured_is_not_sent(key):
    request = NETWORKS[key].request(ACCOUNT, Observation(1795310660000, temperature_c=1.0))
    sent = " ".join(str(part) for part in request if part is not None)
    assert not re.search(r"None|nan|null|=&", sent)


@pytest.mark.parametrize(
    ("key", "status", "text", "verdict"),
    [
        ("wunderground", 200, "success\n", Verdict.ACCEPTED),
        ("wunderground", 200, "", Verdict.ACCEPTED),
        ("wunderground", 200, "INVALIDPASSWORDID|Password or key and/or id are incorrect", Verdict.NO_ENTRY),
        ("wunderground", 401, "unauthorized", Verdict.NO_ENTRY),
        ("wunderground", 200, "<html><body>Please log in to this WiFi, invalid</body></html>", Verdict.LATER),
        ("wunderground", 200, "ERROR try later", Verdict.LATER),
        ("wunderground", 200, "invalid dateutc", Verdict.UNFIT),
        ("wunderground", 302, "", Verdict.LATER),
        ("wunderground", 500, "oops", Verdict.LATER),
        ("pwsweather", 200, "ERROR: Not a vailid Station ID", Verdict.NO_ENTRY),
        ("wow", 403, "", Verdict.NO_ENTRY),
        ("wow", 400, "bad", Verdict.UNFIT),
        ("wow", 429, "", Verdict.LATER),
        ("wow-be", 200, '{"type":"Feature"}', Verdict.ACCEPTED),
        ("wow-be", 403, '{"message":"Invalid site credentials"}', Verdict.NO_ENTRY),
        ("wow-be", 422, '{"errors":{"tempf":["..."]}}', Verdict.UNFIT),
        ("wow-be", 429, "", Verdict.LATER),
        ("awekas", 200, "\nOK\n", Verdict.ACCEPTED),
        ("awekas", 200, "Benutzer/Passwort Fehler", Verdict.NO_ENTRY),
        ("awekas", 200, "Zu frueh", Verdict.LATER),
        ("opensensemap", 201, '"Measurements saved in box"', Verdict.ACCEPTED),
        ("opensensemap", 404, '{"code":"NotFound"}', Verdict.NO_ENTRY),
        ("opensensemap", 422, '{"code":"UnprocessableEntity"}', Verdict.UNFIT),
        ("windy", 200, "", Verdict.ACCEPTED),
        ("windy", 409, "duplicate", Verdict.ACCEPTED),
        ("windy", 400, "winddir must be an integer", Verdict.UNFIT),
        ("windy", 429, "", Verdict.LATER),
        ("cwop", 200, "# logresp KTEST1 verified, server T2X\r\n", Verdict.ACCEPTED),
        ("cwop", 200, "# logresp KTEST1 unverified, server T2X\r\n", Verdict.NO_ENTRY),
        ("cwop", 200, "", Verdict.ACCEPTED),
    ],
)
def test_an_answer_is_accepted_later_unfit_or_a_wrong_login(key, status, text, verdict):
    outcome = NETWORKS[key].outcome(ACCOUNT, Answer(status, text))
    assert outcome.verdict is verdict
    assert bool(outcome.why) == (verdict is not Verdict.ACCEPTED)
    assert outcome.why[-1:] in ("", ".")


def test_weewx_takes_the_same_answers_for_a_wrong_login():
    thread = weewx.restx.AmbientThread(queue.Queue(), None, station="K", password="p", server_url="http://x")
    for line, error in [(b"ERROR: no", weewx.restx.BadLogin), (b"invalid dateutc", weewx.restx.FailedPost)]:
        with pytest.raises(error):
            thread.check_response([line])


def test_whoever_has_no_passcode_is_unverified_and_accepted():
    account = ACCOUNT._replace(secret="")
    assert NETWORKS["cwop"].outcome(account, Answer(200, "# logresp K unverified")).verdict is Verdict.ACCEPTED
