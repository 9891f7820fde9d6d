"""MQTT_URL names a broker, or stops the start with a sentence."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from freetemp.conf.mqtt_url import Broker, broker

pytestmark = pytest.mark.sqlite_only


def test_a_url_has_user_password_port_and_authority():
    assert broker("mqtt://127.0.0.1") == Broker("127.0.0.1", 1883)
    told = broker("mqtts://free:p%40ss@broker.example/?ca=/etc/ca.crt")
    assert told == Broker("broker.example", 8883, "free", "p@ss", True, "/etc/ca.crt")
    assert broker("") is None


@pytest.mark.parametrize("url", ["127.0.0.1:1883", "http://a", "mqtt://", "mqtt://a:x", "mqtt://a/b", "mqtt://a?b=c"])
def test_another_url_is_refused_without_telling_a_password(url):
    with pytest.raises(ImproperlyConfigured, match="give it like mqtt"):
        broker(url)
