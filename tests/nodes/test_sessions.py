"""A session of one node is one of the other, and a page that a browser has from one has not changed at the other."""

import urllib.request
from urllib.error import HTTPError

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from stations.models import Station
from tests.conftest import client_of


def ask(url, **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except HTTPError as error:
        return error.code, dict(error.headers), error.read()


@pytest.mark.django_db(transaction=True)
def test_who_has_logged_in_at_one_node_is_in_at_the_other_and_out_at_both(nodes):
    client = client_of(User.objects.create_superuser("ann"))
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    pages = [ask(f"{node.url}/account/", Cookie=cookie)[2].decode() for node in nodes]
    assert all("ann" in page for page in pages)
    client.session.flush()
    assert ["ann" in ask(f"{node.url}/account/", Cookie=cookie)[2].decode() for node in nodes] == [False, False]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/", "/stations/{pk}/", "/api/v1/stations/"])
def test_what_a_browser_has_from_one_node_is_not_sent_again_by_the_other(nodes, path):
    station = Station.objects.create(name="Garden")
    urls = [node.url + path.format(pk=station.pk) for node in nodes]
    status, headers, _ = ask(urls[0])
    assert status == 200
    assert ask(urls[1], **{"If-None-Match": headers["ETag"]})[0] == 304
