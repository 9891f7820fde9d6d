"""What is told, to whom, and how far it has come. `alerts.watching` writes the incidents and notices."""

from alerts.models.incident import Incident
from alerts.models.kinds import Kind
from alerts.models.letter import Letter, Picture
from alerts.models.notice import Delivery, Notice, Told
from alerts.models.phone import Invitation, PushKey
from alerts.models.recipient import Channel, LetterRhythm, Mute, Recipient
from alerts.models.rule import Rule
from alerts.models.server_trouble import ServerTrouble
from alerts.models.watch import Rhythm, Watch

__all__ = [
    "Channel",
    "Delivery",
    "Incident",
    "Invitation",
    "Kind",
    "Letter",
    "LetterRhythm",
    "Mute",
    "Notice",
    "Picture",
    "PushKey",
    "Recipient",
    "Rhythm",
    "Rule",
    "ServerTrouble",
    "Told",
    "Watch",
]
