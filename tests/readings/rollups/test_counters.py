"""What a counter added: it rises, begins again, rolls over, or is another gauge."""

import pytest

from readings.rollups.counters import Counter

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("what", "before", "after", "length", "added"),
    [
        ("it rose", 12.0, 12.6, MINUTE, 0.6),
        ("nothing fell", 12.0, 12.0, MINUTE, 0.0),
        ("it began again at its midnight", 18.4, 0.0, MINUTE, 0.0),
        ("it began again, and rain fell since", 18.4, 0.4, MINUTE, 0.4),
        ("it rolled over", 6553.4, 0.4, MINUTE, 0.6),
        ("it rolled over in a gap", 6540.0, 20.0, DAY, 33.6),
        ("it began again in a gap, long before it would have rolled over", 300.0, 20.0, DAY, 20.0),
        ("another gauge hangs there, which had counted less", 5800.0, 512.4, MINUTE, 0.0),
        ("another gauge hangs there, which had counted more", 0.2, 5800.0, MINUTE, 0.0),
        ("as much as ever fell within a minute", 0.0, 38.0, MINUTE, 38.0),
        ("more than ever fell within a minute", 0.0, 80.0, MINUTE, 0.0),
        ("as much as ever fell within a day", 0.0, 1825.0, DAY, 1825.0),
        ("more than ever fell within a day", 0.0, 2500.0, DAY, 0.0),
        ("two values of the same second count as a minute apart", 0.0, 2.0, 1, 2.0),
        ("a conversion's last digit is no restart", 25.4, 25.399_999_99, MINUTE, 0.0),
    ],
)
def test_what_a_rain_counter_added(what, before, after, length, added):
    assert Counter("mm", 6553.6).increment((0, before), (length, after)) == pytest.approx(added), what


def test_without_a_value_to_roll_over_at_it_begins_again():
    assert Counter("mm").increment((0, 6553.4), (MINUTE, 0.4)) == 0.4


def test_inches_are_limited_as_millimetres_are():
    assert Counter("in").increment((0, 0.0), (MINUTE, 1.5)) == 1.5
    assert Counter("in").increment((0, 0.0), (MINUTE, 3.5)) == 0.0


def test_only_rain_has_a_limit():
    assert Counter("").increment((0, 0.0), (MINUTE, 1e6)) == 1e6


def test_a_gauge_that_replaced_another_adds_nothing_by_its_first_reading():
    """It had counted more, but no more than could have fallen while there was none."""
    readings = [(0, 100.0), (MINUTE, 100.2), (HOUR, 130.0), (HOUR + MINUTE, 130.4)]
    counter = Counter("mm")
    assert [amount for _, amount in counter.increments(readings)] == pytest.approx([0.2, 29.8, 0.4])
    for replaced in (MINUTE + 1, HOUR):
        assert [amount for _, amount in counter.increments(readings, [replaced])] == pytest.approx([0.2, 0.0, 0.4])
    assert [amount for _, amount in counter.increments(readings, [0])] == pytest.approx([0.2, 29.8, 0.4])
