"""The networks, by the keys under which uploads keep them. Each module of one has no database and no connection."""

from __future__ import annotations

from uploads.networks import awekas, cwop, opensensemap, pwsweather, windy, wow, wow_be, wunderground
from uploads.networks.base import Network

NETWORKS: dict[str, Network] = {
    module.NETWORK.key: module.NETWORK
    for module in (wunderground, pwsweather, wow, wow_be, cwop, awekas, opensensemap, windy)
}
CHOICES = [(network.key, network.label) for network in NETWORKS.values()]
