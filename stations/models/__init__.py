"""The registry: stations, their keys, their fields and their groups."""

from stations.models.field import Field
from stations.models.group import Membership, StationGroup
from stations.models.key import Claim, Holder, Key, Source
from stations.models.station import Station
from stations.models.zone_rules import ZoneRules

__all__ = ["Claim", "Field", "Holder", "Key", "Membership", "Source", "Station", "StationGroup", "ZoneRules"]
