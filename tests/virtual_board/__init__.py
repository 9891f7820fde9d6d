"""An ESP8266 that lives on a pseudo-terminal, for the real esptool and the real mpremote.

    with VirtualBoard(mac="5c:cf:7f:01:02:03", full=True) as board:
        subprocess.run(["esptool", "--port", board.port, "read-mac"])

Both programs take `port` with the options for a real board: esptool's default resets warn that a pseudo-terminal has no
DTR and RTS and go on, and the exit code stays 0; then the first byte decides whether loader or MicroPython answers.

    esptool --chip esp8266 --port PORT --baud 460800 write-flash 0 IMAGE
    mpremote connect PORT fs cp FILE :FILE
    mpremote connect PORT reset        hard reset: main.py runs
    mpremote connect PORT resume ...   without mpremote's initial soft reset

`port` is a link with a name outside /dev/pts/: there mpremote reads without a timeout, as it does for QEMU.
VirtualBoard(modem_lines=True) is behind RFC 2217, where DTR and RTS reset it; pyserial's client makes esptool slow
there: 7 s for read-mac. Board's attributes set its faults; busy(), unplug(), plug() and pull_after() act on its
cable. `python -m tests.virtual_board` plugs one in for a person.
"""

from tests.virtual_board.board import MAC
from tests.virtual_board.virtual_board import VirtualBoard

__all__ = ["MAC", "VirtualBoard"]
