"""Where somebody is logged in is listed, and ended; a changed password ends the rest. A page view writes nothing."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.sessions.models import Session
from django.utils import timezone

from audit.models import Event
from tests.accounts.conftest import HERE, PASSWORD, Visitor, is_in
from tests.conftest import client_of

pytestmark = pytest.mark.django_db

PAGE = "/account/sessions/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def telephone(anna):
    browser = Visitor(headers={"user-agent": FIREFOX})
    browser.log_in("anna", REMOTE_ADDR="2001:db8::7")
    return browser


@pytest.fixture
def here(anna, telephone, visitor):
    visitor.log_in("anna", REMOTE_ADDR=HERE)
    return visitor


def test_each_is_listed_with_its_browser_and_address(here, admin):
    Visitor().log_in("admin")
    page = here.get(PAGE).content.decode()
    assert "Firefox, Windows" in page
    assert "from 2001:db8::7" in page
    assert page.count("<li>") == 2
    assert not [key for (key,) in Session.objects.values_list("session_key") if key in page]


def test_one_is_ended_at_once_and_all_others_are(here, telephone):
    third = Visitor()
    third.log_in("anna")
    here.confirm()
    (mark,) = {each.mark for each, browser, _ in here.get(PAGE).context["sessions"] if "Firefox" in browser}
    here.post(PAGE, {"session": mark})
    assert [is_in(each) for each in (here, telephone, third)] == [True, False, True]
    here.post(PAGE, {"session": "others"})
    assert [is_in(each) for each in (here, telephone, third)] == [True, False, False]
    assert Event.objects.filter(deed="sessions ended").count() == 2


@pytest.mark.parametrize("wanted", ["", "x", "0" * 24, "\x00"])
def test_nobody_ends_the_session_of_somebody_else_or_one_that_is_not_there(wanted, here, telephone, admin):
    other = Visitor()
    other.log_in("admin")
    marks = [each.mark for each, *_ in other.get(PAGE).context["sessions"]]
    here.confirm()
    for mark in (wanted, *marks):
        assert here.post(PAGE, {"session": mark}).status_code == 302
    assert [is_in(each) for each in (here, telephone, other)] == [True, True, True]


def test_whoever_finds_a_browser_that_is_logged_in_ends_no_other_session(here, telephone):
    answer = here.post(PAGE, {"session": "others"})
    assert answer["Location"].startswith("/account/confirm/")
    assert is_in(telephone)
    assert here.post(answer["Location"], {"password": PASSWORD, "next": PAGE}).status_code == 302
    assert [is_in(each) for each in (here, telephone)] == [True, False], "the click is remembered"


def test_a_login_and_a_confirmation_each_make_a_new_key(here, settings):
    def key():
        return here.cookies[settings.SESSION_COOKIE_NAME].value

    before, other = key(), Visitor()
    here.confirm()
    other.cookies[settings.SESSION_COOKIE_NAME] = before
    assert before != key()
    assert [is_in(each) for each in (here, other)] == [True, False]
    here.log_in("anna")
    assert key() != before


def test_those_that_are_over_are_forgotten_at_the_next_login(here, telephone, admin):
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    Visitor().log_in("admin")
    assert Session.objects.count() == 1


def test_somebody_who_leaves_is_out_for_good(here, telephone, anna):
    anna.is_active = False
    anna.save()
    assert not Session.objects.exists()
    anna.is_active = True
    anna.save()
    assert [is_in(each) for each in (here, telephone)] == [False, False]
    here.log_in("anna")
    anna.delete()
    assert not is_in(here)
    assert not Session.objects.exists()


def test_an_administrator_ends_the_sessions_of_people(here, telephone, admin, anna):
    browser = Visitor()
    browser.log_in("admin")
    browser.confirm()
    browser.post("/admin/auth/user/", {"action": "end_sessions", "_selected_action": [str(anna.pk)]})
    assert [is_in(each) for each in (here, telephone, browser)] == [False, False, True]
    assert Event.objects.filter(deed="sessions ended", person="admin", what="anna").exists()


def test_staff_end_no_session_of_somebody_who_may_do_more(admin):
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(*Permission.objects.filter(codename__in=["view_user", "change_user"]))
    browser = Visitor()
    browser.log_in("admin")
    client_of(clerk).post("/admin/auth/user/", {"action": "end_sessions", "_selected_action": [str(admin.pk)]})
    assert is_in(browser)


def test_logging_out_has_the_browser_forget_pages_but_not_what_it_keeps_for_a_phone(here):
    for address in ("/account/logout/", "/admin/logout/"):
        assert here.post(address)["Clear-Site-Data"] == '"cache"'


def test_a_password_is_taken_as_it_was_typed_and_may_be_long(here):
    long = f"  Ünd {'so weiter ' * 15} "
    form = {"old_password": PASSWORD, "new_password1": long, "new_password2": long}
    assert here.post("/account/password/", form).status_code == 302
    for typed, right in ((long, True), (long.strip(), False), (long[:100], False), (long.lower(), False)):
        browser = Visitor()
        browser.log_in("anna", typed)
        assert is_in(browser) is right, typed


def test_a_changed_password_ends_all_others_and_wrong_old_ones_wait(here, telephone):
    form = {"old_password": PASSWORD, "new_password1": "another long one", "new_password2": "another long one"}
    wrong = [
        here.post("/account/password/", form | {"old_password": "x"}, REMOTE_ADDR=HERE).status_code for _ in range(11)
    ]
    assert wrong == [200] * 10 + [429]
    assert here.post("/account/password/", form, REMOTE_ADDR="192.0.2.77").status_code == 302
    assert [is_in(each) for each in (here, telephone)] == [True, False]
    assert Event.objects.filter(deed="password changed", person="anna").exists()


def test_a_page_view_writes_nothing(here, django_assert_num_queries):
    here.get("/account/")
    with django_assert_num_queries(6) as asked:  # Session, person, roles, groups, factors, tokens.
        here.get("/account/")
    assert all(each["sql"].startswith("SELECT") for each in asked.captured_queries)


def test_somebody_without_rights_in_the_admin_gets_a_page_and_a_way_out(here):
    answer = here.get("/admin/", follow=True)
    page = answer.content.decode()
    assert (answer.status_code, answer.request["PATH_INFO"]) == (403, "/admin/login/")
    assert "You are logged in as anna, which has no rights in the admin" in page
    assert here.post("/account/logout/", {"next": "/account/login/?next=/admin/"})["Location"].startswith(
        "/account/login/"
    )
    assert not is_in(here)
    assert here.get("/account/logout/").status_code == 405


def test_a_login_leads_staff_to_the_admin_and_others_to_their_account(anna, admin):
    assert Visitor().log_in("admin")["Location"] == "/admin/"
    assert Visitor().log_in("anna")["Location"] == "/account/"


def test_an_inactive_account_does_not_come_in(anna, visitor):
    anna.is_active = False
    anna.save()
    assert visitor.log_in("anna").status_code == 200
    assert not is_in(visitor)


@pytest.mark.parametrize("name", ["anna\x00", " anna", "ANNA", "x" * 200, "\ud800", ""])
def test_a_strange_name_is_a_wrong_one(name, anna, visitor):
    assert (
        visitor.post(
            "/account/login/", {"username": name.encode("utf-8", "surrogatepass"), "password": PASSWORD}
        ).status_code
        == 200
    )
    assert not is_in(visitor)
