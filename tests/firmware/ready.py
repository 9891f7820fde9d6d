"""A station that can be flashed, and a MicroPython image for it."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from firmware.models import MicroPythonImage, StationNetwork
from stations.models import Key
from tests.conftest import MAC
from tests.firmware.conftest import make_network

PASSWORD = "tomatoes and beans"
IMAGE = b"\xe9" + bytes(range(256)) * 300


def give_wifi(station, ssid="Garden", password=PASSWORD):
    return StationNetwork.objects.create(station=station, network=make_network(ssid, password))


def add_image(version="1.28.0", content=IMAGE):
    return MicroPythonImage.objects.create(
        file=ContentFile(content, f"esp8266-{version}.bin"),
        version=version,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
    )


def lose(image):
    """Let the content of an image go, as a database that was damaged may."""
    image.storage.delete(image.name)
    image.copy_path.unlink(missing_ok=True)


def use(key, mac=MAC):
    """Use a key, like the station's first reading."""
    with transaction.atomic():
        Key.objects.authenticate(mac, key).take_over(timezone.now())


def images_of_elsewhere():
    return list(Path(settings.VAR_DIR, "firmware", "elsewhere").glob("*"))


def forget_images_of_elsewhere():
    for path in images_of_elsewhere():
        path.unlink()
