"""An ESP8266 that lives on a pseudo-terminal, for the real esptool and the real mpremote.

Both take `port` with the options that a real board needs: esptool's default resets warn that a pseudo-terminal has no
DTR and RTS and go on, the exit code stays 0; then the first byte decides whether loader or MicroPython answers.

    esptool --chip esp8266 --port PORT --baud 460800 write-flash 0 IMAGE
    mpremote connect PORT fs cp FILE :FILE
    mpremote connect PORT reset        hard reset: main.py runs
    mpremote connect PORT resume ...   without the soft reset that each mpremote begins with

`port` is a link whose name does not begin with /dev/pts/: there mpremote reads without a timeout, as it does for QEMU.
"""

from tests.virtual_board.board import MAC
from tests.virtual_board.virtual_board import VirtualBoard

__all__ = ["MAC", "VirtualBoard"]
