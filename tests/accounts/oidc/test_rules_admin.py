"""The rules are made in the admin, by superusers, and the audit says so."""

import pytest
from django.contrib.auth.models import Permission, User

from accounts.models import SignOnRule
from audit.models import Event
from tests.conftest import client_of

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/signonrule/"
OF_TEACHERS = {"provider_group": " /teachers ", "role": "keeper", "group": ""}


@pytest.fixture
def browser(administrating, provider):
    return administrating


def test_a_rule_is_made_changed_and_deleted_and_written_down(browser, school, django_assert_num_queries):
    browser.post(f"{LIST}add/", OF_TEACHERS | {"station_group": school.pk})
    rule = SignOnRule.objects.get()
    assert (rule.provider_group, rule.gives) == ("/teachers", "keeper of School on the hill")
    SignOnRule.objects.bulk_create(SignOnRule(provider_group=f"{n}", is_staff=True) for n in range(20))
    with django_assert_num_queries(5):
        page = browser.get(LIST).content.decode()
    assert "keeper of School on the hill" in page
    browser.post(f"{LIST}{rule.pk}/change/", OF_TEACHERS | {"station_group": school.pk, "role": "viewer"})
    browser.post(f"{LIST}{rule.pk}/delete/", {"post": "yes"})
    deeds = Event.objects.filter(deed__startswith="rule of the single sign-on").order_by("pk")
    assert [(each.deed.rpartition(" ")[2], each.person) for each in deeds] == [
        ("added", "boss"),
        ("changed", "boss"),
        ("deleted", "boss"),
    ]
    assert "What the groups of your single sign-on" in browser.get("/admin/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"role": ""}, "Choose the role in this group of stations."),
        ({"station_group": ""}, "Choose the group of stations for this role."),
        ({"provider_group": " "}, "This field is required."),
    ],
)
def test_half_a_rule_is_refused_with_a_sentence(browser, school, wrong, sentence):
    answer = browser.post(f"{LIST}add/", OF_TEACHERS | {"station_group": school.pk} | wrong)
    assert sentence in answer.content.decode()
    assert not SignOnRule.objects.exists()


def test_whoever_is_no_superuser_sees_and_makes_none(provider, teachers):
    staff = User.objects.create_user("staff", is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
    browser = client_of(staff)
    for path in (LIST, f"{LIST}add/", f"{LIST}{teachers.pk}/change/", f"{LIST}{teachers.pk}/delete/"):
        assert browser.get(path).status_code == 403, path


def test_without_a_provider_the_admin_has_no_rules(administrating):
    assert administrating.get(LIST).status_code == 403
    assert "single sign-on" not in administrating.get("/admin/").content.decode()


def test_whoever_makes_a_rule_has_shown_again_who_it_is(provider, visitor, admin):
    visitor.log_in()
    answer = visitor.post(f"{LIST}add/", {"provider_group": "pupils", "role": ""})
    assert answer["Location"].startswith("/account/confirm/?next=")
    assert not SignOnRule.objects.exists()
    visitor.confirm()
    visitor.post(f"{LIST}add/", {"provider_group": "pupils", "role": ""})
    assert SignOnRule.objects.get().gives == "an account"


def test_without_the_provider_a_group_is_deleted_with_the_rules_that_are_left(browser, teachers, school, settings):
    settings.OIDC = None
    assert browser.get(LIST).status_code == 403
    assert browser.post(f"/admin/stations/stationgroup/{school.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not SignOnRule.objects.exists()
