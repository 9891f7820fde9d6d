"""The admin says how a station's board is: on a page of its own, on the station's form, and in the overview."""

from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone
from django.utils.translation import override

from freetemp.fields import to_millis
from freetemp.overview.report import Overview
from readings.admin.boards import signal
from readings.models import BoardState, DeviceState
from readings.models.device_state import DeviceTold
from stations.models import Station

pytestmark = pytest.mark.django_db

PLAIN = {0x202F: " ", 0x2212: "-"}  # a narrow space, and a minus sign


@pytest.fixture
def url(station):
    return f"/admin/stations/station/{station.pk}/board/"


def start(station, number, minutes_ago, cause=None, boot=7, **told):
    """Store a start that began so long ago, and has told ten minutes later last."""
    first_at = timezone.now() - timedelta(minutes=minutes_ago)
    last_at = first_at + timedelta(minutes=min(10, minutes_ago))
    return BoardState.objects.create(
        station=station, boot=boot, start=number, first_at=first_at, last_at=last_at, reset_cause=cause, **told
    )


def text(page):
    return unescape(page.content.decode()).translate(PLAIN)


@pytest.mark.parametrize(
    ("dbm", "word"),
    [
        *((-30, "very good"), (-60, "very good"), (-61, "good"), (-70, "good"), (-71, "fair"), (-80, "fair")),
        *((-81, "weak"), (-88, "weak"), (-89, "very weak"), (-127, "very weak")),
    ],
)
def test_a_signal_has_a_word(dbm, word):
    assert signal(dbm) == f"\N{MINUS SIGN}{-dbm}\N{NARROW NO-BREAK SPACE}dBm, {word}"


def test_the_page_says_how_the_board_is_and_why_it_has_started(keeping, station, url):
    start(station, 1, 300, 6, up_s=60)
    start(station, 4, 200, 3, rssi=-84)
    start(
        station, 5, 100, 4, up_s=30, rssi=-67, lowest_rssi=-81, voltage=3.281, lowest_voltage=3.281, heap=17_424,
        lowest_heap=16_000, failed=12, failed_at=timezone.now() - timedelta(minutes=95),
    )  # fmt: skip
    page = text(keeping.get(url))
    for words in (
        "told to restart",
        "-67 dBm, good (lowest since its start: -81 dBm, weak)",
        "3.28 V</dd>",
        "17 424 bytes (lowest since its start: 16 000 bytes)",
        "12 in a row, until ",
        "power or reset button",
        "hung or crashed<br><small>after 2 starts without a report</small>",
        "-84 dBm, weak",
    ):
        assert words in page
    assert page.index("told to restart") < page.index("hung or crashed<br>") < page.index(">power or reset button")


def test_a_board_that_has_not_told_is_said_to_be_so(keeping, url):
    assert "The board has not told how it is." in text(keeping.get(url))


def test_the_page_is_for_those_who_may_see_stations(client, keeping, url, django_user_model):
    assert client.get(url).status_code == 302
    client.force_login(django_user_model.objects.create_user("other", is_staff=True))
    assert client.get(url).status_code == 403
    assert keeping.post(url).status_code == 405


def test_a_page_has_fifty_starts_and_asks_as_much_for_them_as_for_one(keeping, station, url, django_assert_num_queries):
    start(station, 1, 1_000)
    with django_assert_num_queries(8):
        keeping.get(url)
    for number in range(2, 53):
        start(station, number, 1_000 - number)
    with django_assert_num_queries(8):
        first = text(keeping.get(url))
    assert (first.count('data-name="Why"'), "page 1 of 2" in first) == (50, True)
    assert text(keeping.get(url, {"page": 2})).count('data-name="Why"') == 2


def test_the_last_start_of_a_page_is_compared_with_the_first_of_the_next(keeping, station, url):
    start(station, 1, 1_000)
    for number in range(3, 53):
        start(station, number, 1_000 - number)
    assert "after 1 start without a report" in text(keeping.get(url))


def test_the_form_says_it_too_once_there_is_something(keeping, station, url):
    form = f"/admin/stations/station/{station.pk}/change/"
    assert "All that it tells" not in text(keeping.get(form))
    start(station, 1, 300, 6, rssi=-67)
    page = keeping.get(form).content.decode().translate(PLAIN)
    assert "ago</time> (power or reset button); WiFi -67 dBm, good. " in page
    assert f'<a href="{url}">All that it tells</a>' in page


def items(keeper, kind):
    overview = Overview.of(keeper)
    concerns = {concern.kind: concern for concern in [*overview.pressing, *overview.notes]}
    return [(item.what, item.detail, item.url) for item in concerns[kind].items] if kind in concerns else []


def test_the_overview_tells_of_boards_that_start_again_and_again(keeper, station, url):
    resting = Station.objects.create(name="Resting")
    for number in range(1, 9):
        start(resting, number, 10 * number, 5)
    for number in range(1, 6):
        start(station, number, 100 - number, 6 if number == 1 else 3)
    assert items(keeper, "boards-start-often") == []
    start(station, 6, 10, 4)
    told = "6 starts in the last day: 1 by power or the reset button, 4 after it hung or crashed, 1 for other reasons"
    assert items(keeper, "boards-start-often") == [("Garden", told, url)]
    in_german = "6 Starts am letzten Tag: 1 durch Strom oder Reset-Knopf, 4 nach einem Hänger oder Absturz, 1 aus "
    with override("de"):  # as a message has it
        assert items(keeper, "boards-start-often") == [("Garden", f"{in_german}anderen Gründen", url)]
    Station.objects.update(simulated=True)
    assert items(keeper, "boards-start-often") == []


def test_the_overview_tells_of_a_very_weak_signal_of_a_board_that_is_alive(keeper, station, url):
    start(station, 1, 20, rssi=-89)
    assert items(keeper, "weak-signals") == []
    Station.objects.update(last_heard_at=timezone.now())
    weak = "\N{MINUS SIGN}89\N{NARROW NO-BREAK SPACE}dBm, very weak"
    assert items(keeper, "weak-signals") == [("Garden", weak, url)]
    BoardState.objects.update(rssi=-88)
    assert items(keeper, "weak-signals") == []


def test_a_device_of_another_maker_says_its_signal_and_the_batteries_that_it_calls_low(keeping, station, url):
    Station.objects.filter(pk=station.pk).update(device="ecowitt", mac=None)
    at_ms = to_millis(timezone.now())
    DeviceState.objects.keep({station.pk: DeviceTold(rssi=-78, low_batteries="WH65")}, at_ms)
    page = text(keeping.get(url))
    assert "-78 dBm, fair" in page
    assert "WH65" in page
    assert "has not told how it is" not in page
    assert "Its starts" not in page
    form = text(keeping.get(f"/admin/stations/station/{station.pk}/change/"))
    assert "WiFi signal: -78 dBm, fair; Batteries that it calls low: WH65. " in form
    DeviceState.objects.keep({station.pk: DeviceTold(low_batteries="")}, at_ms)
    assert DeviceState.objects.get().rssi == -78
    assert "none" in text(keeping.get(url))
