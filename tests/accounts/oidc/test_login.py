"""Somebody logs in by the provider: the way there and back, and what a session by it is."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as project
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from audit.models import Event
from stations.models import Membership
from tests.accounts.conftest import is_in
from tests.accounts.oidc.conftest import CALLBACK, LOGIN, NAME, OWN, leads_to, oidc_of, sign_on_of

pytestmark = pytest.mark.django_db


def test_a_member_of_a_group_with_a_rule_gets_an_account_and_the_role(provider, comer, teachers, school):
    provider.person("anna", ["teachers", "choir"], email="anna@school.example", given_name="Anna", family_name="Au")
    assert f"Log in with {NAME}" in comer.get("/account/login/").content.decode()
    answer = comer.come("anna")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    anna = User.objects.get()
    assert (anna.username, anna.email, anna.first_name, anna.last_name) == ("anna", "anna@school.example", "Anna", "Au")
    assert not anna.has_usable_password()
    assert (anna.is_staff, anna.is_superuser) == (False, False)
    assert Membership.objects.get(user=anna).role == "keeper"
    assert is_in(comer)
    made = Event.objects.order_by("pk").values_list("deed", "person", "by")
    assert list(made)[1:3] == [("user added", "anna", "single sign-on"), ("role given", "anna", "single sign-on")]


def test_the_second_login_finds_the_same_account_whatever_its_name_is_now(provider, comer, teachers):
    provider.person("anna", ["teachers"])
    comer.come("anna")
    User.objects.update(username="a.au")
    provider.person("anna", ["teachers"], preferred_username="admin", email="other@school.example")
    comer.come("anna")
    assert User.objects.get().username == "a.au"


def test_what_goes_to_the_provider_has_a_state_a_nonce_and_pkce_and_the_way_back_shows_the_text(
    provider, comer, teachers
):
    provider.person("anna", ["teachers"])
    address = comer.begin()
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert asked.keys() >= {"state", "nonce", "code_challenge"}
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{project.SERVER_URL}{CALLBACK}"
    comer.get(provider.log_in(address, "anna"))
    (token,) = provider.asked("/oauth2/token")
    assert len(token["form"]["code_verifier"]) == 43
    assert (token["authorization"], "client_secret" in token["form"]) == ("Basic", False)


def test_a_secret_goes_into_the_form_where_the_provider_takes_it_there(provider, comer, teachers):
    provider.tell({"token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"]})
    provider.person("anna", ["teachers"])
    comer.come("anna")
    (token,) = provider.asked("/oauth2/token")
    assert (token["authorization"], token["form"]["client_secret"]) == ("", "not guessed")


def test_only_a_click_begins_a_login_and_no_redirect_leads_from_a_form_to_the_provider(provider, comer):
    assert comer.get(f"{LOGIN}?next=/compare/")["Location"] == "/account/login/?next=%2Fcompare%2F"
    assert provider.asked("/.well-known/openid-configuration") == []
    answer = comer.post(LOGIN)
    assert leads_to(answer).startswith(provider.url)
    assert "form-action 'self';" in f"{answer['Content-Security-Policy']};"
    assert Client(enforce_csrf_checks=True, HTTP_HOST=OWN).post(LOGIN).status_code == 403


def test_a_login_goes_on_to_where_it_was_for_and_to_no_other_site(provider, comer, teachers):
    provider.person("anna", ["teachers"])
    assert comer.come("anna", next="/stations/1/")["Location"] == "/stations/1/"
    assert comer.come("anna", next="https://elsewhere.example/")["Location"] == "/admin/"


def test_logins_that_are_begun_write_no_row(provider, comer):
    before = Session.objects.count()
    for _ in range(3):
        comer.begin()
    assert Session.objects.count() == before


def test_a_session_ends_after_the_hours_of_the_setting_however_much_it_is_used(provider, comer, teachers, settings):
    settings.OIDC = oidc_of(provider, session_hours=3)
    provider.person("anna", ["teachers"])
    comer.come("anna")
    ends = Session.objects.get().expire_date
    assert timedelta(hours=2, minutes=59) < ends - timezone.now() <= timedelta(hours=3)
    assert is_in(comer)
    session = comer.session
    session["changed"] = 1
    session.save()
    assert abs(Session.objects.get(pk=session.session_key).expire_date - ends) < timedelta(seconds=2)
    assert int(comer.get("/account/confirm/").cookies.get("sessionid", {}).get("max-age", 0)) <= 3 * 3600
    session.set_expiry(timezone.now() - timedelta(seconds=1))
    session.save()
    assert not is_in(comer)


def test_somebody_who_is_switched_off_does_not_come_in_and_keeps_what_there_is(provider, comer, teachers):
    provider.person("anna", ["teachers"])
    comer.come("anna")
    User.objects.update(is_active=False)
    provider.person("anna", [])
    answer = comer.come("anna")
    assert answer.status_code == 403
    assert "This account is switched off" in answer.content.decode()
    assert Membership.objects.exists()
    assert not is_in(comer)


def test_a_login_by_the_provider_ends_the_session_of_whoever_was_there(provider, comer, teachers, anna):
    address = comer.begin()
    comer.force_login(anna)
    provider.person("berta", ["teachers"])
    comer.get(provider.log_in(address, "berta"))
    assert comer.get("/account/").context["user"].username == "berta"


def test_the_account_says_that_it_is_connected_and_has_no_password_to_change(provider, comer, teachers):
    provider.person("anna", ["teachers"])
    comer.come("anna")
    page = comer.get("/account/").content.decode()
    assert f"Connected with {NAME}" in page
    assert "/account/password/" not in page
    page = comer.get("/account/sso/").content.decode()
    assert "It is the only way into this account" in page
    comer.confirm("anna")
    comer.post("/account/sso/disconnect/")
    assert sign_on_of(User.objects.get())


def test_without_a_provider_there_is_nothing_of_it(client, anna, django_assert_num_queries):
    client.force_login(anna)
    assert client.get("/account/sso/").status_code == 404
    assert client.post(LOGIN).status_code == 404
    assert not re.search("sso", client.get("/account/").content.decode())
    client.logout()
    with django_assert_num_queries(1):
        assert not re.search("sso", client.get("/account/login/").content.decode())
