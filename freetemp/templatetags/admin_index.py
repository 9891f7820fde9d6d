"""The admin's first page: all models, in the order in which the operator of a new server needs them."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()

# By the name of the model. A model of another app, which is not listed here, comes last.
ABOUT = {
    "Station": "Boards and their places, fields and keys, and whether they are heard.",
    "StationGroup": "Stations that the same people look after, such as those of a school, and their roles.",
    "WiFiNetwork": "The networks that boards join, with passwords that are kept encrypted.",
    "RefusedReport": "Reports from boards that this server refused, with advice on what to do about them.",
    "Recipient": "The people who are told when a station is in trouble, and how they are reached.",
    "Rule": "What is told: silence, boards in trouble, and values such as frost to come.",
    "Incident": "The troubles that there were, from beginning to end.",
    "Notice": "The messages that were written, and whether they were delivered.",
    "Outage": "Times without reports of a station, each with its cause.",
    "ServerRun": "When this server was up, by its own record.",
    "SetAside": "Readings that count no more, and proposals to set some aside.",
    "Sensor": "Which sensor measured a field when, and how it is corrected.",
    "Upload": "Stations whose values go to weather networks, and what these said last.",
    "MqttDevice": "Devices that have announced themselves on the MQTT broker, to be registered.",
    "MicroPythonImage": "The firmware that is written onto a board before freetemp's own files.",
    "Event": "What people did: who, to which station, when, and from where.",
    "User": "The people who may log in here.",
    "Group": "Permissions: “Station keepers” look after stations, and delete nothing.",
    "SignOnRule": "What the groups of your single sign-on's provider permit here.",
    "ApiToken": "Programs that come in as a person: who made a token, when it was used, and its end.",
}


@register.filter
def areas(app_list: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the models of Django's list of apps as one list, each with `about`, in the order of ABOUT."""
    order = list(ABOUT)
    models = [model | {"about": ABOUT.get(model["object_name"], "")} for app in app_list for model in app["models"]]
    return sorted(models, key=lambda model: order.index(model["object_name"]) if model["about"] else len(order))
