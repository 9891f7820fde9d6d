"""The registry: stations, their keys and their fields."""

from stations.models.field import Field
from stations.models.key import Claim, Holder, Key, Source
from stations.models.station import Station
from stations.models.zone_rules import ZoneRules

__all__ = ["Claim", "Field", "Holder", "Key", "Source", "Station", "ZoneRules"]
