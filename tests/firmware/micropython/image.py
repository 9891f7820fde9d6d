"""Images like those of MicroPython's own build, without MicroPython."""

import hashlib
import struct

from tests.firmware.flash.flashing import esp8266_image


def micropython_image(version="1.28.0", size=60_000, salt=b"", built_for="ESP module"):
    """Return an image in the layout of MicroPython's ports/esp8266/makeimg.py: length at 0x8FFC, MD5 at the end."""
    text = salt + f"3.4.0; MicroPython v{version} on 2026-04-06; {built_for} with ESP8266\0".encode()
    code = text + bytes(number * 13 % 251 for number in range(size - 0x9000 - len(text)))
    flash = esp8266_image(3000)
    whole = flash + b"\xff" * (0x9000 - len(flash) - 4) + struct.pack("<I", 0x9000 + len(code)) + code
    return whole + hashlib.md5(whole[4:], usedforsecurity=False).digest()
