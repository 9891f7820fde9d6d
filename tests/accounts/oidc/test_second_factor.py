"""A second factor of this server is asked for after the provider, too, and the provider's own counts by a setting."""

import json

import pytest
from django.contrib.auth.models import User

from accounts.models import ApiToken, SignOnRule
from tests.accounts.conftest import CODE, code, is_in
from tests.accounts.oidc.conftest import PAGE, oidc_of
from tests.accounts.oidc.test_lies import come

pytestmark = pytest.mark.django_db

CONFIRM = "/account/sso/confirm/"
APP = "/account/second-factor/app/add/"


@pytest.fixture
def pupils(db):
    return SignOnRule.objects.create(provider_group="pupils")


@pytest.fixture
def staff(db):
    return SignOnRule.objects.create(provider_group="office", is_staff=True)


def add_app(browser):
    """Add an app, and return its secret."""
    secret = browser.get(APP).context["form"].secret
    answer = browser.post(APP, {"code": code(secret)})
    assert answer["Location"] == "/account/second-factor/recovery-codes/"
    assert browser.get(answer["Location"]).status_code == 200, "nobody has to wait for the next code to see these"
    return secret


def test_whoever_has_a_factor_here_is_asked_for_it_after_the_provider(provider, comer, pupils):
    provider.person("anna", ["pupils"], amr=["pwd", "mfa"])
    comer.come("anna")
    comer.confirm("anna")
    secret = add_app(comer)
    assert comer.come("anna")["Location"] == CODE
    assert not is_in(comer)
    assert comer.post(CODE, {"code": code(secret, 1)})["Location"] == "/account/"
    assert is_in(comer)
    assert comer.session.get_expiry_age() <= 12 * 3600


@pytest.mark.parametrize(
    ("rule", "amr", "is_enough"),
    [
        ("told", ["pwd", "mfa"], True),
        ("told", ["pwd"], False),
        ("told", None, False),
        ("told", "mfa", True),
        ("always", None, True),
        ("never", ["mfa"], False),
    ],
)
def test_whether_the_providers_own_second_factor_is_enough(provider, comer, staff, settings, rule, amr, is_enough):
    settings.SECOND_FACTOR = "staff"
    settings.OIDC = oidc_of(provider, second_factor=rule)
    provider.person("anna", ["office"], **({} if amr is None else {"amr": amr}))
    comer.come("anna", next="/admin/")
    assert (comer.get("/admin/").status_code == 200) is is_enough
    assert is_in(comer) is is_enough


def test_whoever_must_have_one_and_has_no_password_adds_one_after_logging_in_there_again(
    provider, comer, staff, settings
):
    settings.SECOND_FACTOR = "staff"
    provider.person("anna", ["office"])
    comer.come("anna")
    assert not is_in(comer)
    assert comer.get("/account/login/?next=/admin/").url.startswith("/account/second-factor/")
    assert comer.get(APP)["Location"] == f"{CONFIRM}?next=%2Faccount%2Fsecond-factor%2Fapp%2Fadd%2F"
    assert "Log in at Hill School once more." in comer.get(f"{CONFIRM}?next={APP}").content.decode()
    address = comer.begin(CONFIRM, next=APP)
    assert "prompt=login&max_age=0" in address
    answer = comer.get(provider.log_in(address, "anna"), follow=True)
    assert answer.redirect_chain[-1] == (APP, 302)
    add_app(comer)
    assert is_in(comer)


def test_a_form_that_was_sent_goes_on_after_the_provider(provider, comer, pupils):
    provider.person("anna", ["pupils"])
    comer.come("anna")
    form = {"name": "Grafana", "scope": "read", "lasts": "30"}
    answer = comer.post("/account/tokens/", form)
    assert answer["Location"] == f"{CONFIRM}?next=%2Faccount%2Ftokens%2F"
    page = comer.get(provider.log_in(comer.begin(CONFIRM, next="/account/tokens/"), "anna"), follow=True)
    assert f"freetemp_{ApiToken.objects.get().hint}" in page.content.decode()


@pytest.mark.parametrize("minutes", [0, 60])
def test_a_confirmation_is_of_the_same_person_and_of_now(provider, comer, pupils, minutes):
    import time

    provider.person("anna", ["pupils"])
    provider.person("berta", ["pupils"])
    comer.come("anna")
    answer = comer.get(provider.log_in(comer.begin(CONFIRM), "berta"))
    assert answer.status_code == 403
    assert "as somebody else" in answer.content.decode()
    provider.person("anna", ["pupils"], auth_time=int(time.time()) - 60 * minutes)
    answer = comer.get(provider.log_in(comer.begin(CONFIRM), "anna"))
    assert answer.status_code == (403 if minutes else 302)
    assert (comer.get(APP).status_code == 200) is not minutes


@pytest.mark.parametrize("at", [None, "1", True, float("nan")])
def test_a_provider_that_does_not_say_when_somebody_logged_in_confirms_nobody(provider, comer, pupils, at, caplog):
    provider.person("anna", ["pupils"])
    comer.come("anna")
    answer = come(provider, comer, also=f', "auth_time": {json.dumps(at)}', address=CONFIRM)
    assert answer.status_code == 403
    assert "has not asked you to log in again" in answer.content.decode()
    assert comer.get(APP).status_code == 302
    assert ("the token has no auth_time" in caplog.text) is (at is not True)


def test_a_confirmation_of_another_session_counts_for_nobody(provider, comer, pupils, anna):
    provider.person("berta", ["pupils"])
    comer.come("berta")
    back = provider.log_in(comer.begin(CONFIRM), "berta")
    comer.force_login(anna)
    assert comer.get(back).status_code == 400
    assert comer.get(APP)["Location"].startswith("/account/confirm/")


def test_whoever_has_a_password_or_a_factor_here_confirms_by_that(provider, comer, pupils, anna):
    comer.force_login(anna)
    assert comer.get(CONFIRM)["Location"] == "/account/confirm/"
    provider.person("berta", ["pupils"])
    comer.come("berta")
    comer.confirm("berta")
    add_app(comer)
    comer.session.flush()
    comer.force_login(User.objects.get(username="berta"))
    assert comer.get(CONFIRM)["Location"] == "/account/second-factor/confirm/"
    assert comer.post(CONFIRM)["Location"] == "/account/second-factor/confirm/"


def test_a_passkey_alone_does_not_outlast_the_account_at_the_provider(provider, comer, pupils, rf):
    from allauth.account.utils import perform_login
    from allauth.core import context
    from django.contrib.messages.storage.fallback import FallbackStorage
    from django.contrib.sessions.backends.db import SessionStore

    provider.person("anna", ["pupils"])
    comer.come("anna")
    anna = User.objects.get()
    for has_password in (False, True):
        request = rf.post("/account/second-factor/passkeys/login/")
        request.session, request.user = SessionStore(), None
        request._messages = FallbackStorage(request)
        if has_password:
            anna.set_password("given by an administrator")
            anna.save()
        with context.request_context(request):
            answer = perform_login(request, anna)
        assert ("_auth_user_id" in request.session) is has_password
        assert (answer["Location"] == "/account/login/") is not has_password


def test_the_page_of_the_connection_is_not_for_somebody_who_is_half_in(provider, comer, staff, settings):
    settings.SECOND_FACTOR = "staff"
    provider.person("anna", ["office"])
    comer.come("anna")
    for path in (PAGE, "/account/sso/connect/", "/account/sso/disconnect/"):
        answer = comer.post(path) if path != PAGE else comer.get(path)
        assert answer["Location"].startswith("/account/login/"), path


def test_a_page_of_the_admin_that_takes_a_password_asks_for_the_provider_first(provider, comer, staff):
    provider.person("anna", ["office"])
    comer.come("anna")
    User.objects.update(is_superuser=True)
    there = "/admin/auth/user/add/"
    assert comer.get(there)["Location"] == f"{CONFIRM}?next=%2Fadmin%2Fauth%2Fuser%2Fadd%2F"
    back = provider.log_in(comer.begin(CONFIRM, next=there), "anna")
    answer = comer.get(back, follow=True)
    assert (answer.redirect_chain[-1], answer.status_code) == ((there, 302), 200)
