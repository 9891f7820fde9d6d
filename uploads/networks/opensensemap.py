"""openSenseMap: JSON to a senseBox, one sensor ID for each figure.

`POST /boxes/:senseBoxId/data` and its access token are those of the controller of measurements in openSenseMap's own
source, sensebox/openSenseMap-API on GitHub: an array of sensor, value and createdAt, answered with 201.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta

from uploads.networks.base import (
    FIGURES,
    IN_HEADERS,
    Account,
    Answer,
    HttpRequest,
    Network,
    Observation,
    Outcome,
    Verdict,
    of_status,
)

URL = "https://api.opensensemap.org"
ID = re.compile(r"[0-9a-f]{24}")


def _request(account: Account, observation: Observation) -> HttpRequest:
    created = f"{observation.at:%Y-%m-%dT%H:%M:%SZ}"
    measured = [
        {"sensor": sensor, "value": f"{value:.2f}", "createdAt": created}
        for name, sensor in account.sensors.items()
        if (value := getattr(observation, FIGURES[name].part)) is not None
    ]
    headers = {"Content-Type": "application/json", "Authorization": account.secret}
    url = f"{(account.server or URL).rstrip('/')}/boxes/{account.identity}/data"
    return HttpRequest(url, "POST", headers, json.dumps(measured).encode())


def _outcome(account: Account, answer: Answer) -> Outcome:
    if answer.status == 404:
        return Outcome(Verdict.NO_ENTRY, "It knows no senseBox with this ID.")
    return of_status(answer)


NETWORK = Network(
    key="opensensemap",
    label="openSenseMap",
    website="opensensemap.org",
    identity="senseBox ID",
    secret="Access token",  # noqa: S106 - what it is called there
    interval=timedelta(minutes=5),
    least_interval=timedelta(minutes=1),
    history=timedelta(days=1),
    about="Both are on your box's page there, and so are the IDs of its sensors.",
    request=_request,
    outcome=_outcome,
    identity_form=ID,
    secret_form=IN_HEADERS,
    needs_sensors=True,
)
