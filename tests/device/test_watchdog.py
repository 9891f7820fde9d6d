"""lib/watchdog.py with the stand-in for the port's WDT, which bites 3.2 s after its last feeding."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from firmware.simulator.vm import RESET_EXIT, VirtualMachine

pytestmark = pytest.mark.sqlite_only

Run = Callable[..., VirtualMachine]
SOFT_RESET, SOFT_WDT_RESET = 4, 3

PROLOGUE = """
import machine, time, watchdog
if machine.reset_cause():
    print("restarted by", machine.reset_cause())
    raise SystemExit
watchdog.start()
"""


def test_a_step_within_its_deadline_is_fed(run: Run) -> None:
    vm = run(PROLOGUE + "with watchdog.step(60):\n    time.sleep(55)\nprint('done')")
    assert vm.lines == ["done"]


def test_a_step_that_takes_too_long_resets_the_board(run: Run) -> None:
    vm = run(PROLOGUE + "with watchdog.step(60):\n    time.sleep(70)\nprint('done')")
    assert vm.lines == ["the watchdog bit", f"restarted by {SOFT_WDT_RESET}"]
    assert vm.exits[0] == RESET_EXIT


def test_time_outside_of_every_step_is_short(run: Run) -> None:
    assert run(PROLOGUE + "time.sleep(15)").lines[-1] == f"restarted by {SOFT_WDT_RESET}"


def test_a_program_has_its_10_s_from_the_start_and_again_from_the_end_of_each_step(run: Run) -> None:
    program = """
    time.sleep(8)
    print("begun")
    with watchdog.step(60):
        time.sleep(40)
    time.sleep(8)
    print("between steps")
    time.sleep(8)
    print("too late")
    """
    lines = run(PROLOGUE + "if True:\n" + program).lines
    assert lines == ["begun", "between steps", "the watchdog bit", f"restarted by {SOFT_WDT_RESET}"]


def test_it_is_fed_in_time_where_the_port_s_watchdog_bites_as_early_as_it_may(run: Run) -> None:
    """It bites after 1.6 s at the earliest; the stand-in, after 3.2 as a rule, is told so."""
    early = PROLOGUE.replace("watchdog.start()", "machine.WDT.BITES_MS = 1600\nwatchdog.start()")
    assert run(early + "with watchdog.step(60):\n    time.sleep(50)\nprint('done')", speed=100).lines == ["done"]


def test_a_step_within_a_step_cannot_outlast_it(run: Run) -> None:
    program = """
    with watchdog.step(20):
        for turn in range(10):
            with watchdog.step(60):
                time.sleep(5)
                print("turn", turn)
    """
    lines = run(PROLOGUE + "if True:\n" + program).lines
    assert "turn 3" in lines
    assert "turn 5" not in lines


def test_the_first_step_within_a_step_cannot_outlast_it_either(run: Run) -> None:
    program = "with watchdog.step(10):\n    with watchdog.step(60):\n        time.sleep(30)\n        print('too late')"
    assert run(PROLOGUE + program).lines == ["the watchdog bit", f"restarted by {SOFT_WDT_RESET}"]


def test_the_outer_deadline_holds_again_after_an_inner_step(run: Run) -> None:
    program = """
    with watchdog.step(30):
        with watchdog.step(2):
            time.sleep(1)
        time.sleep(25)
        print("still within")
        time.sleep(20)
        print("too late")
    """
    lines = run(PROLOGUE + "if True:\n" + program).lines
    assert "still within" in lines
    assert "too late" not in lines


def test_what_is_in_ram_only_is_rescued_before_the_reset(run: Run) -> None:
    program = """
    with watchdog.step(5, lambda: print("rescued")):
        time.sleep(60)
    """
    assert run(PROLOGUE + "if True:\n" + program).lines == ["rescued", f"restarted by {SOFT_RESET}"]


def test_a_rescue_that_hangs_is_bitten(run: Run) -> None:
    program = """
    with watchdog.step(5, lambda: time.sleep(100)):
        time.sleep(60)
    """
    assert run(PROLOGUE + "if True:\n" + program).lines[-1] == f"restarted by {SOFT_WDT_RESET}"


def test_a_rescue_that_takes_its_time_is_not_begun_again(run: Run) -> None:
    """It writes to flash, whose file system must not be entered twice."""
    program = """
    with watchdog.step(5, lambda: print("rescue") or time.sleep(2) or print("rescued")):
        time.sleep(60)
    """
    lines = run(PROLOGUE + "if True:\n" + program).lines
    assert lines == ["rescue", "rescued", f"restarted by {SOFT_RESET}"]


def test_the_rescue_of_a_step_holds_again_after_one_within_it(run: Run) -> None:
    program = """
    with watchdog.step(20, lambda: print("rescued")):
        with watchdog.step(5):
            time.sleep(1)
        time.sleep(60)
    """
    assert run(PROLOGUE + "if True:\n" + program).lines == ["rescued", f"restarted by {SOFT_RESET}"]


def test_a_step_without_a_rescue_does_not_inherit_one(run: Run) -> None:
    program = """
    with watchdog.step(50, lambda: print("rescued")):
        with watchdog.step(5):
            time.sleep(60)
    """
    assert "rescued" not in run(PROLOGUE + "if True:\n" + program).lines


def test_the_repl_is_not_bitten_after_ctrl_c(run: Run) -> None:
    vm = run(PROLOGUE + "watchdog.release()\ntime.sleep(600)\nprint('done')")
    assert vm.lines == ["done"]


def test_a_deadline_is_kept_where_ticks_wrap(run: Run) -> None:
    vm = run(PROLOGUE + "with watchdog.step(60):\n    time.sleep(55)\nprint('done')", ticks_start=2**30 - 20_000)
    assert vm.lines == ["done"]
