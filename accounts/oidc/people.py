"""Who somebody at the provider is here: an account that is connected, or a new one for members of its groups."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.login.deeds import deed
from accounts.login.receivers import request_now
from accounts.models import SignOn
from accounts.oidc.errors import RefusedError
from accounts.oidc.identity import Identity
from accounts.oidc.rights import BY, Wanted, follow, take_old
from audit import actor
from freetemp.conf.oidc import Oidc

logger = logging.getLogger(__name__)

MOST_SHOWN = 20
LONGEST_NAME = 100
MOST_NAMESAKES = 20
NO_SIGN_OF_A_NAME = re.compile(r"[^\w.@+-]+")  # By Django's UnicodeUsernameValidator.


def person_of(oidc: Oidc, identity: Identity) -> User:
    """Return the person with an identity, who has the rights of their groups now. Raises RefusedError."""
    if not identity.groups:
        logger.info("The single sign-on's provider sends no groups in “%s” for somebody.", oidc.groups_claim)
    wanted = Wanted.of(identity.groups)
    with suppress(IntegrityError):  # Another process made the same account, or took its name, in this moment.
        return _person_of(oidc, identity, wanted, _names(identity))
    with suppress(IntegrityError):
        return _person_of(oidc, identity, wanted, _names_of_nobody(identity))
    return _person_of(oidc, identity, wanted, _names_of_nobody(identity))


def _person_of(oidc: Oidc, identity: Identity, wanted: Wanted, names: Iterator[str]) -> User:
    with transaction.atomic():
        sign_on = _locked(identity)
        if sign_on is None:
            _require_new(oidc, identity, wanted)
            sign_on = _make(identity, names)
        elif not sign_on.user.is_active:
            sentence = _("This account is switched off. An administrator can switch it on again.")
            raise RefusedError(sentence, 403, why=f"user {sign_on.user.pk} is switched off")
        _follow(sign_on, wanted)
        take_old(timezone.now())
    if sign_on.made_account and not wanted.is_member:
        raise _of_no_group(oidc, identity)
    return sign_on.user


def connect(oidc: Oidc, identity: Identity, user: User) -> None:
    """Connect somebody's account here with theirs at the provider, whatever it is called there."""
    wanted = Wanted.of(identity.groups)
    try:
        with transaction.atomic():
            sign_on = SignOn.objects.create(user=user, issuer=identity.issuer, subject=identity.subject)
            deed(request_now(), user, "single sign-on connected")
            _follow(sign_on, wanted)
    except IntegrityError:
        raise RefusedError(
            _("That account of %(name)s is connected with an account here already.") % {"name": oidc.name},
            409,
            why=f"user {user.pk} connects what is connected already",
        ) from None


def disconnect(sign_on: SignOn) -> None:
    """Take away what the provider's groups gave, and forget who somebody is there."""
    with transaction.atomic():
        follow(sign_on, Wanted())
        deed(request_now(), sign_on.user, "single sign-on disconnected")
        sign_on.delete()


def _locked(identity: Identity) -> SignOn | None:
    found = SignOn.objects.filter(issuer=identity.issuer, subject=identity.subject)
    return found.select_related("user").select_for_update(of=("self",)).first()


def _follow(sign_on: SignOn, wanted: Wanted) -> None:
    actor.be(person=sign_on.user.get_username(), by=BY)
    follow(sign_on, wanted)
    SignOn.objects.filter(pk=sign_on.pk).update(seen_at=timezone.now())


def _require_new(oidc: Oidc, identity: Identity, wanted: Wanted) -> None:
    """Raise RefusedError if somebody who was never here gets no account."""
    if not wanted.is_member:
        raise _of_no_group(oidc, identity)
    if identity.email and User.objects.filter(email__iexact=identity.email).exists():
        raise RefusedError(
            _(
                "There is an account here with your mail address already. Log in with it, and connect it with %(name)s "
                "on the page of your account."
            )
            % {"name": oidc.name},
            403,
            why="somebody new has the mail address of an account",
        )


def _of_no_group(oidc: Oidc, identity: Identity) -> RefusedError:
    sentence = _("None of your groups at %(name)s has access to this server.") % {"name": oidc.name}
    return RefusedError(
        sentence, 403, why="no rule names a group of theirs", groups=tuple(sorted(identity.groups)[:MOST_SHOWN])
    )


def _make(identity: Identity, names: Iterator[str]) -> SignOn:
    """Make an account that has no password, with a name that nobody has here."""
    name = next(name for name in names if not User.objects.filter(username__iexact=name).exists())
    actor.be(person=name, by=BY)
    user = User(username=name, email=identity.email, first_name=identity.first_name, last_name=identity.last_name)
    user.set_unusable_password()
    user.save()
    return SignOn.objects.create(user=user, issuer=identity.issuer, subject=identity.subject, made_account=True)


def _names(identity: Identity) -> Iterator[str]:
    own = _own_name(identity)
    yield own
    for number in range(2, MOST_NAMESAKES):
        yield f"{own}-{number}"
    yield from _names_of_nobody(identity)  # A provider that tells no names has a school full of namesakes.


def _names_of_nobody(identity: Identity) -> Iterator[str]:
    """Yield names that no other process takes in this moment: a class that comes for the first time comes at once."""
    while True:
        yield f"{_own_name(identity)}-{secrets.token_hex(4)}"


def _own_name(identity: Identity) -> str:
    return NO_SIGN_OF_A_NAME.sub("-", identity.name).strip("-")[:LONGEST_NAME] or "person"
