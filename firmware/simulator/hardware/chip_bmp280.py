"""A BMP280: a BME280 without humidity (BST-BMP280-DS001)."""

from chip_bme280 import BME280


class BMP280(BME280):
    """The registers of humidity are empty."""

    ID = 0x58
    HUMID = False

    def measured(self):
        return BME280.measured(self)[:6] + b"\x00\x00"
