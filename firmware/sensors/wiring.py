"""A sensor's wiring as people write it: “scl=D1 sda=D2 address=0x18”."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

from firmware.sensors.catalogue import SAFE_PINS, SensorType

_BY_LABEL = {label: gpio for gpio, label in SAFE_PINS.items()}


def parse_wiring(text: str) -> dict[str, int]:
    """Parse a text like `scl=D1 sda=4, address=0x18` into names and numbers. Raises ValidationError."""
    pairs = re.findall(r"(\w+)\s*=\s*(\w+)", text)
    names = {name.lower() for name, _ in pairs}
    if re.sub(r"\w+\s*=\s*\w+|[\s,;]", "", text) or len(names) < len(pairs):
        raise ValidationError("Write the wiring like “scl=D1 sda=D2”, each name once, or leave it empty.")
    return {name.lower(): _number(value) for name, value in pairs}


def _number(text: str) -> int:
    try:
        return _BY_LABEL.get(text.upper()) or int(text, 0)
    except ValueError:
        raise ValidationError(f"“{text}” is not a pin: use {_pins()}, or the GPIO number.") from None


def write_wiring(sensor: SensorType, wiring: dict[str, int]) -> str:
    """Return a text for parse_wiring(), with pins as boards label them."""
    return " ".join(f"{name}={_label(name, sensor, value)}" for name, value in wiring.items())


def _label(name: str, sensor: SensorType, value: int) -> str:
    return SAFE_PINS.get(value, str(value)) if name in sensor.pins else f"0x{value:02x}"


def _pins() -> str:
    return ", ".join(sorted(_BY_LABEL))


def check_wiring(sensor: SensorType, wiring: dict[str, int]) -> None:
    """Raise ValidationError with a sentence if the sensor cannot be wired like this."""
    if unknown := sorted(set(wiring) - set(sensor.wiring)):
        names = ", ".join(sensor.wiring)
        raise ValidationError({"wiring": f"A {sensor.label} has no {unknown[0]}: it has {names}."})
    whole = {**sensor.wiring, **wiring}
    pins = [whole[name] for name in sensor.pins]
    if wrong := [pin for pin in pins if pin not in SAFE_PINS]:
        raise ValidationError({"wiring": f"GPIO {wrong[0]} has other work on an ESP8266: use {_pins()}."})
    if len(set(pins)) < len(pins):
        raise ValidationError({"wiring": "Two wires cannot share a pin."})
    if "address" in whole and sensor.addresses and whole["address"] not in sensor.addresses:
        choices = ", ".join(f"0x{address:02x}" for address in sensor.addresses)
        raise ValidationError({"wiring": f"A {sensor.label} answers at {choices}."})
