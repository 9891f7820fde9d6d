"""What fails at the provider, or is made up, is a sentence with the right status, and never a text of others."""

import contextlib
import logging
import socket
import threading
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import OperationalError

from accounts.oidc import answers, asking
from accounts.oidc import provider as asked_provider
from accounts.oidc.errors import ProviderError
from accounts.oidc.identity import checked
from tests.accounts.conftest import is_in
from tests.accounts.oidc.conftest import CALLBACK, LOGIN, OWN, oidc_of
from tests.server import free_port

pytestmark = pytest.mark.django_db

EVIL = "<script>alert('now')</script>%0aWARNING"
DISCOVERY = "/.well-known/openid-configuration"


@pytest.fixture
def anna_there(provider, teachers):
    provider.person("anna", ["teachers"])


def back(comer, **changed):
    """Begin a login, and come back with something else than the provider would send."""
    state = comer.begin().partition("state=")[2].partition("&")[0]
    return comer.get(CALLBACK, {"state": state} | changed)


def is_told(answer, status, sentence):
    page = answer.content.decode()
    assert answer.status_code == status, page
    assert sentence in page
    assert "alert(" not in page
    assert "Log in" in page or "To the login" in page
    return True


@pytest.mark.parametrize("port", ["nobody listens", "discovery fails"])
def test_a_provider_that_is_away_is_a_sentence_and_the_password_stays(provider, comer, settings, port, caplog, anna):
    if port == "nobody listens":
        settings.OIDC = oidc_of(provider, issuer=f"http://127.0.0.1:{free_port()}")
    else:
        provider.tell({}, **{DISCOVERY: ["no", "object"]})
    answer = comer.post(LOGIN, {"next": "/compare/"})
    assert is_told(answer, 503, "Hill School does not answer as it should")
    assert answer["Retry-After"] == "10"
    assert "/account/login/?next=/compare/" in answer.content.decode()
    assert 'name="password"' in comer.get("/account/login/").content.decode()
    comer.post("/account/login/", {"username": "anna", "password": "right horse battery"})
    assert is_in(comer)
    assert "The single sign-on failed at its provider" in caplog.text


def test_a_provider_that_was_away_a_moment_ago_is_not_waited_for_again(provider, comer):
    provider.tell({}, **{DISCOVERY: {"issuer": "https://elsewhere.example"}})
    for _ in range(3):
        assert comer.post(LOGIN).status_code == 503
    assert len(provider.asked(DISCOVERY)) == 1


def test_what_the_provider_says_of_itself_is_asked_for_once_for_many_logins(provider, comer, anna_there):
    for _ in range(3):
        comer.come("anna")
    assert (len(provider.asked(DISCOVERY)), len(provider.asked("/jwks"))) == (1, 1)


@pytest.mark.parametrize(
    "told",
    [
        {"issuer": "http://127.0.0.1:1"},
        {"authorization_endpoint": "http://login.example/authorize"},
        {"token_endpoint": "file:///etc/passwd"},
        {"jwks_uri": None},
        {"userinfo_endpoint": "http://192.168.1.1/userinfo"},
    ],
)
def test_a_provider_that_names_an_address_without_https_or_another_issuer_is_not_followed(provider, comer, told):
    provider.tell(told)
    assert is_told(comer.post(LOGIN), 503, "does not answer as it should")


def test_an_answer_that_is_too_long_is_left(provider):
    provider.tell({}, **{"/long": {"x": "y" * asking.MOST_BYTES}})
    with pytest.raises(ProviderError, match="too much or too slowly"):
        asking.get(f"{provider.url}/long")


@pytest.fixture
def trickling():
    """A server that sends a letter now and then, of a header or of a body, and never comes to an end."""
    done = threading.Event()

    def serve(connection, beginning):
        with connection, contextlib.suppress(OSError):
            connection.recv(4096)
            connection.sendall(beginning)
            while not done.wait(0.02):
                connection.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as server:

        def start(beginning):
            def accept():
                with contextlib.suppress(OSError):
                    serve(server.accept()[0], beginning)

            threading.Thread(target=accept, daemon=True).start()
            return f"http://127.0.0.1:{server.getsockname()[1]}/"

        yield start
        done.set()


@pytest.mark.parametrize(
    "beginning", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"]
)
def test_an_answer_that_trickles_is_not_waited_for(trickling, monkeypatch, beginning):
    monkeypatch.setattr(asking, "LONGEST_S", 0.3)
    with pytest.raises(ProviderError, match=r"takes longer than 0\.3 s|too much or too slowly"):
        asking.get(trickling(beginning))


def test_those_for_which_nobody_waits_any_more_are_few(provider, monkeypatch):
    monkeypatch.setattr(asking, "_threads", threading.BoundedSemaphore(1))
    with asking._threads, pytest.raises(ProviderError, match="it has not answered others yet"):
        asking.get(provider.url + DISCOVERY)
    assert asking.get(provider.url + DISCOVERY)


def test_no_secret_of_a_netrc_file_goes_along(provider, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine\n")
    monkeypatch.setenv("NETRC", str(netrc))
    asking.get(provider.url + DISCOVERY)
    assert [each["authorization"] for each in provider.asked(DISCOVERY)] == [""]


def test_whoever_cancels_there_is_told_so(provider, comer):
    answer = comer.get(provider.deny(comer.begin()))
    assert is_told(answer, 403, "The login at Hill School was cancelled, or refused there.")


@pytest.mark.parametrize("error", ["server_error", EVIL, "invalid_request"])
def test_the_text_of_an_error_is_shown_and_logged_nowhere(provider, comer, error, caplog):
    caplog.set_level(logging.DEBUG)
    answer = back(comer, error=error, error_description=EVIL, error_uri="https://evil.example")
    assert is_told(answer, 400, "Hill School did not log you in.")
    assert "evil" not in answer.content.decode()
    assert EVIL not in caplog.text
    assert "alert" not in caplog.text


def test_an_answer_without_its_beginning_asks_nobody_and_writes_nothing(provider, comer, caplog, anna_there):
    address = comer.begin()
    provider.tell()
    returned = provider.log_in(address, "anna")
    for path in (CALLBACK, f"{CALLBACK}?state=x&code=y", f"{returned}x".replace("state=", "state=x")):
        assert is_told(comer.get(path), 400, "This login was begun somewhere else, or too long ago.")
    stranger = type(comer)(provider)
    assert is_told(stranger.get(returned), 400, "This login was begun somewhere else")
    assert provider.asked("/oauth2/token") == []
    assert not Session.objects.exists()
    assert caplog.text == ""
    assert comer.get(returned).status_code == 302, "what others sent has not ended it"


def test_an_answer_counts_once(provider, comer, anna_there):
    returned = provider.log_in(comer.begin(), "anna")
    comer.get(returned)
    comer.post("/account/logout/")
    assert comer.get(returned).status_code == 400
    assert not is_in(comer)


def test_a_made_up_code_and_one_of_another_login_are_refused(provider, comer, anna_there):
    for wrong in ("made up", "x" * 4000, ""):
        assert back(comer, code=wrong).status_code in (400, 503)
    stolen = provider.log_in(type(comer)(provider).begin(), "anna").partition("code=")[2].partition("&")[0]
    assert back(comer, code=stolen).status_code == 503, "by PKCE: another browser began it"
    assert not is_in(comer)
    assert not User.objects.exists()


def test_an_answer_of_another_provider_is_refused(provider, comer, anna_there):
    returned = provider.log_in(comer.begin(), "anna")
    answer = comer.get(f"{returned}&iss=https://evil.example")
    assert is_told(answer, 400, "The answer came from somebody else than Hill School.")


def test_a_login_at_another_name_of_the_server_names_the_right_address(provider, comer):
    answer = comer.post(LOGIN, headers={"host": "localhost:8000"})
    assert is_told(answer, 400, f"The single sign-on works at http://{OWN} only.")


def test_a_flood_of_logins_of_one_network_waits(provider, comer, monkeypatch):
    monkeypatch.setattr(answers, "MOST_LOGINS", 3)
    statuses = [comer.post(LOGIN).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]


def test_a_flood_of_made_up_codes_for_one_login_waits_and_asks_the_provider_no_more(provider, comer, monkeypatch):
    monkeypatch.setattr(answers, "MOST_LOGINS", 3)
    path = f"{CALLBACK}?state={comer.begin().partition('state=')[2].partition('&')[0]}&code="
    held = comer.cookies.output(header="", attrs=[]).strip()
    statuses = [type(comer)(provider).get(f"{path}{code}", headers={"cookie": held}).status_code for code in range(5)]
    assert statuses == [503, 503, 503, 429, 429]
    assert len(provider.asked("/oauth2/token")) == 3


def test_only_a_browser_that_gets_the_page_uses_the_answer_up(provider, comer, anna_there):
    returned = provider.log_in(comer.begin(), "anna")
    assert [comer.head(returned).status_code, comer.post(returned).status_code] == [405, 405]
    assert comer.get(returned).status_code == 302


def test_whoever_finds_no_place_to_wait_for_the_provider_is_answered_at_once(provider, comer):
    with answers.place(), answers.place(), answers.place():
        answer = comer.post(LOGIN)
    assert is_told(answer, 503, "Many people log in just now.")
    assert comer.post(LOGIN).status_code == 200


def test_a_database_that_cannot_be_written_is_a_sentence(provider, comer, anna_there, monkeypatch):
    def full(*args):
        raise OperationalError("database or disk is full")

    monkeypatch.setattr("accounts.oidc.people._person_of", full)
    assert is_told(comer.come("anna"), 503, "The database cannot be written now")


KEYS = {name: rsa.generate_private_key(public_exponent=65537, key_size=2048) for name in ("its own", "another")}


@pytest.fixture
def signed(provider):
    """Let the provider have a key, and make tokens that are signed by it, or by another."""

    def signed(key="its own", algorithm="RS256", number="1", **changed):
        now = int(time.time())
        claims = {"iss": provider.url, "sub": "anna", "aud": "freetemp", "iat": now, "exp": now + 60, "nonce": "n"}
        claims = {name: value for name, value in (claims | changed).items() if value is not None}
        secret = {"HS256": "not guessed" * 4, "none": None}.get(algorithm, KEYS[key])
        return jwt.encode(claims, secret, algorithm, headers={"kid": number})

    public = jwt.algorithms.RSAAlgorithm.to_jwk(KEYS["its own"].public_key(), as_dict=True)
    provider.tell({}, **{"/jwks": {"keys": [public | {"kid": "1", "use": "sig"}]}})
    return signed


def test_the_right_token_is_accepted_also_by_a_clock_that_is_a_little_off(provider, signed):
    assert checked(oidc_of(provider), signed(), "n")["sub"] == "anna"
    now = int(time.time())
    assert checked(oidc_of(provider), signed(iat=now + 30, exp=now - 30), "n")
    assert checked(oidc_of(provider), signed(aud=["freetemp", "other"], azp="freetemp"), "n")


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "another"},
        {"algorithm": "none"},
        {"algorithm": "HS256"},
        {"number": "2"},
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"aud": "another client"},
        {"aud": ["freetemp", "another client"]},
        {"azp": "another client"},
        {"exp": 1},
        {"exp": None},
        {"iat": 2**33},
        {"sub": None},
        {"sub": 7},
        {"nonce": "of another login"},
        {"nonce": None},
    ],
    ids=str,
)
def test_a_token_that_is_not_the_providers_for_this_login_is_refused(provider, signed, wrong):
    with pytest.raises(ProviderError):
        checked(oidc_of(provider), signed(**wrong), "n")


@pytest.mark.parametrize("token", [None, 7, "", "a.b", "a.b.c", "e30.e30.e30", "ü.ü.ü", "." * 9, ["x"]])
def test_what_is_no_token_is_refused(provider, signed, token):
    with pytest.raises(ProviderError):
        checked(oidc_of(provider), token, "n")


def test_a_new_key_of_the_provider_is_found_and_made_up_ones_do_not_have_it_be_asked_each_time(
    provider, signed, monkeypatch
):
    oidc = oidc_of(provider)
    for _ in range(3):
        with pytest.raises(ProviderError):
            checked(oidc, signed(number="2"), "n")
    assert len(provider.asked("/jwks")) == 1
    monkeypatch.setattr(asked_provider, "KEYS_ANEW_AFTER_S", -1)
    public = jwt.algorithms.RSAAlgorithm.to_jwk(KEYS["its own"].public_key(), as_dict=True)
    kept = dict(asked_provider._kept)
    provider.tell({}, **{"/jwks": {"keys": [public | {"kid": "2"}]}})
    asked_provider._kept.update(kept)
    assert checked(oidc, signed(number="2"), "n")


def test_a_userinfo_of_somebody_else_is_refused(provider, comer, anna_there):
    provider.tell({}, **{"/userinfo": {"sub": "berta", "groups": ["teachers"]}})
    assert is_told(comer.come("anna"), 503, "does not answer as it should")
