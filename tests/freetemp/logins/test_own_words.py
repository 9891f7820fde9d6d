"""A password is not mostly a word that everybody would try at this server."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from freetemp.logins.own_words import WORDS
from tests.test_docs import ROOT


@pytest.mark.parametrize(
    "password",
    ["freetemp2026", "WeatherStation!1", "Wetterstation", "freetemp-freetemp", "kastanien-2026", "admin!admin!"],
)
def test_a_word_of_this_server_with_a_year_or_a_sign_is_refused(password, settings):
    settings.SERVER_URL = "https://wetter.kastanien-schule.example:8443"
    with pytest.raises(ValidationError, match="near here"):
        validate_password(password)


@pytest.mark.parametrize(
    "password", ["gorse and heather", "my weather is always late", "stationmaster in a coat", "ü" * 5 + "bcdefg"]
)
def test_longer_ones_may_have_such_a_word(password):
    validate_password(password)


def test_the_docs_have_the_list():
    told = (ROOT / "docs" / "accounts.md").read_text()
    assert [word for word in WORDS if f"`{word}`" not in told] == []
