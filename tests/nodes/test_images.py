"""A MicroPython image that came to one node is at the other, too."""

import hashlib
import json
import urllib.request

import pytest

from firmware.models import FlashToken
from stations.models import Station
from tests.conftest import MAC
from tests.firmware.ready import IMAGE, add_image, give_wifi


@pytest.mark.django_db(transaction=True)
def test_an_image_is_taken_at_every_node_though_none_has_a_file_of_it(nodes, settings, tmp_path):
    settings.VAR_DIR = tmp_path  # That of a third.
    station = Station.objects.create(name="Garden", mac=MAC)
    give_wifi(station)
    add_image()
    header = {"Authorization": f"Bearer {FlashToken.objects.make(station)}"}
    for node in nodes:
        facts = json.load(
            urllib.request.urlopen(urllib.request.Request(f"{node.url}/api/v1/flash/image/", headers=header))
        )
        assert facts["sha256"] == hashlib.sha256(IMAGE).hexdigest()
        address = f"{node.url}/api/v1/flash/image/{facts['sha256']}/"
        assert asked(address, header) == IMAGE


def asked(address, header):
    with urllib.request.urlopen(urllib.request.Request(address, headers=header)) as answer:
        return answer.read()
