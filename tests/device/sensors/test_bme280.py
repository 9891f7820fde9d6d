"""BME280: Bosch's datasheet BST-BME280-DS002-15; BMP280: BST-BMP280-DS001."""

import random
import struct

import pytest

pytestmark = pytest.mark.sqlite_only

# The worked example of the BMP280's datasheet, 3.12. The BME280's has none, and its formulas are the same.
T = (27504, 26435, -1000)
P = (36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000)
H = (75, 362, 0, 340, 50, 30)
ADC_T, ADC_P = 519888, 415148


def registers(t=T, p=P, h=H, adc_t=ADC_T, adc_p=ADC_P, adc_h=0x7000):
    """Return a world with a chip of these registers: calibration laid out as in table 16, data as in chapter 4."""
    h1, h2, h3, h4, h5, h6 = h
    middle = bytes([h4 >> 4 & 0xFF, h4 & 15 | (h5 & 15) << 4, h5 >> 4 & 0xFF])
    humid = struct.pack("<hB", h2, h3) + middle + struct.pack("b", h6)
    data = (adc_p << 4).to_bytes(3, "big") + (adc_t << 4).to_bytes(3, "big") + adc_h.to_bytes(2, "big")
    calibration = struct.pack("<Hhh", *t) + struct.pack("<H8h", *p) + bytes([0, h1])
    return {"sensor_bytes": {"88": calibration.hex(), "e1": humid.hex(), "f7": data.hex()}}


def compensated(t, p, h, adc_t, adc_p, adc_h):
    """Return degC, % and hPa by the floating-point formulas (8.1)."""
    x = (adc_t / 16384 - t[0] / 1024) * t[1]
    y = (adc_t / 131072 - t[0] / 8192) ** 2 * t[2]
    t_fine = int(x + y)
    return (x + y) / 5120, percent(h, adc_h, t_fine), pascal(p, adc_p, t_fine) / 100


def pascal(p, adc, t_fine):
    p1, p2, p3, p4, p5, p6, p7, p8, p9 = p
    x = t_fine / 2 - 64000
    y = x * x * p6 / 32768
    y = y + x * p5 * 2
    y = y / 4 + p4 * 65536
    x = (p3 * x * x / 524288 + p2 * x) / 524288
    x = (1 + x / 32768) * p1
    result = 1048576 - adc
    result = (result - y / 4096) * 6250 / x
    x = p9 * result * result / 2147483648
    y = result * p8 / 32768
    return result + (x + y + p7) / 16


def percent(h, adc, t_fine):
    h1, h2, h3, h4, h5, h6 = h
    x = t_fine - 76800
    x = (adc - (h4 * 64 + h5 / 16384 * x)) * (h2 / 65536 * (1 + h6 / 67108864 * x * (1 + h3 / 67108864 * x)))
    return min(max(x * (1 - h1 * x / 524288), 0), 100)


def test_the_datasheet_s_example_is_25_08_degrees_and_1006_53_hectopascal(read):
    [outcome] = read("bme280", registers())
    assert outcome["readings"]["temperature"] == 25_080
    assert outcome["readings"]["pressure"] == 1_006_533  # 100653.27 Pa


def near(readings, expected):
    """Tell whether readings match floating point, within the precision of the integer formulas."""
    celsius, relative, hectopascal = expected
    return (
        abs(readings["temperature"] - celsius * 1000) <= 10
        and abs(readings["humidity"] - relative * 1000) <= 60
        and abs(readings["pressure"] - hectopascal * 1000) <= 25
    )


def drawn(rng):
    """Return a plausible production chip, and a measurement that it can make."""
    while True:
        t = (rng.randint(26000, 29000), rng.randint(25000, 28000), rng.choice([-1000, 50]))
        p = tuple(round(x * rng.uniform(0.9, 1.1)) for x in P)
        h4, h5, h6 = rng.randint(-400, 400), rng.randint(-60, 60), rng.choice([30, -30])
        h = (75, rng.randint(340, 390), rng.randint(0, 3), h4, h5, h6)
        adc = rng.randrange(1 << 20), rng.randrange(1 << 20), rng.randrange(1 << 16)
        celsius, _, hectopascal = compensated(t, p, h, *adc)
        if -40 < celsius < 85 and 300 < hectopascal < 1100:
            return t, p, h, *adc


def test_formulas_in_whole_numbers_agree_with_those_in_floating_point(read):
    """Chips differ, and H4, H5 and H6 may be negative."""
    rng = random.Random(280)
    chips = [drawn(rng) for _ in range(60)]
    for chip, outcome in zip(chips, read("bme280", *[registers(*chip) for chip in chips]), strict=True):
        assert near(outcome["readings"], compensated(*chip)), (chip, outcome, compensated(*chip))


def test_a_bmp280_sold_as_one_says_all_but_humidity(read):
    [outcome] = read("bme280", {"bmp280": True, "temperature": -3, "pressure": 998})
    assert sorted(outcome["readings"]) == ["pressure", "temperature"]
    assert abs(outcome["readings"]["temperature"] + 3000) <= 10


def test_another_chip_at_its_address_is_refused_by_its_id(read):
    [outcome] = read("bme280", {"sensor_bytes": {"d0": "61"}})
    assert outcome["says"] == "the chip is not a BME280: its id is 0x61"


@pytest.mark.parametrize("byte", ["00", "ff"])
@pytest.mark.parametrize(("register", "count"), [("88", 26), ("e1", 7)])
def test_an_empty_calibration_is_refused(read, byte, register, count):
    [outcome] = read("bme280", {"sensor_bytes": {register: byte * count}})
    assert outcome["says"] == "its calibration is empty"


@pytest.mark.parametrize("data", ["80000080 00008000", "65000080 00008000", "800000 7eed00 8000"])
def test_power_on_values_are_no_measurement(read, data):
    """They would be 25 degC with the calibration of the datasheet's example."""
    [outcome] = read("bme280", {"sensor_bytes": {"f7": data.replace(" ", "")}})
    assert outcome["says"] == "it was reset while measuring"


@pytest.mark.parametrize(("byte", "says"), [("00", "it says -141 degC"), ("ff", "it says 187 degC")])
def test_a_lost_bus_is_no_weather(read, byte, says):
    """The values are those of all zeros and all ones with the calibration of the datasheet's example."""
    [outcome] = read("bme280", {"sensor_bytes": {"f7": byte * 8}})
    assert (outcome["error"], outcome["says"]) == ("ValueError", says)


def test_a_chip_that_is_reset_amid_its_measurement_measures_again(read):
    [outcome] = read("bme280", {"sensor_fault": "blink", "temperature": -12})
    assert abs(outcome["readings"]["temperature"] + 12_000) <= 10


def test_settings_that_are_lost_each_time_are_refused(read):
    [outcome] = read("bme280", {"sensor_bytes": {"f4": "00"}})
    assert outcome["says"] == "it was reset while measuring"


def test_a_measurement_that_does_not_end_is_given_up(read):
    [outcome] = read("bme280", {"sensor_bytes": {"f3": "08"}})
    assert outcome["says"] == "its measurement does not end"


def test_pressure_outside_of_the_chip_s_range_is_refused(read):
    [outcome] = read("bme280", registers(adc_p=0))
    assert outcome["says"].endswith(" hPa")


def test_fog_is_100_percent_and_no_fault(read):
    [outcome] = read("bme280", {"humidity": 100, "temperature": 8})
    assert abs(outcome["readings"]["humidity"] - 100_000) <= 20


def test_a_bit_turned_over_on_the_wire_is_noticed_without_a_checksum(read):
    outcomes = read("bme280", *[{"sensor_fault": "crc"}] * 20)
    assert {outcome.get("says") for outcome in outcomes} == {"two reads differ: shorten its wires"}


def test_chip_and_driver_agree_from_cold_to_hot(read):
    worlds = [{"temperature": i * 2.4 - 39, "humidity": i * 1.9 + 1, "pressure": i * 15.4 + 310} for i in range(51)]
    for world, outcome in zip(worlds, read("bme280", *worlds), strict=True):
        assert near(outcome["readings"], (world["temperature"], world["humidity"], world["pressure"])), (world, outcome)


def test_a_filter_that_another_program_left_is_switched_off(read):
    warm, cold = {"temperature": 30, "left": [[0x76, "f510"]]}, {"temperature": -10}
    assert abs(read("bme280", warm, cold)[1]["readings"]["temperature"] + 10_000) <= 10
