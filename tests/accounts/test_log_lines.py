"""The log has each login, confirmation and way out with its means, and what was refused to somebody; never a secret."""

import logging

import pytest
from django.contrib.auth.models import User

from tests.accounts.conftest import HERE, PASSWORD, another, code
from tests.conftest import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO)

    def of(name):
        return [record.getMessage() for record in caplog.records if record.name == name]

    return of


def test_a_login_a_confirmation_and_the_way_out_are_lines_with_the_means(anna, visitor, lines):
    visitor.defaults["REMOTE_ADDR"] = HERE
    visitor.log_in("anna")
    visitor.add_app()
    visitor.post("/account/logout/")
    again = another(visitor)
    again.log_in("anna")
    again.show(code(visitor.secret, 1))
    found = lines("accounts.login.receivers")
    assert found[0] == f"Logged in from {HERE}: user {anna.pk}, by password."
    assert found[1] == f"Confirmed who is here from {HERE}: user {anna.pk}, by password."
    assert f"Logged out from {HERE}: user {anna.pk}" in found[2]
    assert found[-1] == f"Logged in from 127.0.0.1: user {anna.pk}, by password and totp."
    assert PASSWORD not in "".join(found)


def test_what_is_refused_to_somebody_is_a_line_and_to_strangers_it_is_not(client, lines):
    clerk = User.objects.create_user("clerk", is_staff=True)
    for browser in (client_of(clerk), client):
        browser.get("/admin/auth/user/")
    client_of(clerk).get("/admin/auth/user/add/\r\nWARNING x")
    assert lines("freetemp.http.refusals") == [f"Refused to user {clerk.pk} from 127.0.0.1: GET /admin/auth/user/."]
