"""A person's tokens are made and ended on a page. Making one asks who is here."""

import pytest

from accounts.models import ApiToken
from tests.accounts.conftest import PASSWORD, code
from tests.conftest import client_of

pytestmark = pytest.mark.django_db

TOKENS = "/account/tokens/"
ASKED = {"name": "Grafana", "scope": "read", "lasts": "365"}


def test_a_session_that_was_left_open_makes_none(anna):
    browser = client_of(anna)
    asks = browser.post(TOKENS, ASKED)["Location"]
    assert asks == f"/account/confirm/?next={TOKENS.replace('/', '%2F')}"
    browser.post(asks, {"password": "wrong"})
    assert not ApiToken.objects.exists()


def test_what_was_typed_is_made_once_the_password_is_right(anna):
    browser = client_of(anna)
    page = browser.post(browser.post(TOKENS, ASKED)["Location"], {"password": PASSWORD})
    token = ApiToken.objects.get()
    assert (token.name, token.user) == ("Grafana", anna)
    assert f'value="{token.beginning}' in page.content.decode()
    assert page.content.decode().count(f'<form method="post" action="{TOKENS}"') == 2
    assert "no-store" in page["Cache-Control"]
    assert browser.post(TOKENS, ASKED).status_code == 200, "one who was confirmed a moment ago is not asked again"


def test_whoever_has_a_second_factor_shows_that(admin, visitor, django_capture_on_commit_callbacks):
    visitor.log_in()
    with django_capture_on_commit_callbacks(execute=True):
        visitor.add_app()
    session = visitor.session
    session["account_authentication_methods"] = []  # It was long ago.
    session.save()
    asks = visitor.post(TOKENS, ASKED)["Location"]
    assert asks.startswith("/account/second-factor/confirm/")
    assert visitor.post(asks, {"code": code(visitor.secret, 1)}).status_code == 200
    assert ApiToken.objects.get().user == admin


def test_ending_one_asks_nothing(anna):
    token, _ = ApiToken.objects.make(anna, "Grafana")
    client_of(anna).post(TOKENS, {"end": str(token.pk)})
    assert ApiToken.objects.get().state == "ended"


def test_a_form_that_cannot_be_is_refused_before_anybody_is_asked(anna):
    assert client_of(anna).post(TOKENS, ASKED | {"name": ""}).status_code == 400


@pytest.mark.parametrize(("language", "words"), [("en", ("None", "1 token", "2 tokens")), ("de", ("Keine", "1 Token"))])
def test_the_page_of_the_account_leads_to_them_and_counts_those_that_can_be_used(anna, language, words):
    browser = client_of(anna)
    ApiToken.objects.make(anna, "old")
    ApiToken.objects.end()
    for number, each in enumerate(words):
        page = browser.get("/account/", headers={"accept-language": language}).content.decode()
        assert f'href="{TOKENS}"' in page
        assert f"<span>{each}</span>" in page
        ApiToken.objects.make(anna, f"program {number}")
