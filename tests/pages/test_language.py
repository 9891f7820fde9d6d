"""Pages in the viewer's language, and the parts that stay English."""

import re
from datetime import date

import pytest
from django.utils import timezone, translation
from playwright.sync_api import expect

from freetemp.fields import to_millis
from freetemp.formatting import dated, decimal
from readings import ingest
from readings.ingest.reports import Measurement
from tests.pages.viewer import VIEWER, drawn, prefer

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}


@pytest.fixture
def measured(station):
    ingest.store(station, [Measurement(1, to_millis(timezone.now()), -3.25)])
    return station


@pytest.mark.parametrize(
    ("header", "query", "language"),
    [
        ("", "", "en-gb"),
        ("en-US", "", "en-gb"),
        ("fr,es;q=0.8", "", "en-gb"),
        ("de", "", "de"),
        ("de-CH", "", "de"),
        ("fr,de;q=0.8,en;q=0.5", "", "de"),
        ("de", "?lang=en-gb", "en-gb"),
        ("en", "?lang=de", "de"),
        ("en", "?lang=de-AT", "de"),
        ("en", "?lang=DE", "de"),
        ("de", "?lang=en", "en-gb"),
        ("en", "?lang=klingon", "en-gb"),
        ("*" * 600, "?lang=" + "x" * 600, "en-gb"),
    ],
)
@pytest.mark.django_db
def test_a_page_is_in_what_its_address_or_else_its_browser_asks_for(client, measured, header, query, language):
    for address in ("/", measured.get_absolute_url(), "/stations/99/"):
        response = client.get(f"{address}{query}", headers={"Accept-Language": header})
        assert response["Content-Language"] == language
        assert f'<html lang="{language}">' in response.content.decode()
        assert {"Accept-Language", "Cookie"} <= {each.strip() for each in response["Vary"].split(",")}


def test_a_language_that_was_chosen_is_remembered(client, measured):
    client.get("/?lang=de")
    assert client.cookies["language"]["samesite"] == "Lax"
    assert "Stationen" in client.get("/").content.decode()


def test_a_german_page_has_german_words_numbers_and_dates(client, measured):
    page = client.get(f"{measured.get_absolute_url()}?date=2026-03-02", headers=GERMAN).content.decode()
    assert "Keine Messwerte am Montag, 2. März 2026." in page
    assert ">Temperatur<" in page.replace("\n", "").replace(" ", "")
    assert "\N{MINUS SIGN}3,2" in page, "of the newest value"
    body = page.partition("<body>")[2].partition('id="words"')[0]
    assert not re.search(r"\b(No|readings|today|high|mean|low|Show)\b", re.sub(r"<[^>]*>", " ", body))


def test_the_admin_and_programs_are_answered_in_english(admin_client, measured):
    assert "Log out" in admin_client.get("/admin/stations/station/", headers=GERMAN).content.decode()
    answer = admin_client.get(f"/api/v1/stations/{measured.pk}/series/?points=1", headers=GERMAN)
    assert answer.json() == {"points": ["Ensure this value is greater than or equal to 2."]}
    fields = admin_client.get(f"/api/v1/stations/{measured.pk}/", headers=GERMAN).json()["fields"]
    assert fields[0]["name"] == "temperature"


def test_a_sentence_about_a_wrong_address_is_german_too(client, measured):
    address = f"{measured.get_absolute_url()}?start=2026-03-29T02:30"
    page = client.get(address, headers=GERMAN).content.decode()
    assert "2026-03-29 02:30:00 gibt es in Europe/Berlin nicht" in page


@pytest.mark.parametrize(
    ("language", "value", "decimals", "written"),
    [
        ("en-gb", 1013.25, 1, "1013.2"),
        ("de", 1013.25, 1, "1013,2"),
        ("de", -0.04, 1, "0,0"),
        ("de", -7, 0, "\N{MINUS SIGN}7"),
    ],
)
def test_a_number_has_the_mark_of_its_language(language, value, decimals, written):
    with translation.override(language):
        assert decimal(value, decimals) == written


def test_a_day_is_in_the_order_of_its_language(station):
    on = date(2026, 3, 1)
    found = {}
    for language in ("en-gb", "de"):
        with translation.override(language):
            found[language] = dated(on, "l j F Y")
    assert found == {"en-gb": "Sunday 1 March 2026", "de": "Sonntag, 1. März 2026"}


@pytest.mark.browser
@pytest.mark.sqlite_only
def test_scripts_speak_the_language_of_their_page(browser, server):
    context = browser.new_context(base_url=server.url, **(VIEWER | {"locale": "de-DE"}))
    page = context.new_page()
    page.goto("/stations/1/?period=year")
    drawn(page)
    page.locator(".plot").first.focus()
    page.keyboard.press("End")
    said = page.locator(".plot").first.get_attribute("aria-valuetext")
    assert re.search(r"\d\. \w+\.? \d{4}.* bis ", said), said
    assert re.search(r"\d,\d\s°C", said), said
    ages = page.evaluate(
        """async () => {
            const { ago } = await import("/static/js/lib/times.js");
            return [3, 61, 7200, 90000, 3 * 2629800, 40000000].map(ago);
        }"""
    )
    assert ages == ["gerade eben", "vor 1 Minute", "vor 2 Stunden", "vor 1 Tag", "vor 3 Monaten", "vor 1 Jahr"]
    context.close()


@pytest.mark.browser
@pytest.mark.sqlite_only
def test_a_viewer_chooses_language_and_units_and_stays_where_they_were(page):
    page.goto("/stations/1/?period=week&date=2026-11-04")
    prefer(page, Language="Deutsch", Pressure="inHg")
    drawn(page)
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator(".newest .unit").nth(0)).to_have_text("°C")
    expect(page.locator(".newest .unit").nth(2)).to_have_text("inHg")
    assert page.url.endswith("?period=week&date=2026-11-04"), "a link that is passed on holds neither"
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "de")


@pytest.mark.parametrize(("language", "words"), [("en", "Log in"), ("de", "Anmelden")])
def test_every_page_leads_visitors_to_the_login_and_staff_to_the_admin(client, admin_client, measured, language, words):
    link = f'<a href="/account/login/">{words}</a>'
    for address in ("/", measured.get_absolute_url()):
        assert link in client.get(f"{address}?lang={language}").content.decode()
        assert link not in admin_client.get(f"{address}?lang={language}").content.decode()
