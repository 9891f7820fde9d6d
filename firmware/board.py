"""The board on a serial port, by the name under which programs outside of freetemp know it."""

from firmware.flash.board import Found, check_image, look, write

__all__ = ["Found", "check_image", "look", "write"]
