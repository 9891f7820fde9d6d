"""Wrong passwords make their address wait longer and longer, and checking passwords never takes the whole server."""

import logging
import time

import pytest
from django.core.cache import cache
from django.test import Client
from django.test.client import FakePayload

from freetemp.logins import places, wrong_passwords
from freetemp.logins.wrong_passwords import FIRST_WAIT_S, FREE_TRIES, FREE_TRIES_OF_ACCOUNT, LONGEST_WAIT_S
from freetemp.models import WrongLogins
from tests.freetemp.test_command import read_only  # noqa: F401 - a fixture

URL = "/admin/login/"
HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(django_user_model):
    return django_user_model.objects.create_superuser("admin", password="right")


@pytest.fixture
def log_in(admin):
    def log_in(typed="wrong", address=HERE, username="admin", **more):
        form = {"username": username, "password": typed}
        return Client().post(URL, form | more.pop("form", {}), REMOTE_ADDR=address, **more)

    return log_in


@pytest.fixture
def clock(monkeypatch):
    now = [time.time()]
    monkeypatch.setattr("freetemp.logins.wrong_passwords.time.time", lambda: now[0])
    return now


def use_up(log_in, **more):
    assert {log_in(**more).status_code for _ in range(FREE_TRIES)} == {200}


def test_after_some_wrong_passwords_an_address_waits_and_is_told_how_long(log_in, clock):
    use_up(log_in)
    answer = log_in("right")
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (429, "5", "no-store")
    assert "Too many wrong passwords" in answer.content.decode()
    assert "Log in again in 5 seconds" in answer.content.decode()
    clock[0] += FIRST_WAIT_S
    assert log_in("right").status_code == 302


def test_each_wait_is_twice_as_long_up_to_a_quarter_of_an_hour(log_in, clock):
    use_up(log_in)
    waits = []
    for _ in range(9):
        assert log_in().status_code == 429, "and asking again does not prolong it"
        waits.append(int(log_in()["Retry-After"]))
        clock[0] += waits[-1]
        assert log_in().status_code == 200
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, LONGEST_WAIT_S]
    assert "Log in again in 15 minutes" in log_in().content.decode()


def test_a_right_password_from_elsewhere_enters_meanwhile(log_in):
    use_up(log_in)
    assert log_in("right", ELSEWHERE).status_code == 302
    assert log_in("right").status_code == 429


def test_wrong_passwords_for_one_account_from_everywhere_slow_down_who_mistypes_and_nobody_else(log_in, clock):
    for number in range(FREE_TRIES_OF_ACCOUNT):
        assert log_in(address=f"203.0.113.{number}").status_code == 200
    assert log_in("right", ELSEWHERE).status_code == 302, "others' guesses do not lock the owner out"
    assert log_in(address="203.0.113.200").status_code == 200
    assert log_in("right", "203.0.113.200").status_code == 429
    clock[0] += 60
    assert log_in("right", "203.0.113.200").status_code == 302
    assert log_in(address="203.0.113.201", username="somebody").status_code == 200
    assert log_in(address="203.0.113.201").status_code == 200, "another account's guesses cost one try"


def test_an_ipv6_network_counts_as_one_address(log_in):
    for number in range(FREE_TRIES):
        assert log_in(address=f"2001:db8:0:7::{number:x}").status_code == 200
    assert log_in(address="2001:db8:0:7:ffff::1").status_code == 429
    assert log_in(address="2001:db8:0:8::1").status_code == 200


def test_an_empty_form_is_no_wrong_password(log_in):
    assert {log_in("").status_code for _ in range(FREE_TRIES + 1)} == {200}
    assert not WrongLogins.objects.exists()


def test_the_log_has_a_line_for_each_one_and_no_word_that_was_typed(log_in, clock, caplog):
    caplog.set_level(logging.WARNING)
    use_up(log_in, username="typed")
    for _ in range(3):
        clock[0] += LONGEST_WAIT_S
        assert log_in(username="typed").status_code == 200
        assert log_in(username="typed").status_code == 429
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("freetemp")]
    wrong = f"Wrong password from {HERE} for an account."
    waits = f"10 wrong logins came from {HERE}: it waits longer after each one now."
    assert lines == [wrong] * FREE_TRIES + [waits] + [wrong] * 3


@pytest.mark.parametrize(
    ("headers", "words"), [({}, "Log in again in"), ({"accept-language": "de"}, "Melden Sie sich")]
)
def test_a_login_without_a_place_is_told_to_come_again_in_the_browsers_language(log_in, headers, words):
    with places.place:
        answer = log_in("right", headers=headers)
        assert (answer.status_code, answer["Retry-After"]) == (429, "2")
        assert words in answer.content.decode()
        assert Client().get(URL, follow=True).status_code == 200, "the form itself needs no place"
    assert log_in("right").status_code == 302
    assert log_in("right").status_code == 302, "each gives its place back"


def test_a_login_that_fails_gives_its_place_back(admin, monkeypatch):
    monkeypatch.setattr("accounts.login.adapter.authenticate", lambda request, **credentials: 1 / 0)
    visitor = Client(raise_request_exception=False)
    form = {"username": "admin", "password": "x"}
    assert [visitor.post(URL, form).status_code for _ in range(2)] == [500, 500]


class Trickle(FakePayload):
    """A form that is still on its way: whoever waits for it holds no place."""

    was_read = False

    def read(self, size=None):
        with places.place:
            self.was_read = True
        return super().read(size)


def test_a_form_that_is_on_its_way_holds_no_place(admin):
    body = b"username=admin&password=right"
    form = Trickle(body)
    kind = {"CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(body))}
    answer = Client().generic("POST", URL, **kind, **{"wsgi.input": form})
    assert answer.status_code == 302
    assert form.was_read


class Unread(FakePayload):
    """A form of which nobody may read a byte."""

    def read(self, size=None):
        raise AssertionError("it was read")


def test_most_of_a_flood_is_refused_before_its_forms_are_read(log_in, django_assert_num_queries):
    def flood():
        kind = {"CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": "100", "REMOTE_ADDR": HERE}
        return Client().generic("POST", URL, **kind, **{"wsgi.input": Unread(b"x")}).status_code

    with places.place, django_assert_num_queries(0):
        assert flood() == 429
    use_up(log_in)
    with django_assert_num_queries(0):
        assert flood() == 429


@pytest.mark.parametrize("foreign", ["//x.example", "https://x.example/admin/", "javascript:alert(1)"])
def test_a_login_for_another_sites_page_ends_at_the_admin(log_in, foreign):
    answer = log_in("right", form={"next": foreign})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


@pytest.mark.parametrize("typed", ["J\u00fcrgen", "Ju\u0308rgen", " J\u00fcrgen "])
def test_a_name_is_right_in_whatever_way_a_keyboard_sends_its_letters(log_in, django_user_model, typed):
    django_user_model.objects.create_user("J\u00fcrgen", password="right")
    assert log_in("right", username=typed).status_code == 302


@pytest.mark.parametrize("foreign", ["http://localhost/x", "//127.0.0.1/", "http://testserver:8001/", "https://[::1]/"])
def test_a_login_leads_to_no_other_program_of_the_browsers_own_machine(log_in, foreign):
    assert log_in("right", form={"next": foreign})["Location"] == "/admin/"


def test_a_cache_that_fails_lets_everybody_try(log_in, monkeypatch):
    def fail(*_, **__):
        raise ConnectionError("no Redis")

    for name in ("incr", "get"):
        monkeypatch.setattr(cache, name, fail)
    monkeypatch.setattr(wrong_passwords, "_counts", wrong_passwords.SharedCounts("Wrong passwords"))
    use_up(log_in)
    assert log_in("right").status_code == 302


@pytest.mark.django_db(transaction=True)
@pytest.mark.sqlite_only
def test_a_wrong_password_is_counted_on_a_disk_that_cannot_be_written(log_in, request, caplog):
    request.getfixturevalue("read_only")
    use_up(log_in)
    assert log_in().status_code == 429
