"""How a board proves which station it is."""

import base64
import binascii

from stations.mac import parse_mac
from stations.models import Claim


class WrongKeyError(Exception):
    """The same answer for an unknown MAC, a wrong or ended key and an inactive station: it tells nothing apart."""

    def __init__(self) -> None:
        super().__init__("unknown station or key")


def url_claim(mac: str, key: str) -> Claim:
    """Return the claim of a device URL. Raises ValueError for what is no MAC address.

    Whether it is true is asked together with storing what it brings, for all reports of a group at once
    (readings/ingest/store_group.py): to ask for each by itself would cost as much as to store it.
    """
    return Claim.of(parse_mac(mac), key)


def basic_claim(authorization: str) -> Claim:
    """Return the claim of an Authorization header: HTTP Basic. Raises WrongKeyError where it holds none.

    The user is the MAC, as twelve hex digits, since a user name may hold no colon; the password is the key. Raises
    ValueError for what is no MAC address.
    """
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise WrongKeyError
    try:
        user, _, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError) as error:
        raise WrongKeyError from error
    return url_claim(user, password)
