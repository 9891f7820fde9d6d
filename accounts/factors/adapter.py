"""What django-allauth asks this server about second factors."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.translation import gettext as _

from freetemp import encryption
from freetemp.conf.loopback import LOOPBACK_HOSTS


class FactorAdapter(DefaultMFAAdapter):
    """Encrypts secrets as WiFi passwords are, and binds passkeys to the name in SERVER_URL."""

    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return encryption.decrypt(encrypted_text)

    def get_totp_issuer(self) -> str:
        return f"freetemp {host_of(context.request)}"

    def get_totp_label(self, user: User) -> str:
        return user.get_username()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": rp_id(context.request) or host_of(context.request), "name": "freetemp"}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        return super().get_public_key_credential_user_entity(user) | {"name": user.get_username()}

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002 - allauth's name
        """Return a name for a new passkey, which its owner may change."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return _("Passkey %(number)d") % {"number": count + 1}


def rp_id(request: HttpRequest) -> str | None:
    """Return the name that a passkey made on this page is bound to, or None if no passkey works here.

    That of SERVER_URL, if the page is below it: a passkey works at no other name. A page elsewhere would make passkeys
    that are lost as soon as their owner comes by the proper address.
    """
    here, canonical = host_of(request), urlsplit(settings.SERVER_URL).hostname or ""
    if not is_name(here):
        return None
    if is_name(canonical) and not is_local(here):
        return canonical if here == canonical or here.endswith(f".{canonical}") else None
    return here


def proper_address(request: HttpRequest) -> str | None:
    """Return the address of SERVER_URL if passkeys work there and not here, or this computer's by its name."""
    canonical = urlsplit(settings.SERVER_URL)
    here = urlsplit(f"//{request.get_host()}")
    if here.hostname in LOOPBACK_HOSTS and not is_name(here.hostname) and "localhost" in settings.ALLOWED_HOSTS:
        port = f":{here.port}" if here.port else ""
        return f"{request.scheme}://localhost{port}{settings.FORCE_SCRIPT_NAME or ''}"
    works_there = canonical.scheme == "https" and is_name(canonical.hostname or "")
    return settings.SERVER_URL if works_there and rp_id(request) is None else None


def host_of(request: HttpRequest) -> str:
    return urlsplit(f"//{request.get_host()}").hostname or ""


def is_name(host: str) -> bool:
    """Tell whether a host is a name: browsers make no passkeys for an IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(host)
    return False


def is_local(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost")
