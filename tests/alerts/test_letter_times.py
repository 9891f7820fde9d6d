"""When letters come: at an hour of the recipient's clock, once, and by one process."""

from datetime import date, datetime
from types import SimpleNamespace

import pytest

from alerts.letters import desk, draft
from alerts.letters.issue import due_at
from alerts.models import Notice, Recipient, Rule
from alerts.watching import Watcher
from stations.models import Station
from tests.alerts.conftest import MINUTE, make_recipient
from tests.alerts.weather import BERLIN, DAY, HOUR, MONDAY, make_weather


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("day", "hour", "zone", "moment"),
    [
        (date(2026, 3, 29), 2, "Europe/Berlin", "01:00"),  # an hour that the clocks skip
        (date(2026, 10, 25), 2, "Europe/Berlin", "00:00"),  # an hour that they repeat
        (date(2026, 10, 25), 7, "Europe/Berlin", "06:00"),
        (date(2026, 11, 23), 7, "Asia/Kathmandu", "01:15"),
    ],
)
def test_it_is_due_at_an_hour_of_the_recipients_clock(day, hour, zone, moment):
    due = due_at(Recipient(letter_hour=hour, timezone=zone), day)
    assert f"{due:%Y-%m-%d %H:%M}" == f"{day} {moment}"


def subjects(world, since, until, step=HOUR):
    """Let the watch go its rounds, and return what was sent."""
    world.now = since
    while world.now < until:
        world.now += step
        world.watcher.go_round()
    return world.told()


@pytest.mark.sqlite_only
@pytest.mark.parametrize("night", [date(2027, 3, 27), date(2027, 10, 30)])
def test_a_night_in_which_clocks_are_set_has_one_letter(reader, world, night):
    Rule.objects.all().delete()
    Station.objects.create(name="Roof", timezone="Europe/Berlin")
    Recipient.objects.update(letter_hour=2, letter_done=night)
    midnight = datetime.combine(night, datetime.min.time(), BERLIN)
    assert len(subjects(world, midnight + 20 * HOUR, midnight + 44 * HOUR)) == 1


@pytest.mark.sqlite_only
def test_who_moves_to_another_zone_gets_one_letter_a_day_all_the_same(reader, world):
    make_weather()
    assert len(subjects(world, MONDAY + DAY + 6 * HOUR, MONDAY + DAY + 9 * HOUR)) == 1
    Recipient.objects.update(timezone="America/New_York")
    assert subjects(world, MONDAY + DAY + 9 * HOUR, MONDAY + DAY + 20 * HOUR) == []
    Recipient.objects.update(timezone="Asia/Tokyo")
    assert len(subjects(world, MONDAY + DAY + 20 * HOUR, MONDAY + 2 * DAY + 4 * HOUR)) == 1


@pytest.mark.sqlite_only
def test_a_letter_that_is_less_than_a_day_late_is_sent_and_names_those_that_were_not(reader, world):
    make_weather(days=4)
    Recipient.objects.update(letter_done=date(2026, 11, 24))
    (subject,) = subjects(world, MONDAY + 4 * DAY + 20 * HOUR, MONDAY + 4 * DAY + 22 * HOUR)
    assert "Thursday 26 November" in subject
    assert "This letter is late: this server was off." in world.texts[0]
    assert "There were no letters from 25 November 2026 to 26 November 2026: this server was off" in world.texts[0]


@pytest.mark.sqlite_only
def test_a_letter_of_a_week_that_is_a_day_late_is_left_out_and_the_next_one_says_so(reader, world):
    make_weather(days=7)
    Recipient.objects.update(letter="week")
    tuesday = MONDAY + 8 * DAY
    assert subjects(world, tuesday + 7 * HOUR + MINUTE, tuesday + 12 * HOUR) == []
    (subject,) = subjects(world, MONDAY + 14 * DAY + 6 * HOUR, MONDAY + 14 * DAY + 9 * HOUR)
    assert subject == "Roof, 30 November to 6 December 2026"
    assert (
        "There was no letter on Monday 30 November 2026: this server was off, or could not write it." in world.texts[0]
    )
    assert "is late" not in world.texts[0]


@pytest.mark.sqlite_only
def test_the_first_one_comes_at_the_next_time_and_none_without_a_mail_address(reader, world):
    make_weather(days=3)
    Recipient.objects.update(letter_done=None)
    assert subjects(world, MONDAY + DAY + 9 * HOUR, MONDAY + 2 * DAY + 6 * HOUR) == []
    assert len(subjects(world, MONDAY + 2 * DAY + 6 * HOUR, MONDAY + 2 * DAY + 8 * HOUR)) == 1
    reader.channels.update(active=False)
    assert subjects(world, MONDAY + 2 * DAY + 8 * HOUR, MONDAY + 4 * DAY + 8 * HOUR, HOUR) == []
    reader.channels.update(active=True)
    subjects(world, MONDAY + 4 * DAY + 8 * HOUR, MONDAY + 5 * DAY + 8 * HOUR, HOUR)
    assert "There w" not in world.texts[0]


@pytest.fixture
def a_step_a_round(monkeypatch):
    """Let each look at the clock find that a while has passed: a round has time for one step of a letter."""
    ticks = iter(range(10_000))
    monkeypatch.setattr(desk, "time", SimpleNamespace(monotonic=lambda: next(ticks) * 0.6 * desk.MOST_S))


@pytest.mark.sqlite_only
@pytest.mark.usefixtures("a_step_a_round")
def test_a_letter_that_a_process_left_half_written_is_written_by_another_one(reader, world):
    make_weather(), make_weather("Shed")
    world.now = MONDAY + DAY + 7 * HOUR
    world.watcher.go_round()  # It has written of one station.
    assert not Notice.objects.exists()
    assert world.watcher.is_writing
    world.watcher.leave()
    other = Watcher(lambda: world.now)
    for _ in range(6):
        world.now += MINUTE
        other.go_round()
        world.watcher.go_round()
    assert len(world.told()) == 1


@pytest.mark.sqlite_only
@pytest.mark.usefixtures("a_step_a_round")
def test_a_letter_that_was_ended_while_it_was_written_is_not_sent(reader, world):
    make_weather()
    world.now = MONDAY + DAY + 7 * HOUR
    world.watcher.go_round()
    Recipient.objects.update(letter="")
    assert subjects(world, world.now, world.now + 6 * MINUTE, MINUTE) == []


@pytest.mark.sqlite_only
def test_a_letter_that_cannot_be_written_costs_neither_another_one_nor_an_alarm(reader, world, monkeypatch):
    make_weather(interval_s=60)
    make_recipient("Ben", "ben@school.example", timezone="Europe/Berlin", letter="day", letter_done=reader.letter_done)
    write = draft.section_of

    def fail(looked, recipient, days):
        if recipient.name == "Anna":
            raise ValueError(looked)
        return write(looked, recipient, days)

    monkeypatch.setattr(draft, "section_of", fail)
    Rule.objects.get_or_create(kind="silent", station=None)
    world.now = MONDAY + DAY + 7 * HOUR
    world.off.add("Roof")
    Station.objects.update(last_heard_at=world.now)
    world.pass_by(15 * MINUTE)
    told = sorted(world.told())
    assert told[:2] == ["Roof is silent", "Roof is silent"]
    assert [subject.startswith("Roof, Monday 23 November 2026: ") for subject in told[2:]] == [True]
