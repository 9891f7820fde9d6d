"""The rain gauge: no tip twice, and none lost over a reset."""

import pytest

pytestmark = pytest.mark.sqlite_only

TIP = 279  # thousandths of a millimetre, of 0.2794
PIN = 12


def tips(*moments_ms, **facts):
    return {"closings": [[moment, PIN] for moment in moments_ms], **facts}


def rain(outcome):
    return outcome["readings"]["rain_counter"]


def test_it_counts_each_tip_and_goes_on_from_the_last_reading(read):
    closings = tips(5_000, 10_000, 70_000)
    assert [rain(outcome) for outcome in read("rain_gauge", closings, closings, closings)] == [558, 838, 838]


def test_a_switch_that_bounces_tips_once(read):
    [outcome] = read("rain_gauge", tips(5_000, 5_001, 5_003, 5_120, 5_499, 5_500))
    assert rain(outcome) == 2 * 2794 // 10, "the last one is half a second later: a tip of its own"


def test_a_tip_after_a_dry_week_is_counted_though_ticks_have_wrapped(read):
    week_ms = 7 * 86_400_000
    closings = tips(5_000, 5_000 + week_ms)
    first, later = read("rain_gauge", closings, closings | {"before_ms": week_ms})
    assert (rain(first), rain(later)) == (TIP, 558)


def test_a_reset_loses_no_tip_and_a_power_cut_begins_at_zero(read, tmp_path):
    [before] = read("rain_gauge", tips(5_000, 10_000))
    [after] = read("rain_gauge", tips(59_999))
    assert (rain(before), rain(after)) == (558, 838)
    (tmp_path / "rtc.bin").unlink()
    [without_power] = read("rain_gauge", tips(59_999))
    assert rain(without_power) == TIP


def test_what_others_keep_in_rtc_memory_stays(read, tmp_path):
    others = bytes(range(65)) + bytes(15) + b"afterwards"
    (tmp_path / "rtc.bin").write_bytes(others)
    [outcome] = read("rain_gauge", tips(5_000))
    assert rain(outcome) == TIP
    memory = (tmp_path / "rtc.bin").read_bytes()
    assert memory[:68] + memory[76:] == others[:68] + others[76:]
    assert memory[68:76] != others[68:76]


@pytest.mark.parametrize("at", range(68, 76))
def test_damaged_rtc_memory_is_no_rain(read, tmp_path, at):
    read("rain_gauge", tips(5_000))
    memory = bytearray((tmp_path / "rtc.bin").read_bytes())
    memory[at] ^= 0x10
    (tmp_path / "rtc.bin").write_bytes(memory)
    [outcome] = read("rain_gauge", {})
    assert rain(outcome) == 0


def test_another_bucket_changes_nothing_of_what_has_fallen(read):
    [before] = read("rain_gauge", tips(5_000))
    [after] = read("rain_gauge", tips(5_000), tip_mm=2000)
    assert (rain(before), rain(after)) == (279, 479)


def test_hundreds_of_tips_add_up_without_a_thousandth_lost(read):
    closings = tips(*range(1_000, 301_000, 1_000))
    [outcome] = read("rain_gauge", closings | {"before_ms": 302_000})
    assert rain(outcome) == 83_820


BUSY = """
import reeds, time
from sensors.rain_gauge import Sensor

sensor = Sensor({"data": 12, "tip_mm": 2794})
time.sleep_ms(100)
reeds.busy(%d)
print(sensor.read())
"""


def test_tips_during_a_long_call_into_c_are_counted_late_however_much_the_switch_bounces(run):
    """A block of flash takes 0.1 s to erase; the port queues four callbacks meanwhile."""
    closings = [[150 + bounce, PIN] for bounce in range(20)]
    assert run(BUSY % 100, closings=closings).lines == ["[('rain_counter', 279)]"]
