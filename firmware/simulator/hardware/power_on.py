"""The port's start: it runs main.py, and when that ends, the REPL takes over (here: exit code 0)."""

import gc
import os
import sys

import interrupts

gc.threshold((gc.mem_free() + gc.mem_alloc()) // 4)  # as in the port's _boot.py

interrupts.hold()  # It may have slept beyond the moment to which it is led.
if "main.py" in os.listdir():
    try:
        import main  # noqa: F401 - As on the port, it is compiled from the file, so no copy of the source takes memory.
    except Exception as error:  # noqa: BLE001
        sys.print_exception(error)
