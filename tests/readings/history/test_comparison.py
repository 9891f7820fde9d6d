"""A period beside the period before, or the same period last year: the choice of that period, and its length."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from readings.calendar.navigation import Navigation
from readings.calendar.periods import Period
from readings.history.comparison import choices, comparison, so_long_before

BERLIN = ZoneInfo("Europe/Berlin")


def local(*parts):
    return datetime(*parts, tzinfo=BERLIN)


def beside(kind, day, how, now=datetime(2040, 1, 1, tzinfo=UTC)):
    return comparison(Navigation(Period.containing(day, kind, BERLIN), now, how))


@pytest.mark.parametrize(
    ("kind", "day", "how", "first"),
    [
        ("day", date(2026, 3, 1), "before", date(2026, 2, 28)),
        ("day", date(2026, 3, 1), "year", date(2025, 3, 1)),
        ("day", date(2028, 2, 29), "year", date(2027, 2, 28)),
        ("week", date(2026, 11, 25), "before", date(2026, 11, 16)),
        ("week", date(2026, 11, 25), "year", date(2025, 11, 24)),
        ("week", date(2027, 1, 1), "year", date(2025, 12, 29)),
        ("month", date(2026, 1, 31), "before", date(2025, 12, 1)),
        ("month", date(2026, 1, 31), "year", date(2025, 1, 1)),
        ("year", date(2028, 5, 1), "before", date(2027, 1, 1)),
        ("year", date(2028, 5, 1), "year", date(2027, 1, 1)),
    ],
)
def test_each_kind_has_one_before_and_the_same_last_year(kind, day, how, first):
    found = beside(kind, day, how)
    assert (found.period.kind, found.period.first_day) == (kind, first)
    assert found.end == found.period.end
    assert not found.is_cut


def test_a_week_of_last_year_begins_on_a_monday_too():
    for day in (date(2020, 12, 31), date(2021, 1, 1), date(2025, 1, 1), date(2026, 12, 31)):
        shown, other = Period.containing(day, "week", BERLIN), beside("week", day, "year").period
        assert (shown.first_day - other.first_day).days == 364
        assert other.first_day.weekday() == 0


def test_a_range_has_as_long_before_it_or_the_same_hours_52_weeks_before():
    period = Period("range", local(2026, 3, 27, 12), local(2026, 3, 30, 12), BERLIN)  # Across a change of the clocks.
    now = local(2030, 1, 1)
    before = comparison(Navigation(period, now, "before")).period
    assert (before.end, before.end - before.start) == (period.start, period.end - period.start)
    year = comparison(Navigation(period, now, "year")).period
    assert (year.start, year.end) == (local(2025, 3, 28, 12), local(2025, 3, 31, 12))


@pytest.mark.parametrize(
    ("kind", "how", "now", "until"),
    [
        ("day", "before", local(2026, 11, 25, 14, 5), local(2026, 11, 24, 14, 5)),
        ("day", "before", local(2026, 10, 25, 14, 5), local(2026, 10, 24, 14, 5)),  # 25 hours long
        ("day", "before", local(2026, 3, 30, 2, 30), local(2026, 3, 29, 3, 30)),  # the day before skipped that time
        ("week", "year", local(2026, 11, 25, 14, 5), local(2025, 11, 26, 14, 5)),
        ("month", "before", local(2026, 11, 25, 14, 5), local(2026, 10, 25, 14, 5)),
        ("month", "before", local(2026, 3, 31, 14, 5), local(2026, 3, 1)),
        ("month", "year", local(2028, 2, 29, 14, 5), local(2027, 3, 1)),
        ("year", "before", local(2028, 2, 29, 14, 5), local(2027, 2, 28, 14, 5)),
        ("year", "before", local(2028, 11, 25, 14, 5), local(2027, 11, 25, 14, 5)),
    ],
)
def test_a_period_that_goes_on_is_compared_with_what_the_other_had_had_by_then(kind, how, now, until):
    assert beside(kind, now.date(), how, now).end == until


def test_a_range_that_goes_on_is_compared_with_as_much_of_the_other():
    period = Period("range", local(2026, 11, 25, 10), local(2026, 11, 25, 16), BERLIN)
    found = comparison(Navigation(period, local(2026, 11, 25, 14), "before"))
    assert (found.period.start, found.end) == (local(2026, 11, 25, 4), local(2026, 11, 25, 8))


@pytest.mark.parametrize("how", ["before", "year"])
def test_there_is_nothing_before_the_epoch_or_beside_everything(how):
    early = Period("range", datetime(1970, 1, 2, tzinfo=UTC), datetime(1970, 6, 1, tzinfo=UTC), BERLIN)
    ever = Period("all", datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), BERLIN)
    for period in (early, ever, Period.containing(date(1970, 1, 1), "year", BERLIN)):
        assert comparison(Navigation(period, datetime(2026, 1, 1, tzinfo=UTC), how)) is None


@pytest.mark.parametrize("how", ["before", "year"])
def test_a_viewer_may_choose_and_one_choice_is_the_present_one(how):
    for kind in ("day", "week", "month", "year"):
        shown = Navigation(Period.containing(date(2026, 5, 3), kind, BERLIN), datetime(2026, 11, 1, tzinfo=UTC), how)
        own = choices(shown)
        assert [choice.is_current for choice in own].count(True) == 1
        assert own[0].words == "nothing"
        assert own[0].address == shown.own_address


def test_what_a_period_is_compared_with_is_kept_by_every_link_but_that_of_all():
    shown = Navigation(Period.containing(date(2026, 5, 3), "week", BERLIN), datetime(2026, 11, 1, tzinfo=UTC), "year")
    links = [
        shown.address,
        shown.previous.address,
        shown.next.address,
        shown.today,
        shown.of_part(shown.period.parts[0]),
    ]
    links += [address for kind, _, address in shown.kinds if kind != "all"]
    assert all(address.endswith("&compare=year") for address in links)
    assert shown.kinds[-1][2] == "period=all"


def config(client, station, query):
    response = client.get(f"{station.get_absolute_url()}{query}")
    text = response.content.decode().partition('<script id="chart" type="application/json">')[2].partition("<")[0]
    return response, json.loads(text)["compare"]


@pytest.mark.django_db
def test_the_charts_are_told_the_whole_of_the_other_period(client, station):
    response, compare = config(client, station, "?period=month&date=2026-05-03&compare=year")
    assert compare == {
        "start": local(2025, 5, 1).timestamp(),
        "end": local(2025, 6, 1).timestamp(),
        "title": "May 2025",
    }
    assert config(client, station, "?period=month&date=2026-05-03")[1] is None
    assert config(client, station, "?period=all&compare=year")[1] is None
    assert response.status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["decade", "0", "-86400", "1" * 11, "١٢", "%00", "x" * 5_000, "before'--"])
def test_what_cannot_be_compared_with_is_said(client, station, how):
    response, compare = config(client, station, f"?period=week&compare={how}")
    assert (response.status_code, compare) == (400, None)
    assert "before, year or a number of seconds expected" in response.content.decode()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (86_400, "1 day before"),
        (90_000, "1 day before"),
        (364 * 86_400, "364 days before"),
        (5_000, "some time before"),
    ],
)
def test_a_range_can_be_compared_with_one_so_many_seconds_before(seconds, words):
    period = Period("range", local(2026, 11, 25, 10), local(2026, 11, 25, 16), BERLIN)
    shown = Navigation(period, local(2030, 1, 1), str(seconds))
    found = comparison(shown)
    assert (period.start - found.period.start).total_seconds() == seconds
    assert found.period.end - found.period.start == period.end - period.start
    assert [choice.words for choice in choices(shown) if choice.is_current] == [words]
    day = replace(shown, period=Period.containing(date(2026, 5, 3), "day", BERLIN))
    assert comparison(day).period.first_day == date(2026, 5, 2)
    assert [choice.words for choice in choices(day) if choice.is_current] == ["the day before"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "some time before"),
        (43_200, "some time before"),
        (86_400 - 3_601, "some time before"),
        (86_400 - 3_600, "1 day before"),
        (86_400 + 3_600, "1 day before"),
        (86_400 + 3_601, "some time before"),
        (2 * 86_400 - 3_600, "2 days before"),
        (7 * 86_400 + 40_000, "some time before"),
    ],
)
def test_a_day_before_is_of_23_to_25_hours(seconds, words):
    assert so_long_before(seconds) == words


def test_a_range_of_long_ago_is_compared_from_the_first_moment_of_the_epoch_on():
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    day = timedelta(days=1)

    def other(start, length, how):
        found = beside_range(start, start + length, how)
        return found and found.period.start

    assert other(epoch + day, day, "before") == epoch
    assert other(epoch + day - timedelta(milliseconds=1), day, "before") is None
    assert other(epoch + 364 * day + day, day, "year") == epoch + day
    assert other(epoch + 364 * day + day - timedelta(milliseconds=1), day, "year") is None
    assert other(epoch + 2 * day, day, "172800") == epoch
    assert other(epoch + 2 * day, day, "172801") is None


def beside_range(start, end, how, now=datetime(2040, 1, 1, tzinfo=UTC)):
    return comparison(Navigation(Period("range", start, end, BERLIN), now, how))


def test_the_first_year_of_the_epoch_has_none_before_and_the_second_has_it():
    assert beside("year", date(1971, 5, 1), "before").period.first_day == date(1970, 1, 1)
    for kind in ("day", "month", "year"):
        assert beside(kind, date(1970, 1, 1), "before") is None
        assert beside(kind, date(1970, 12, 31), "year") is None


@pytest.mark.parametrize(
    ("now", "until", "has_begun"),
    [
        (local(2026, 11, 25, 10), local(2026, 11, 25, 4), False),
        (local(2026, 11, 25, 10, 0, 1), local(2026, 11, 25, 4, 0, 1), True),
        (local(2026, 11, 25, 16), local(2026, 11, 25, 10), True),
        (local(2026, 11, 25, 9), local(2026, 11, 25, 10), True),
    ],
)
def test_a_range_goes_on_from_its_start_and_before_its_end(now, until, has_begun):
    """Before it begins and after it ends, it is compared with the whole other range."""
    found = beside_range(local(2026, 11, 25, 10), local(2026, 11, 25, 16), "before", now)
    assert (found.end, found.has_begun, found.is_cut) == (until, has_begun, until < local(2026, 11, 25, 10))


def test_what_is_asked_for_and_is_no_choice_of_this_kind_is_the_first_there_is():
    for kind, how, current in (
        ("year", "year", "before"),
        ("day", "3600", "before"),
        ("day", "year", "year"),
        ("day", "", ""),
    ):
        shown = Navigation(Period.containing(date(2026, 5, 3), kind, BERLIN), local(2026, 11, 1), how)
        chosen = [choice.address for choice in choices(shown) if choice.is_current]
        assert chosen == [replace(shown, compare=current).address]
    assert [
        choice.words for choice in choices(Navigation(Period.containing(date(2026, 5, 3), "week", BERLIN), NOON))
    ] == [
        *("nothing", "the week before", "the same week last year"),
    ]
    ever = Period("all", local(2025, 1, 1), local(2026, 1, 1), BERLIN)
    assert choices(Navigation(ever, NOON, "before")) == []


NOON = local(2026, 11, 1, 12)
