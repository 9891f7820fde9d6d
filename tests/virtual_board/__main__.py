"""Plug in a virtual board until Ctrl-C, and show its output: python -m tests.virtual_board --help."""

import argparse
import contextlib
import sys
import time

from firmware.simulator.vm import NoMicroPythonError
from tests.virtual_board import MAC, VirtualBoard

LOOK_S = 0.2


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.virtual_board", description="A board to try commands on.")
    parser.add_argument("--mac", default=MAC)
    parser.add_argument("--modem-lines", action="store_true", help="behind RFC 2217, with DTR and RTS; much slower")
    parser.add_argument("--with-micropython", action="store_true", help="MicroPython is on it already")
    options = parser.parse_args()
    with VirtualBoard(modem_lines=options.modem_lines, mac=options.mac) as board:
        if options.with_micropython:
            try:
                board.install_micropython()
            except NoMicroPythonError as error:
                parser.exit(1, f"{error}\n")
        print(f"An ESP8266 is at {board.port} until Ctrl-C. Its files: {board.files}", flush=True)  # noqa: T201
        with contextlib.suppress(KeyboardInterrupt):
            follow(board)


def follow(board: VirtualBoard) -> None:
    """Show MicroPython's output."""
    shown = 0
    while True:
        printed = board.printed
        sys.stdout.write(printed[shown:])
        sys.stdout.flush()
        shown = len(printed)
        time.sleep(LOOK_S)


main()
