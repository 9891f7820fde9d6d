"""To the provider, and back from it."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import get_next_redirect_url, perform_login
from django.contrib import auth as django_auth
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET

from accounts.models import SignOn
from accounts.oidc import handshake, people
from accounts.oidc.answers import EXPECTED, WITHIN_S, begin, failed, is_flood, place, told
from accounts.oidc.errors import RefusedError
from accounts.oidc.handshake import CONFIRM, CONNECT, LOGIN, Handshake
from accounts.oidc.identity import LEEWAY_S, Identity, redeem
from accounts.oidc.provider import ours
from accounts.rule import SHOWN_ELSEWHERE, SIGN_ON, is_half_in
from freetemp.logins.places import later


@told
def login(request: HttpRequest) -> HttpResponse:
    """Go to the provider. Only a click does: a link must not log anybody in."""
    there = get_next_redirect_url(request)
    if request.method != "POST":
        return redirect(f"{reverse('account_login')}?{urlencode({'next': there})}" if there else "account_login")
    if request.user.is_authenticated:
        return redirect(there or "account")
    return begin(request, LOGIN)


@told
@require_GET  # A HEAD would use the code up, and its page would be nobody's.
def callback(request: HttpRequest) -> HttpResponse:
    """Come back from the provider, for whatever it was left for. The answer counts once, whatever comes of it."""
    resumed = handshake.resumed(request)
    if is_flood(request, "back"):  # A login that was begun once can come back with many made-up codes.
        return later(request, WITHIN_S, has_guessed=False)
    try:
        response = _finish(request, resumed)
    except EXPECTED as error:
        response = failed(request, error)
    handshake.forget(response)
    return response


@sensitive_variables()
def _finish(request: HttpRequest, resumed: Handshake) -> HttpResponse:
    with place():
        code = handshake.code_of(request, ours())
        identity = redeem(ours(), code, handshake.redirect_uri(), resumed.verifier, resumed.nonce)
    if resumed.purpose == CONNECT:
        return _connect(request, resumed, identity)
    if resumed.purpose == CONFIRM:
        return _confirm(request, resumed, identity)
    return _log_in(request, resumed, identity)


def _log_in(request: HttpRequest, resumed: Handshake, identity: Identity) -> HttpResponse:
    """Log the person in, until the provider has to be asked anew. A second factor of this server is asked for."""
    person = people.person_of(ours(), identity)
    if request.user.is_authenticated:
        django_auth.logout(request)
    record_authentication(request, person, SIGN_ON, **{SHOWN_ELSEWHERE: _counts_as_factor(identity)})
    request.session.set_expiry(timezone.now() + timedelta(hours=ours().session_hours))
    response: HttpResponse = perform_login(request, person, redirect_url=resumed.there or None)
    return response


def _counts_as_factor(identity: Identity) -> bool:
    """Tell whether the login at the provider counts as a second factor, by OIDC_SECOND_FACTOR."""
    rule = ours().second_factor
    return rule == "always" or (rule == "told" and "mfa" in identity.methods)


def _connect(request: HttpRequest, resumed: Handshake, identity: Identity) -> HttpResponse:
    person = _same_person(request, resumed)
    if is_half_in(request, person):
        raise _of_another_session()
    people.connect(ours(), identity, person)
    messages.success(request, _("Your account is connected with %(name)s.") % {"name": ours().name})
    return redirect("sso")


def _confirm(request: HttpRequest, resumed: Handshake, identity: Identity) -> HttpResponse:
    """Note that somebody has just logged in there again, and go on with what that was asked for."""
    person = _same_person(request, resumed)
    own = SignOn.objects.filter(user=person, issuer=identity.issuer, subject=identity.subject)
    if not own.exists():
        sentence = _("You logged in at %(name)s as somebody else.") % {"name": ours().name}
        raise RefusedError(sentence, 403, why=f"user {person.pk} confirms as somebody else")
    at = identity.logged_in_at
    if at is None or at < resumed.at - LEEWAY_S:  # The browser may have left out what asks for a new login.
        sentence = _("%(name)s has not asked you to log in again.") % {"name": ours().name}
        raise RefusedError(sentence, 403, why="the token has no auth_time" if at is None else "an old auth_time")
    record_authentication(request, person, SIGN_ON, reauthenticated=True)
    return redirect(f"{reverse('sso_confirm')}?{urlencode({'next': resumed.there})}")


def _same_person(request: HttpRequest, resumed: Handshake) -> User:
    """Return who is logged in, if that is who went to the provider."""
    if not request.user.is_authenticated or request.user.pk != resumed.user:
        raise _of_another_session()
    return request.user


def _of_another_session() -> RefusedError:
    return RefusedError(_("This login was begun somewhere else, or too long ago. Begin again."), 400)
