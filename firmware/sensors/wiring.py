"""A sensor's wiring as people write it: “scl=D1 sda=D2 address=0x18”, and whether one board can carry several."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import combinations

from django.core.exceptions import ValidationError

from firmware.sensors.catalogue import MEMORY_BYTES, SAFE_PINS, SensorType, Setting

_BY_LABEL = {label: gpio for gpio, label in SAFE_PINS.items()}
_PAIR = r"(\w+)\s*=\s*([\w.]+)"

Wired = tuple[SensorType, dict[str, int]]  # A sensor with its whole wiring.


def parse_wiring(text: str, sensor: SensorType | None = None) -> dict[str, int]:
    """Parse a text like `scl=D1 sda=4, address=0x19` into names and numbers. Raises ValidationError.

    The sensor tells which names are settings, such as `tip_mm=0.2`.
    """
    pairs = re.findall(_PAIR, text)
    names = {name.lower() for name, _ in pairs}
    if re.sub(_PAIR + r"|[\s,;]", "", text) or len(names) < len(pairs):
        raise ValidationError("Write the wiring like “scl=D1 sda=D2”, each name once, or leave it empty.")
    settings = sensor.settings if sensor else {}
    return {name: _number(value, settings.get(name)) for name, value in ((n.lower(), v) for n, v in pairs)}


def _number(text: str, setting: Setting | None) -> int:
    if setting:
        return _scaled(text, setting)
    try:
        return _BY_LABEL.get(text.upper()) or int(text, 0)
    except ValueError:
        raise ValidationError(f"“{text}” is not a pin: use {_pins()}, or the GPIO number.") from None


def _scaled(text: str, setting: Setting) -> int:
    if re.fullmatch(rf"[0-9]{{1,6}}(\.[0-9]{{1,{setting.decimals}}})?" if setting.decimals else "[0-9]{1,6}", text):
        return int(Decimal(text).scaleb(setting.decimals))
    decimals = f", with a point and at most {setting.decimals} decimals" if setting.decimals else ""
    raise ValidationError(f"“{text}” is not a number like {_unscaled(setting.smallest, setting)}{decimals}.")


def write_wiring(sensor: SensorType, wiring: dict[str, int]) -> str:
    """Return a text for parse_wiring(), with pins as boards label them."""
    return " ".join(f"{name}={_label(name, sensor, value)}" for name, value in wiring.items())


def _label(name: str, sensor: SensorType, value: int) -> str:
    if name in sensor.settings:
        return _unscaled(value, sensor.settings[name])
    return SAFE_PINS.get(value, str(value)) if name in sensor.pins else f"0x{value:02x}"


def _unscaled(value: int, setting: Setting) -> str:
    return f"{Decimal(value).scaleb(-setting.decimals).normalize():f}"


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
    for name, setting in sensor.settings.items():
        if not setting.smallest <= whole[name] <= setting.largest:
            limits = " to ".join(_unscaled(limit, setting) for limit in (setting.smallest, setting.largest))
            raise ValidationError({"wiring": f"The {name} of a {sensor.label} is from {limits}."})


def check_board(board: list[Wired], on_battery: bool) -> None:
    """Raise ValidationError with a sentence if one board cannot carry these sensors together."""
    for sensor, _ in board:
        if sensor.is_counter and on_battery:
            raise ValidationError(
                f"A board on a battery sleeps between its readings, and a {sensor.label} has to be counted all the "
                "time: leave the battery unticked, and give the board a power supply."
            )
    for one, other in combinations(board, 2):
        _check_pair(one, other)
    _check_memory([sensor for sensor, _ in board])


def _check_memory(sensors: list[SensorType]) -> None:
    staying = [sensor for sensor in sensors if sensor.is_counter or sensor.stays]
    others = sorted((sensor for sensor in sensors if sensor not in staying), key=lambda each: each.memory_bytes)
    together = [*staying, *others[-1:]]
    if sum(sensor.memory_bytes for sensor in together) > MEMORY_BYTES:
        labels = " and a ".join(sensor.label for sensor in together)
        raise ValidationError(
            f"An ESP8266 has no memory for a {labels} at once: take one away, choose an SHT3x in place of a BME280, or "
            "give them a second board."
        )


def _check_pair(one: Wired, other: Wired) -> None:
    (sensor, wiring), (second, wiring_of_second) = one, other
    if sensor is second and sensor.why_one:
        raise ValidationError(f"A board carries one {sensor.label} only: {sensor.why_one}.")
    bus = (wiring.get("scl"), wiring.get("sda"), wiring.get("address"))
    if sensor.addresses and bus == tuple(wiring_of_second.get(name) for name in ("scl", "sda", "address")):
        raise ValidationError(
            f"Two sensors answer at 0x{wiring['address']:02x} on the same wires: give one another address."
        )
    shared = {wiring[name]: name for name in sensor.pins}
    for name in second.pins:
        pin = wiring_of_second[name]
        is_bus = sensor.addresses and second.addresses and shared.get(pin) == name  # Chips on I2C share their wires.
        if pin in shared and not is_bus:
            raise ValidationError(
                f"{SAFE_PINS.get(pin, pin)} has the {shared[pin]} of the {sensor.label} already: give the {name} of "
                f"the {second.label} another pin, of {_pins()}."
            )
