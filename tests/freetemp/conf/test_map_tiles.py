"""The operator's settings for the source of the map's tiles and for their credit."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from freetemp.conf.map_tiles import Credit, Tiles, map_credit, map_tiles
from tests.freetemp.conf.test_environment import manage


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://tile.example/{z}/{x}/{y}.png", "https://tile.example"),
        (" https://Tile.Example:8443/{z}/{y}/{x}{r}.jpg?key=a-b_c ", "https://tile.example:8443"),
        ("http://192.168.1.20:8080/styles/basic/{z}/{x}/{y}.png", "http://192.168.1.20:8080"),
        ("/tiles/{z}/{x}/{y}.png", "'self'"),
    ],
)
def test_an_address_of_tiles_has_the_origin_that_pages_may_load_from(given, origin):
    assert map_tiles(given, tls=False) == Tiles(given.strip(), origin)


def test_no_address_is_no_map():
    assert map_tiles("", tls=True) is map_tiles("  ", tls=False) is None


@pytest.mark.parametrize(
    "given",
    [
        *("https://tile.example/", "https://tile.example/{z}/{x}.png", "tile.example/{z}/{x}/{y}.png", "map"),
        *("//tile.example/{z}/{x}/{y}.png", "ftp://tile.example/{z}/{x}/{y}.png", "https://{z}/{x}/{y}.png"),
        *("https://me:secret@tile.example/{z}/{x}/{y}.png", "https://tile.example/{z}/{x}/{y}/{quality}.png"),
        *("https://a.example; script-src *//{z}/{x}/{y}", "https://a.example,b/{z}/{x}/{y}", "https://a\n/{z}/{x}/{y}"),
        *("javascript:alert(1)//{z}/{x}/{y}", 'https://a.example/{z}/{x}/{y}"onload="', "https://[::1/{z}/{x}/{y}"),
        *("https://*/{z}/{x}/{y}.png", "https:///{z}/{x}/{y}.png", "https://a.example:x/{z}/{x}/{y}.png"),
    ],
)
def test_what_is_no_address_of_tiles_is_refused_with_one_that_is(given):
    with pytest.raises(ImproperlyConfigured, match=r"MAP_TILES_URL is .*give it like https://tile\.example/\{z\}"):
        map_tiles(given, tls=False)


def test_a_pattern_of_several_hosts_is_refused_with_what_to_do():
    with pytest.raises(ImproperlyConfigured, match=r"put one of the server's names in the place of \{s\}"):
        map_tiles("https://{s}.tile.example/{z}/{x}/{y}.png", tls=True)


def test_tiles_of_plain_http_are_refused_where_pages_are_of_https():
    with pytest.raises(ImproperlyConfigured, match="a page of https:// shows no pictures of http://"):
        map_tiles("HTTP://tile.example/{z}/{x}/{y}.png", tls=True)


@pytest.mark.parametrize(
    ("given", "credit"),
    [
        ("", Credit("", "")),
        ("© the county", Credit("© the county", "")),
        ("© OpenStreetMap https://osm.example/copyright", Credit("© OpenStreetMap", "https://osm.example/copyright")),
        ("https://osm.example/?a=1&b=2", Credit("https://osm.example/?a=1&b=2", "https://osm.example/?a=1&b=2")),
        ("mine javascript:alert(1)", Credit("mine javascript:alert(1)", "")),
    ],
)
def test_whose_map_it_is_may_end_with_an_address(given, credit):
    assert map_credit(given) == credit


@pytest.mark.parametrize("given", ["&copy; OpenStreetMap", '© <a href="https://osm.example">OpenStreetMap</a>'])
def test_html_is_refused_with_the_form_that_is_taken(given):
    with pytest.raises(ImproperlyConfigured, match="give plain text"):
        map_credit(given)


def test_the_server_does_not_start_with_a_wrong_one():
    refused = manage("check", MAP_TILES_URL="https://tile.example/")
    assert refused.returncode != 0
    assert "MAP_TILES_URL is 'https://tile.example/': give it like" in refused.stderr.splitlines()[-1]
