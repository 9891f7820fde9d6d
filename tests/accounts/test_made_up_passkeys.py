"""What no browser sends of a passkey is refused like a wrong one. Real ones: test_passkeys.py."""

import pytest
from django.test import Client

from tests.accounts.conftest import CODE

pytestmark = pytest.mark.django_db

ALONE = "/account/second-factor/passkeys/login/"


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "null",
        "7",
        "{",
        "{}",
        '{"response": {"userHandle": "MQ"}}',
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"userHandle": "MQ", "clientDataJSON": "e30"}}',
        pytest.param("9" * 5000, id="digits"),
        pytest.param("[" * 100_000 + "]" * 100_000, id="brackets"),
    ],
)
def test_it_lets_nobody_in_and_is_no_error_of_the_server(admin, visitor, sent, django_capture_on_commit_callbacks):
    answer = Client().post(ALONE, {"credential": sent})
    assert (answer.status_code, answer["Location"]) == (302, "/account/login/")
    visitor.log_in()
    with django_capture_on_commit_callbacks(execute=True):
        visitor.add_app()
    visitor.post("/account/logout/")
    visitor.log_in()
    assert visitor.post(CODE, {"credential": sent}).status_code == 200
    assert visitor.get("/account/").status_code == 302
