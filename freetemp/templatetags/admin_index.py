"""The admin's first page: what there is, in the order in which somebody with a new server needs it."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()

# By the name of the model. What is not here comes after, as another app may bring it.
ABOUT = {
    "Station": "Who measures where: boards, their fields, their keys, and whether they are heard.",
    "WiFiNetwork": "What boards join, with passwords that are kept encrypted.",
    "RefusedReport": "What boards sent and this server did not take, with what to do about it.",
    "MicroPythonImage": "What is written onto a board before freetemp's own files.",
    "User": "Who may log in here.",
    "Group": "Who may do what: “Station keepers” look after stations, and delete nothing.",
}


@register.filter
def areas(app_list: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the models of Django's list of apps as one list, each with `about`, in the order of ABOUT."""
    order = list(ABOUT)
    models = [model | {"about": ABOUT.get(model["object_name"], "")} for app in app_list for model in app["models"]]
    return sorted(models, key=lambda model: order.index(model["object_name"]) if model["about"] else len(order))
