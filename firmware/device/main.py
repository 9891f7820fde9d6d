"""Starts the station, and keeps the board reachable over USB even if everything else is broken."""

import gc
import machine
import sys
import time

WINDOW_S = 5  # for mpremote to interrupt, before there is a watchdog or sleep
ENOUGH = 3
STARTS_AT = 64  # index in RTC memory, after the bytes of lib/identity.py: starts in a row that did not get far


def starts(number=None):
    """Return the count of starts, or set it. It costs no flash, and is lost with the power."""
    memory = machine.RTC().memory()
    if number is None:
        return memory[STARTS_AT] if len(memory) > STARTS_AT else 0
    whole = bytearray(max(len(memory), STARTS_AT + 1))
    whole[: len(memory)] = memory
    whole[STARTS_AT] = number
    machine.RTC().memory(whole)


def may_start():
    """Wait for Ctrl-C if somebody may be there; return whether the station should start."""
    if machine.reset_cause() in (machine.PWRON_RESET, machine.HARD_RESET):
        print("freetemp starts in %d s; Ctrl-C stops it" % WINDOW_S)
        time.sleep(WINDOW_S)
        starts(0)
    if starts() < ENOUGH:
        return True
    print("freetemp did not start %d times in a row: see faults.txt; the reset button tries again" % ENOUGH)
    return False


def record(error):
    sys.print_exception(error)
    try:
        import faults

        faults.record(error)
    except Exception as broken:  # The code that records faults may itself be broken.
        print("not recorded:", broken)


def main():
    gc.threshold(1024)  # Frequent collections keep lasting objects close together, with room for large ones.
    sys.path.append(sys.path.pop(0))  # The root goes last: import would take its folder outbox for the module outbox.
    starts(starts() + 1)
    try:
        import station

        station.start(lambda: starts(0))
    except Exception as error:
        record(error)
        machine.reset()


if may_start():
    main()
