"""A second factor: an app for codes and recovery codes, at a login and after it. Passkeys: test_passkeys.py."""

import logging
import re

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.test import Client

from audit.models import Event
from freetemp.encryption import decrypt
from freetemp.models import WrongLogins
from tests.accounts.conftest import CODE, ELSEWHERE, HERE, PASSWORD, Visitor, another, code, is_in
from tests.freetemp.test_command import read_only  # noqa: F401 - a fixture
from tests.freetemp.test_encryption import new_key

pytestmark = pytest.mark.django_db

FACTORS = "/account/second-factor/"


@pytest.fixture
def owner(admin, visitor, django_capture_on_commit_callbacks):
    """Somebody who has just added an app, with the recovery codes as `codes`."""
    visitor.log_in()
    with django_capture_on_commit_callbacks(execute=True):
        visitor.codes = visitor.add_app()
    return visitor


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_after_the_password_a_code_is_asked_for_which_may_be_half_a_minute_off(owner, steps):
    browser = another(owner)
    answer = browser.log_in()
    assert (answer.status_code, answer["Location"]) == (302, CODE)
    assert not is_in(browser)
    answer = browser.show(code(owner.secret, steps))
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert is_in(browser)


def test_a_code_is_right_once(owner):
    shown = code(owner.secret)
    first, second = another(owner), another(owner)
    first.log_in()
    second.log_in()
    assert first.show(f" {shown[:3]} {shown[3:]}").status_code == 302
    answer = second.show(shown)
    assert (answer.status_code, is_in(second)) == (200, False)
    assert "it was used before" in answer.content.decode()


def test_a_factor_that_loaddata_brings_back_is_no_deed(owner, admin, tmp_path):
    file = tmp_path / "all.json"
    call_command("dumpdata", "mfa", output=str(file))
    Authenticator.objects.all().delete()
    before = Event.objects.count()
    call_command("loaddata", str(file), verbosity=0)
    assert (Authenticator.objects.filter(user=admin).count(), Event.objects.count()) == (2, before)


def test_a_wait_for_codes_from_elsewhere_blames_nobody_here(owner):
    for number in range(12):
        half = another(owner)
        half.log_in(REMOTE_ADDR=f"10.0.{number}.1")
        answer = half.show("000000", REMOTE_ADDR=f"10.0.{number}.1", headers={"accept-language": "de"})
    assert answer.status_code == 429
    assert "Sie waren für dieses Konto. Melden Sie sich in 5 Sekunden wieder an" in answer.content.decode()
    assert "Sie kamen von Ihrer Adresse" not in answer.content.decode()


def test_half_a_login_ends_with_its_password(owner, admin):
    half = another(owner)
    half.log_in()
    admin.set_password("another right horse")
    admin.save()
    assert half.show(code(owner.secret))["Location"] == "/account/login/"
    assert not is_in(half)
    half.log_in(password="another right horse")
    assert half.show(code(owner.secret)).status_code == 302
    assert is_in(half)


@pytest.mark.parametrize("spelt", ["{}-{}", "{}.{}", "'{}{}'", "{}\u00a0{}"])
def test_a_used_code_stays_used_however_it_is_spelt(owner, spelt):
    shown = code(owner.secret)
    first, second = another(owner), another(owner)
    first.log_in()
    second.log_in()
    assert first.show(shown).status_code == 302
    second.show(spelt.format(shown[:3], shown[3:]))
    assert not is_in(second)
    later = code(owner.secret, 1)
    assert second.show(spelt.format(later[:3], later[3:])).status_code == 302


def test_a_recovery_code_is_right_once_and_its_use_is_written_down(owner):
    for is_right in (True, False):
        browser = another(owner)
        browser.log_in()
        browser.show(owner.codes[3])
        assert is_in(browser) is is_right
    assert Event.objects.filter(deed="recovery code used").count() == 1


def test_recovery_codes_are_shown_once(owner):
    page = owner.get("/account/second-factor/recovery-codes/").content.decode()
    assert len(owner.codes) == 10
    assert "10 codes are left" in page
    assert not [each for each in owner.codes if each in page]


def test_adding_and_removing_asks_for_the_password_and_then_for_the_factor(owner, admin):
    fresh = another(owner)
    fresh.log_in()
    fresh.show(code(owner.secret, 1))
    for page in ("app/remove/", "recovery-codes/new/", "passkeys/add/"):
        assert fresh.get(FACTORS + page)["Location"].startswith(f"{FACTORS}confirm/?next="), page
        assert fresh.post(FACTORS + page)["Location"].startswith(f"{FACTORS}confirm/?next="), page
    assert fresh.confirm()["Location"].startswith(f"{FACTORS}confirm/"), "a password is not enough any more"
    assert Authenticator.objects.filter(user=admin).count() == 2
    fresh.post(f"{FACTORS}confirm/", {"code": code(owner.secret, -1)})
    assert fresh.post(f"{FACTORS}app/remove/").status_code == 302
    assert not Authenticator.objects.filter(user=admin).exists(), "recovery codes go with the last factor"


def test_a_visitor_and_somebody_with_half_a_login_see_no_page_of_factors(owner):
    half = another(owner)
    half.log_in()
    for browser in (Client(), half):
        for page in ("", "app/add/", "app/remove/", "recovery-codes/", "recovery-codes/new/", "passkeys/add/"):
            assert browser.get(FACTORS + page).status_code == 302, page
        assert browser.get("/admin/")["Location"] == "/admin/login/?next=/admin/"


def test_a_new_factor_ends_all_other_sessions_and_so_does_a_removed_one(
    admin, visitor, django_capture_on_commit_callbacks
):
    before = Visitor()
    before.log_in()
    visitor.log_in()
    with django_capture_on_commit_callbacks(execute=True):
        visitor.add_app()
    assert (is_in(visitor), is_in(before)) == (True, False)
    later = another(visitor)
    later.log_in()
    later.show(code(visitor.secret, 1))
    visitor.post(f"{FACTORS}confirm/", {"code": code(visitor.secret, -1)})
    visitor.post(f"{FACTORS}app/remove/")
    assert (is_in(visitor), is_in(later)) == (True, False)


def test_secrets_are_encrypted_and_a_new_key_can_take_over(owner, admin, settings, capsys):
    stored = {row.type: row.data for row in Authenticator.objects.filter(user=admin)}
    assert owner.secret not in str(stored)
    assert decrypt(stored["totp"]["secret"]) == owner.secret
    old, new = settings.ENCRYPTION_KEYS[0], new_key()
    settings.ENCRYPTION_KEYS = [new, old]
    call_command("rotate_encryption_key")
    assert "2 of second factors" in capsys.readouterr().out
    settings.ENCRYPTION_KEYS = [new]
    for shown in (code(owner.secret, 1), owner.codes[0]):
        browser = another(owner)
        browser.log_in()
        browser.show(shown)
        assert is_in(browser)


def test_without_the_key_a_sentence_says_so_and_nothing_breaks(owner, settings):
    settings.ENCRYPTION_KEYS = [new_key()]
    browser = another(owner)
    browser.log_in()
    page = browser.show(code(owner.secret, 1)).content.decode()
    assert "This server has lost the key of this second factor" in page
    assert owner.get(FACTORS).status_code == 200
    settings.ENCRYPTION_KEYS = []
    answer = owner.get(f"{FACTORS}app/add/")
    assert (answer.status_code, "no key to encrypt" in answer.content.decode()) == (503, True)


def test_wrong_codes_are_lines_of_the_log_and_wait_for_the_account_without_locking_it(owner, caplog):
    caplog.set_level(logging.WARNING)
    for number in range(10):
        browser = another(owner)
        browser.log_in(REMOTE_ADDR=f"203.0.113.{number}")
        assert browser.show("000000", REMOTE_ADDR=f"203.0.113.{number}").status_code == 200
    lines = [record.getMessage() for record in caplog.records if record.name == "freetemp.logins.wrong_passwords"]
    assert len(lines) == 10
    pattern = rf"Wrong code from 203\.0\.113\.\d for user {owner_pk()}\."
    assert all(re.fullmatch(pattern, line) for line in lines)
    assert WrongLogins.objects.count() == 10
    browser = another(owner)
    browser.log_in(REMOTE_ADDR=ELSEWHERE)
    answer = browser.show(code(owner.secret, 1), REMOTE_ADDR=ELSEWHERE)
    assert (answer.status_code, int(answer["Retry-After"]) <= 5) == (429, True)
    assert Event.objects.filter(deed="wrong codes").count() == 1
    call_command("unlock_login", "admin")
    assert browser.show(code(owner.secret, 1), REMOTE_ADDR=ELSEWHERE).status_code == 302


def owner_pk():
    return Authenticator.objects.first().user_id


def test_wrong_codes_make_their_network_wait_as_wrong_passwords_do(owner):
    browser = another(owner)
    browser.log_in(REMOTE_ADDR=HERE)
    statuses = [browser.show("000000", REMOTE_ADDR=HERE).status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    assert browser.log_in(REMOTE_ADDR=HERE).status_code == 429


@pytest.mark.parametrize("typed", ["", "x" * 10_000, "١٢٣٤٥٦", "12345\x00", "🦊"])
def test_a_strange_code_is_a_wrong_one(owner, typed):
    browser = another(owner)
    browser.log_in()
    assert browser.show(typed).status_code == 200
    assert not is_in(browser)


@pytest.mark.parametrize(
    "credential", ["", "null", "{}", "[]", "1", '{"id": 1}', '{"response": {"userHandle": "AA"}}', "x"]
)
def test_a_made_up_passkey_is_refused_in_a_sentence(owner, credential):
    browser = another(owner)
    assert browser.post(f"{FACTORS}passkeys/login/", {"credential": credential}).status_code == 302
    browser.log_in()
    assert browser.post(CODE, {"credential": credential}).status_code == 200
    assert not is_in(browser)


@pytest.mark.sqlite_only
@pytest.mark.django_db(transaction=True)
def test_a_code_logs_in_on_a_full_disk_and_a_recovery_code_says_why_it_does_not(admin, visitor, request):
    visitor.log_in()
    codes = visitor.add_app()
    request.getfixturevalue("read_only")
    browser = another(visitor)
    browser.log_in()
    answer = browser.show(codes[0])
    assert "take a code of the app" in answer.content.decode()
    assert browser.show(code(visitor.secret, 1)).status_code == 302
    assert browser.get("/admin/overview/").status_code == 200


@pytest.mark.sqlite_only
def test_nobody_sees_secrets_in_the_admin(owner):
    assert "mfa" not in owner.get("/admin/").content.decode()
    assert owner.get("/admin/mfa/authenticator/").status_code == 404
    assert owner.get("/admin/account/emailaddress/").status_code == 404


def test_nobody_can_sign_up_and_no_other_page_of_allauth_is_there(client, db):
    for page in ("signup/", "email/", "password/reset/", "3rdparty/", "2fa/", "password/set/", "inactive/"):
        assert client.get(f"/account/{page}").status_code == 404, page
        assert client.get(f"/accounts/{page}").status_code == 404, page


def test_the_password_of_a_second_step_is_not_the_whole_login(owner):
    half = another(owner)
    half.log_in(password=PASSWORD)
    assert half.get("/api/v1/flash/").status_code == 401
    assert not is_in(half)


def test_an_address_of_numbers_offers_no_passkeys_and_says_why(owner, settings):
    def page(host):
        return owner.get(FACTORS, headers={"host": host}).content.decode()

    settings.ALLOWED_HOSTS = ["192.168.1.20", "127.0.0.1", "localhost"]
    assert "Browsers make no passkeys for an address of numbers" in page("192.168.1.20:8000")
    assert 'href="http://localhost:8000/account/"' in page("127.0.0.1:8000")
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    assert "localhost" not in page("127.0.0.1:8000")
