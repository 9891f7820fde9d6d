"""A letter on its way: what a mail server gets, what goes first, and the address that ends letters."""

from datetime import timedelta
from email import message_from_bytes, policy
from types import SimpleNamespace

import pytest
from django.test import Client

from alerts.models import Delivery, Letter, Notice, Recipient, Watch
from alerts.sending import outbox
from tests.alerts.conftest import NOON, make_recipient

PNG = b"\x89PNG\r\n\x1a\n"


def write(recipient, subject="Roof", at=NOON):
    """Put a letter into the outbox as the watch does, with a picture."""
    notice = Notice.objects.create(
        recipient=recipient, kind="letter", created_at=at, subject=subject, body="Low 3.2 °C.\nNo more: {link}"
    )
    letter = Letter.objects.create(notice=notice, html='<p>Low</p><img src="cid:chart-1"><a href="{link}">no more</a>')
    letter.pictures.create(name="chart-1", png=PNG)
    Delivery.objects.create(notice=notice, channel=recipient.channels.get(), due_at=at)
    return notice


def send(at=NOON):
    Watch.take("me", at)
    outbox.send_due("me", lambda: at)


def only(inbox):
    (text,) = inbox.got
    return message_from_bytes(text.replace("\r\n", "\n").encode(), policy=policy.default)


@pytest.fixture
def ends_at(anna, settings):
    settings.SERVER_ORIGIN = "https://weather.example"
    return f"https://weather.example{anna.path()}"


def test_a_mail_server_gets_a_text_and_html_with_its_picture_inside(anna, ends_at, inbox):
    notice = write(anna)
    send()
    message = only(inbox)
    assert message.get_content_type() == "multipart/related"
    both, picture = message.iter_parts()
    plain, html = both.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert f"Low 3.2 °C.\nNo more: {ends_at}" in plain.get_content()
    assert f'href="{ends_at}"' in html.get_content()
    assert (picture["Content-ID"], picture.get_content_disposition()) == ("<chart-1>", "inline")
    assert picture.get_content() == PNG
    assert message["To"] == "anna@school.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"].strip() == f"<{ends_at}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Message-ID"].startswith(f"<freetemp-delivery-{notice.deliveries.get().pk}@")
    assert anna.token not in str(list(Notice.objects.values())) + str(list(Letter.objects.values()))


def test_without_https_no_mail_program_is_to_end_letters_by_itself(anna, inbox):
    write(anna)
    send()
    assert only(inbox)["List-Unsubscribe"].strip() == f"<http://127.0.0.1:8000{anna.path()}>"
    assert "One-Click" not in inbox.got[0]


def test_what_is_urgent_goes_before_letters(world, anna):
    write(anna, "a letter", NOON - timedelta(hours=1))
    alarm = Notice.objects.create(recipient=anna, kind="began", created_at=NOON, subject="Roof is silent", body="")
    Delivery.objects.create(notice=alarm, channel=anna.channels.get(), due_at=NOON)
    send()
    assert world.told() == ["Roof is silent", "a letter"]


def test_letters_take_little_of_a_round(world, anna, monkeypatch):
    for number in range(3):
        write(anna, f"letter {number}")
    passed = iter([0.0, 0.0, 1.0, outbox.MOST_OF_LETTERS_S + 1])
    monkeypatch.setattr(outbox, "time", SimpleNamespace(monotonic=lambda: next(passed)))
    send()
    assert world.told() == ["letter 0", "letter 1"]


def test_a_letter_that_was_not_taken_is_the_same_one_later(anna, inbox):
    notice = write(make_recipient("Nobody", "nobody@school.example"))
    send()
    delivery = notice.deliveries.get()
    assert "550 no such mailbox" in delivery.trouble
    assert delivery.due_at > NOON
    assert Letter.objects.get().pictures.get().png


@pytest.fixture
def reader(anna):
    Recipient.objects.update(letter="week")
    anna.refresh_from_db()
    return anna


def test_to_look_at_the_address_ends_nothing(client, reader):
    for method in (client.get, client.head):
        response = method(reader.path())
        assert response.status_code == 200
        assert response["Referrer-Policy"] == "same-origin"
        assert "noindex" in response["X-Robots-Tag"]
        assert "no-store" in response["Cache-Control"]
    assert "Send me no more letters" in client.get(reader.path()).content.decode()
    assert Recipient.objects.get().letter == "week"


def test_one_click_of_a_mail_program_ends_letters_and_nothing_else(reader):
    strict = Client(enforce_csrf_checks=True)
    for _ in range(2):
        response = strict.post(reader.path(), {"List-Unsubscribe": "One-Click"})
        assert response.status_code == 200
        assert not response.cookies
        assert "You get no letters." in response.content.decode()
    (recipient,) = Recipient.objects.all()
    assert (recipient.letter, recipient.active) == ("", True)
    assert recipient.channels.get().active


def test_another_token_ends_nothing(client, reader):
    path = reader.path().replace(reader.token, "0" * 32)
    assert client.get(path).status_code == client.post(path).status_code == 404
    assert Recipient.objects.get().letter == "week"


def test_the_page_is_in_the_recipients_language(client, reader):
    Recipient.objects.update(language="de")
    assert "keine Briefe mehr" in client.get(reader.path()).content.decode()
