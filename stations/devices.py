"""Devices of other makers that may report to a station, and what to type into each of them.

Such a device has no MAC that freetemp asks for: the station's key alone names it, or stands in the address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

BOARD = "board"  # freetemp's own, and programs that speak its language: docs/http-api.md

Rows = list[tuple[str, str]]


@dataclass(frozen=True)
class Server:
    """The server's address in the parts that such devices ask for. `path` is empty, or like `/weather`.

    Most of them know no HTTPS. The nginx that comes with freetemp takes their addresses on port 80 too.
    """

    url: str
    host: str
    port: int
    path: str
    is_encrypted: bool

    @classmethod
    def of(cls, url: str) -> Server:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return cls(url.rstrip("/"), parts.hostname or "", port, parts.path.rstrip("/"), parts.scheme == "https")

    @property
    def plain_port(self) -> int:
        """Return the port for what knows no HTTPS."""
        return 80 if self.is_encrypted and self.port == 443 else self.port

    @property
    def port_to_type(self) -> str:
        if not self.is_encrypted:
            return str(self.port)
        return "80 (443 if it knows HTTPS)" if self.port == 443 else f"{self.port} (if it knows HTTPS)"


@dataclass(frozen=True)
class Device:
    """A kind of device. `rows` are the names of what it asks for and what to type there, with the station's key."""

    label: str
    page: str  # in docs/devices/
    rows: Callable[[Server, int, str], Rows]
    identity: str = ""  # What its identity on an MQTT broker is, for a device that announces itself there.
    filters: tuple[str, ...] = ()  # The rights of a user of its own: {} is its number.


def _server(server: Server) -> Rows:
    return [("Server, host name", server.host), ("Port", server.port_to_type)]


def _broker(server: Server) -> str:
    return f"{server.host}, unless the broker of MQTT_URL is another machine"


def _wunderground(server: Server, station: int, key: str) -> Rows:
    path = "/weatherstation/updateweatherstation.php"
    return [
        *_server(server),
        ("Path", f"{server.path}{path}?"),
        ("Station ID", f"freetemp{station}"),
        ("Station key, password", key),
        ("WeeWX: server_url", f"{server.url}{path}"),
        ("Path, if it asks for no password", f"{server.path}/in/{key}{path}?"),
    ]


def _gateway(protocol: str, path: str) -> Callable[[Server, int, str], Rows]:
    def rows(server: Server, station: int, key: str) -> Rows:
        return [("Protocol", protocol), *_server(server), ("Path", f"{server.path}/in/{key}{path}")]

    return rows


def _thingspeak(server: Server, station: int, key: str) -> Rows:
    return [
        *_server(server),
        ("Channel ID", str(station)),
        ("Write API Key", key),
        ("Address that updates", f"{server.url}/update?api_key={key}&field1=21.4"),
        ("Address for many updates", f"{server.url}/channels/{station}/bulk_update.json"),
        ("Address, if it can send no key", f"{server.url}/in/{key}/update?field1=21.4"),
    ]


def _awekas(server: Server, station: int, key: str) -> Rows:
    path = "/eingabe_pruefung.php"
    return [
        ("Server", f"{server.url}{path}"),
        ("User name", key),
        ("Password", "anything: only the key counts"),
        ("Address, if the user name cannot be changed", f"{server.url}/in/{key}{path}"),
    ]


def _tasmota(server: Server, station: int, key: str) -> Rows:
    path = f"/in/{key}/tasmota"
    to = f"[{server.host}:{server.plain_port}] {server.path}{path}"
    rule = f"Rule1 ON Tele-BME280#Temperature DO WebSend {to}?BME280.Temperature=%value%"
    return [
        ("Rule, in the console", f"{rule} ENDON"),
        ("Then", "Rule1 1"),
        ("Address for JSON", server.url + path),
        ("Or by MQTT: host", _broker(server)),
        ("MQTT user and topic, if the broker has a user for each station", str(station)),
        ("MQTT password, then", key),
    ]


def _esphome(server: Server, station: int, key: str) -> Rows:
    return [
        ("url, of http_request.post", f"{server.url}/in/{key}/esphome"),
        ("Or by MQTT: broker", _broker(server)),
        ("MQTT username, if the broker has a user for each station", str(station)),
        ("MQTT password, then", key),
        ("MQTT topic_prefix and esphome name, then", f"station{station}"),
    ]


def _enviro(server: Server, station: int, key: str) -> Rows:
    return [
        ("A custom HTTP endpoint, URL", f"{server.url}/enviro"),
        ("Username", f"freetemp{station}"),
        ("Password", key),
        ("URL, without user and password", f"{server.url}/in/{key}/enviro"),
    ]


def _mqtt(server: Server, station: int, key: str) -> Rows:
    return [
        ("Server, broker", _broker(server)),
        ("Port", "1883, or 8883 with TLS"),
        ("Topic", f"freetemp/in/{key}"),
        ("Message", '{"temperature": 21.4, "humidity": 52}'),
        ("Topic of one value", f"freetemp/in/{key}/temperature"),
        ("User, if the broker has one for each station", str(station)),
        ("Password, then", key),
        ("Topic, then", f"freetemp/in/{station}"),
    ]


def _announcing(server: Server, station: int, key: str) -> Rows:
    return [
        ("MQTT, server", _broker(server)),
        ("What its identity has to be here", "what the list of MQTT devices shows, which registers it by a click"),
    ]


DEVICES = {
    "wunderground": Device(
        "Weather Underground, PWSweather, WOW: consoles, WeeWX and others", "wunderground.md", _wunderground
    ),
    "ecowitt": Device(
        "Ecowitt, and its kin: gateways and consoles with its own protocol",
        "ecowitt.md",
        _gateway("Ecowitt", "/data/report/"),
    ),
    "ambient": Device(
        "Ambient Weather: consoles with its own protocol", "ecowitt.md", _gateway("Ambient Weather", "/data/report/?")
    ),
    "thingspeak": Device(
        "ThingSpeak: sketches and programs that update a channel",
        "thingspeak.md",
        _thingspeak,
        filters=("write channels/{}/publish/#",),
    ),
    "mqtt": Device("MQTT: programs and devices of your own", "mqtt.md", _mqtt, filters=("write freetemp/in/{}/#",)),
    "homeassistant": Device(
        "MQTT discovery of Home Assistant: devices that announce themselves to it",
        "mqtt-discovery.md",
        _announcing,
        identity="what its announcement has under identifiers",
    ),
    "zigbee2mqtt": Device(
        "Zigbee2MQTT: sensors at its bridge",
        "mqtt-discovery.md",
        _announcing,
        identity="the sensor's address, like 0x00124b0012345678",
    ),
    "awekas": Device("AWEKAS: WeeWX and other programs that upload to it", "awekas.md", _awekas),
    "tasmota": Device(
        "Tasmota, over HTTP or MQTT",
        "tasmota.md",
        _tasmota,
        identity="its MAC address",
        filters=("write tele/{}/#", "write stat/{}/#", "read cmnd/{}/#", "write tasmota/discovery/{mac}/#"),
    ),
    "esphome": Device(
        "ESPHome, over HTTP or MQTT",
        "esphome.md",
        _esphome,
        identity="its MAC address",
        filters=("readwrite station{}/#", "write homeassistant/+/station{}/#"),
    ),
    "enviro": Device("Pimoroni Enviro: its custom HTTP endpoint", "enviro.md", _enviro),
}
ON_A_BROKER = [key for key, device in DEVICES.items() if device.filters]
CHOICES = [
    (BOARD, "a board of freetemp, or a program of your own"),
    *((key, device.label) for key, device in DEVICES.items()),
]


def what_to_type(device: str, server_url: str, station: int, key: str) -> Rows:
    """Return what a device asks for, and what to type there, for a station's number and key."""
    return DEVICES[device].rows(Server.of(server_url), station, key)
