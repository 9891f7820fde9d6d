"""The cause of an outage in words: how sure it is, and what speaks for it."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from outages.causes import Cause
from outages.models import Outage

NEARLY_ALL = 0.95

NAMES = {
    Cause.SERVER: gettext_lazy("This server was off"),
    Cause.WAY: gettext_lazy("This server was not reached"),
    Cause.NETWORK: gettext_lazy("Network"),
    Cause.SIGNAL: gettext_lazy("Weak signal"),
    Cause.POWER: gettext_lazy("No power"),
    Cause.BATTERY: gettext_lazy("Empty battery"),
    Cause.CRASH: gettext_lazy("Crash"),
    Cause.HANG: gettext_lazy("Hang or sensor"),
    Cause.SENSOR: gettext_lazy("Sensor"),
    Cause.UNKNOWN: gettext_lazy("Not known"),
}
# By the cause, and whether it is sure.
SENTENCES = {
    (Cause.SERVER, True): gettext_lazy("This server was off, or could store nothing."),
    (Cause.WAY, True): gettext_lazy(
        "No station reached this server, which was running: its router or its network was away."
    ),
    (Cause.WAY, False): gettext_lazy(
        "Probably nobody reached this server, which was running: its router or its network was away."
    ),
    (Cause.NETWORK, True): gettext_lazy("It went on measuring: its WiFi, its router or the internet was away."),
    (Cause.NETWORK, False): gettext_lazy("Probably the network was away, as it was for others."),
    (Cause.SIGNAL, False): gettext_lazy("Probably its WiFi was too weak: the signal had been weak before."),
    (Cause.POWER, True): gettext_lazy("It had no power."),
    (Cause.POWER, False): gettext_lazy("It probably had no power."),
    (Cause.BATTERY, False): gettext_lazy("Probably its battery was empty: the voltage had been falling before."),
    (Cause.CRASH, True): gettext_lazy("Its board had crashed, and its watchdog restarted it."),
    (Cause.CRASH, False): gettext_lazy("Its board probably hung, and restarted itself."),
    (Cause.HANG, False): gettext_lazy(
        "It had power, for its board has not started anew: probably it hung, or its sensor gave no values."
    ),
    (Cause.SENSOR, True): gettext_lazy("Its board was there, and said that its sensor gave no values."),
    (Cause.SENSOR, False): gettext_lazy("Its board ran all the time: probably its sensor gave no values."),
    (Cause.UNKNOWN, False): gettext_lazy("The cause is not known."),
}
SHARED = {Cause.POWER, Cause.NETWORK, Cause.UNKNOWN}


def told(outage: Outage, *, to_public: bool = False) -> str:
    """Return what is known of an outage that is over: its cause, the others that had it, and its readings.

    Of stations that are not public the public is told nothing.
    """
    return " ".join(filter(None, [cause_in_words(outage), with_others(outage, to_public=to_public), readings(outage)]))


def cause_in_words(outage: Outage) -> str:
    """Return the sentence about an outage's cause. It says how sure that is."""
    cause = Cause(outage.cause)
    sentence = SENTENCES.get((cause, outage.is_sure)) or SENTENCES[cause, not outage.is_sure]
    return str(sentence)


def with_others(outage: Outage, *, to_public: bool = False) -> str:
    """Return how many stations were lost at the same moment, or nothing if the others do not matter."""
    together, of = (outage.public_together, outage.public_of) if to_public else (outage.together, outage.of)
    if together < 2 or outage.cause not in SHARED:
        return ""
    return _("%(count)d of %(of)d stations were lost at the same moment.") % {"count": together, "of": of}


def readings(outage: Outage) -> str:
    """Return how many of the readings that were due have arrived late."""
    counts = {"arrived": outage.arrived, "expected": outage.expected}
    if not outage.expected:
        return ""
    if outage.arrived >= NEARLY_ALL * outage.expected:
        return _("All %(expected)d readings of that time arrived late.") % counts
    if outage.arrived:
        return _("%(arrived)d of its %(expected)d readings arrived late.") % counts
    return _("None of its %(expected)d readings has arrived.") % counts
