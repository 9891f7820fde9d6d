"""What happened: outages of stations, and when this server was up."""

from outages.models.outage import Evidence, Outage
from outages.models.searched import Searched
from outages.models.server_run import ServerRun

__all__ = ["Evidence", "Outage", "Searched", "ServerRun"]
