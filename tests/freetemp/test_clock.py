"""The signs by which this machine's clock is known to be in the past."""

from datetime import UTC, datetime

import pytest

from freetemp import clock as module
from freetemp.clock import NTP_TAKES_S, WRITTEN_MS, Clock, has_kept_time, is_synchronised
from freetemp.fields import to_millis

pytestmark = pytest.mark.sqlite_only

NOW_MS = to_millis(datetime(2031, 5, 1, 12, tzinfo=UTC))


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine of which a test says how long it has run, what NTP did, and what its hardware clock says."""
    monkeypatch.setattr(module, "HARDWARE_CLOCKS", tmp_path / "rtc")
    monkeypatch.setattr(module, "TIMESYNC", tmp_path / "timesync")

    def says(*, up_s, ntp, hardware_clock=None):
        monkeypatch.setattr(module, "is_synchronised", lambda: ntp)
        monkeypatch.setattr("time.monotonic", lambda: up_s)
        if hardware_clock is not None:
            (tmp_path / "rtc/rtc0").mkdir(parents=True, exist_ok=True)
            (tmp_path / "rtc/rtc0/since_epoch").write_text(f"{hardware_clock}\n")

    return says


@pytest.fixture
def witness(tmp_path):
    return tmp_path / "witness"


@pytest.fixture
def of_a_new_process(witness):
    return lambda now_ms=NOW_MS: Clock(lambda: witness).is_behind(now_ms)


def test_a_clock_from_before_this_program_was_written_is_behind_whatever_else_is_known(machine, of_a_new_process):
    machine(up_s=10**6, ntp=True)
    assert [of_a_new_process(ms) for ms in (0, WRITTEN_MS - 1, WRITTEN_MS)] == [True, True, False]


def test_a_machine_without_a_hardware_clock_waits_for_ntp_after_its_start(machine, witness, of_a_new_process):
    witness.touch()
    machine(up_s=20, ntp=False)
    assert of_a_new_process()
    machine(up_s=40, ntp=True)
    assert not of_a_new_process()


def test_it_does_not_wait_for_ever(machine, witness, of_a_new_process):
    witness.touch()
    machine(up_s=NTP_TAKES_S, ntp=False)
    assert not of_a_new_process()


@pytest.mark.parametrize("ntp", [False, None])
def test_it_does_not_wait_for_an_ntp_that_it_never_had(machine, of_a_new_process, ntp):
    machine(up_s=20, ntp=ntp)
    assert not of_a_new_process()


def test_it_does_not_wait_where_nobody_can_tell_what_ntp_did(machine, witness, of_a_new_process):
    witness.touch()
    machine(up_s=20, ntp=None)
    assert not of_a_new_process()


def test_a_machine_with_a_hardware_clock_does_not_wait_unless_that_one_lost_its_power(
    machine, witness, of_a_new_process
):
    witness.touch()
    machine(up_s=20, ntp=False, hardware_clock=NOW_MS // 1000)
    assert has_kept_time()
    assert not of_a_new_process()
    machine(up_s=20, ntp=False, hardware_clock=1_000)
    assert of_a_new_process()
    machine(up_s=20, ntp=False, hardware_clock="")
    assert of_a_new_process(), "it cannot be read"


def test_that_ntp_sets_the_clock_is_remembered_for_the_next_start(machine, witness, of_a_new_process):
    machine(up_s=90, ntp=True)
    assert not of_a_new_process()
    assert witness.exists()
    machine(up_s=20, ntp=False)
    assert of_a_new_process()


def test_a_process_that_waited_goes_on_once_ntp_has_come(machine, witness):
    witness.touch()
    clock = Clock(lambda: witness)
    machine(up_s=20, ntp=False)
    assert clock.is_behind(NOW_MS)
    machine(up_s=50, ntp=True)
    assert not clock.is_behind(NOW_MS)
    machine(up_s=60, ntp=False)
    assert not clock.is_behind(NOW_MS), "the kernel forgets after hours without a network; the clock goes on"


def test_a_witness_that_cannot_be_written_refuses_nothing(machine, tmp_path):
    machine(up_s=90, ntp=True)
    assert not Clock(lambda: tmp_path / "no folder" / "witness").is_behind(NOW_MS)


def test_the_kernel_of_this_machine_answers_or_timesyncd_does_or_nobody(monkeypatch, tmp_path):
    assert is_synchronised() in (True, False, None)
    monkeypatch.setattr(module, "_adjtimex", lambda: -1)
    monkeypatch.setattr(module, "TIMESYNC", tmp_path)
    assert is_synchronised() is False
    (tmp_path / "synchronized").touch()
    assert is_synchronised() is True
    monkeypatch.setattr(module, "TIMESYNC", tmp_path / "absent")
    assert is_synchronised() is None


@pytest.mark.parametrize(("state", "is_set"), [(0, True), (4, True), (5, False)])
def test_the_state_of_the_kernel_s_clock(monkeypatch, state, is_set):
    monkeypatch.setattr(module, "_adjtimex", lambda: state)
    assert is_synchronised() is is_set


def test_a_system_without_adjtimex_does_not_know(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "_of_libc", lambda name: None)
    monkeypatch.setattr(module, "TIMESYNC", tmp_path / "absent")
    assert is_synchronised() is None


def test_a_process_that_waits_no_longer_still_remembers_once_ntp_has_come(machine, witness):
    clock = Clock(lambda: witness)
    machine(up_s=NTP_TAKES_S, ntp=False)
    assert not clock.is_behind(NOW_MS)
    machine(up_s=NTP_TAKES_S + 3600, ntp=True)
    assert not clock.is_behind(NOW_MS)
    assert witness.exists()
