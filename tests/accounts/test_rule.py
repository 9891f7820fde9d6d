"""SECOND_FACTOR: whoever must show a second factor is nobody until it is shown, in old sessions too."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from freetemp.conf import environment
from stations.models import Station
from tests.accounts.conftest import LOGIN, another, code, is_in

pytestmark = pytest.mark.django_db

FACTORS = "/account/second-factor/"


@pytest.fixture
def required(settings):
    settings.SECOND_FACTOR = "staff"


def test_a_session_from_before_the_rule_is_a_visitors_everywhere(admin, visitor, settings):
    Station.objects.create(name="Private", public=False)
    visitor.log_in()
    assert "Private" in visitor.get("/").content.decode()
    settings.SECOND_FACTOR = "staff"
    assert "Private" not in visitor.get("/").content.decode()
    assert visitor.get("/api/v1/stations/").json() == []
    assert visitor.get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    for page in ("/account/", "/account/sessions/", "/account/password/"):
        assert visitor.get(page)["Location"] == f"{LOGIN}?next={page}"


def test_it_is_led_to_the_page_that_adds_a_factor_and_is_whole_afterwards(
    required, admin, visitor, django_capture_on_commit_callbacks
):
    visitor.log_in()
    assert visitor.get("/admin/login/?next=/admin/")["Location"] == f"{LOGIN}?next=/admin/"
    assert visitor.get(f"{LOGIN}?next=/admin/")["Location"] == f"{FACTORS}?next=/admin/"
    page = visitor.get(FACTORS).content.decode()
    assert "This server wants a second factor" in page
    with django_capture_on_commit_callbacks(execute=True):
        visitor.add_app()
    assert visitor.get("/admin/").status_code == 200
    assert "wants a second factor" not in visitor.get(FACTORS).content.decode()


def test_an_old_session_of_somebody_with_a_factor_shows_it_and_goes_on(
    admin, visitor, settings, django_capture_on_commit_callbacks
):
    visitor.log_in()
    with django_capture_on_commit_callbacks(execute=True):
        visitor.add_app()
    old = another(visitor)
    old.force_login(admin)  # As one that was made before the factor, and was not found.
    settings.SECOND_FACTOR = "staff"
    assert old.get("/admin/").status_code == 302
    there = old.get(f"{LOGIN}?next=/admin/")["Location"]
    assert there == f"{FACTORS}confirm/?next=/admin/"
    assert "began without your second factor" in old.get(there).content.decode()
    assert old.post(there, {"code": code(visitor.secret, 1)})["Location"] == "/admin/"
    assert old.get("/admin/").status_code == 200


@pytest.mark.parametrize(("rule", "is_asked"), [("optional", False), ("staff", False), ("everybody", True)])
def test_who_is_asked(rule, is_asked, anna, visitor, settings):
    settings.SECOND_FACTOR = rule
    visitor.log_in("anna")
    assert is_in(visitor) is not is_asked


def test_it_costs_no_query(required, admin, station, django_assert_num_queries):
    browser = Client()
    browser.force_login(admin)
    with django_assert_num_queries(2):  # The session and the person, as ever.
        assert browser.get("/api/v1/flash/").status_code == 401
        browser.get("/admin/login/?next=/admin/")


def test_a_wrong_word_stops_the_start_with_the_right_ones():
    assert environment.choice("SECOND_FACTOR", " Staff", ("optional", "staff")) == "staff"
    with pytest.raises(ImproperlyConfigured, match="SECOND_FACTOR is 'yes': give one of optional, staff"):
        environment.choice("SECOND_FACTOR", "yes", ("optional", "staff"))


def test_a_factor_that_somebody_else_showed_in_the_same_session_is_none(admin, anna, settings):
    browser = Client()
    browser.force_login(anna)
    held = browser.session
    held["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "id": 1, "at": 1.0}]
    held["account_authentication_methods_user"] = str(admin.pk)
    held.save()
    settings.SECOND_FACTOR = "everybody"
    assert not is_in(browser)
