"""A recipient's letter in the admin: chosen, seen and sent."""

import html
import re

import pytest
from django.contrib.auth.models import Group, User

from alerts.letters.draft import Draft
from alerts.models import Notice, Recipient
from tests.alerts.conftest import MINUTE, make_recipient, make_station
from tests.alerts.test_admin import ADD, form
from tests.conftest import client_of


@pytest.fixture
def administering(db):
    return client_of(User.objects.create_superuser("admin"))


def test_a_letter_is_chosen_and_without_a_mail_address_the_page_says_that_none_comes(administering):
    chosen = {"letter": "day", "letter_hour": "18"}
    page = administering.post(ADD, form("ntfy://topic", **chosen), follow=True).content.decode()
    assert "Letters go by mail: give a mail address too" in page
    page = administering.post(ADD, form("a@b.example", name="Ben", **chosen), follow=True).content.decode()
    assert "Letters go by mail" not in page
    assert list(Recipient.objects.values_list("letter", "letter_hour", "letter_done")) == [("day", 18, None)] * 2


def test_it_is_seen_before_it_is_sent_and_its_frame_can_do_nothing(administering, anna):
    make_station("Roof <b>")
    page = administering.get(f"/admin/alerts/recipient/{anna.pk}/change/").content.decode()
    address = re.search('href="([^"]+)">See the letter', page)[1]
    response = administering.get(address)
    page = response.content.decode()
    assert "Roof &lt;b&gt;" in page
    framed = html.unescape(re.search('<iframe class="letter" sandbox srcdoc="([^"]+)"', page)[1])
    assert framed.startswith("<!doctype html>")
    assert "Roof &lt;b&gt;" in framed
    policy = response["Content-Security-Policy"].split("; ")
    assert {"script-src 'self'", "img-src 'self' data:"} <= set(policy)
    assert anna.token not in page


def test_it_is_written_once_to_be_seen(administering, anna, monkeypatch):
    make_station("Roof")
    steps = []
    monkeypatch.setattr(Draft, "step", lambda draft, step=Draft.step: steps.append(1) or step(draft))
    page = administering.get(f"/admin/alerts/recipient/{anna.pk}/letter/day/")
    assert page.status_code == 200
    assert len(steps) == 2, "its station, and that there is no other one"


@pytest.mark.parametrize("rhythm", ["day", "week"])
def test_it_is_sent_at_once_and_the_next_one_comes_at_its_time(administering, world, anna, rhythm):
    make_station("Roof")
    administering.post(f"/admin/alerts/recipient/{anna.pk}/letter/{rhythm}/", follow=True)
    world.now = Notice.objects.get().created_at
    world.pass_by(MINUTE)
    (subject,) = world.told()
    assert subject.startswith("Roof, ")
    assert Recipient.objects.get().letter_done is None


def test_without_a_mail_address_it_is_not_sent(administering, db):
    recipient = make_recipient(address="ntfy://topic", service="ntfy")
    page = administering.post(f"/admin/alerts/recipient/{recipient.pk}/letter/day/", follow=True).content.decode()
    assert "give a mail address first" in page
    assert not Notice.objects.exists()


def test_whoever_may_not_change_recipients_sees_no_letter(anna):
    keeper = User.objects.create_user("keeper", is_staff=True)
    keeper.groups.set(Group.objects.filter(name="Station keepers"))
    address = f"/admin/alerts/recipient/{anna.pk}/letter/day/"
    assert client_of(keeper).get(address).status_code == 403
    assert client_of(keeper).post(address).status_code == 403
