"""The manifest by which a telephone keeps freetemp among its apps."""

import pytest
from PIL import Image

from tests.server import ROOT


@pytest.mark.django_db
def test_the_first_page_names_it(client):
    page = client.get("/").content.decode()
    assert '<link rel="manifest" href="/manifest.webmanifest">' in page
    assert "apple-touch-icon" in page


def test_it_has_what_browsers_want_of_an_app(client):
    response = client.get("/manifest.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    manifest = response.json()
    assert (manifest["name"], manifest["start_url"], manifest["scope"]) == ("freetemp", "/", "/")
    assert manifest["display"] == "standalone"
    assert {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }


def test_its_pictures_have_the_sizes_that_it_names_and_are_small(client):
    icons = client.get("/manifest.webmanifest").json()["icons"]
    for name, sizes in [*((icon["src"], icon["sizes"]) for icon in icons), ("/apple-touch-icon.png", "180x180")]:
        path = ROOT / "static" / "img" / name.rpartition("/")[2]
        assert path.stat().st_size < 8000
        with Image.open(path) as picture:
            assert f"{picture.width}x{picture.height}" == sizes
            assert picture.format == "PNG"
