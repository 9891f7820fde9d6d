"""What is told, to whom, and how far it has come. `alerts.watching` writes the incidents and notices."""

from alerts.models.incident import Incident
from alerts.models.notice import Delivery, Notice, Told
from alerts.models.recipient import Channel, Mute, Recipient
from alerts.models.rule import Kind, Rule
from alerts.models.server_trouble import ServerTrouble
from alerts.models.watch import Rhythm, Watch

__all__ = [
    "Channel",
    "Delivery",
    "Incident",
    "Kind",
    "Mute",
    "Notice",
    "Recipient",
    "Rhythm",
    "Rule",
    "ServerTrouble",
    "Told",
    "Watch",
]
