"""A program that sends one message by Apprise, and ends: `python -m alerts.sending.messenger`.

It reads {"address", "title", "body", "link"} as JSON from its input, so that no list of processes shows an address,
asks by may_leave(), and prints {"error": ...}, which is "" if the service took the message. Apprise takes 45 MB, and a
service that hangs holds its thread: the process that keeps the watch has neither.
"""

from __future__ import annotations

import json
import logging
import re
from typing import Any
from urllib.parse import quote

from alerts.sending.leave import given, may_leave

NTFY = ("ntfy://", "ntfys://")
SENTENCES = {
    **dict.fromkeys(("301", "302", "303", "307", "308"), "The address leads elsewhere: give the one it leads to."),
    "400": "The service does not understand the message: look at the address again.",
    "401": "The service refuses the password or token of the address.",
    "403": "The service refuses the password or token of the address.",
    "404": "The service does not know what the address names, such as its topic, room or chat.",
    "413": "The service takes no message of this length.",
    "429": "The service takes no more messages for now. It is tried again.",
}


def main() -> None:
    for name in ("apprise", "urllib3"):  # Their lines for debugging hold addresses.
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("apprise").addHandler(logging.NullHandler())
    logging.getLogger("apprise").propagate = False
    print(json.dumps({"error": send(**given())}))  # noqa: T201 - its answer


def send(address: str, title: str, body: str, link: str) -> str:
    """Send a message, and return "" or a sentence that says why the service did not take it."""
    import apprise

    # A redirect would turn the message into an empty GET that succeeds.
    asset = apprise.AppriseAsset(app_id="freetemp", app_desc="freetemp", http_redirects=False, service_timeout=30)
    service = apprise.Apprise(asset=asset)
    if not service.add(_for_phones(address, link)):
        return "The address cannot be used: a part is missing, or has a slip. https://appriseit.com has its form."
    may_leave()
    result = service.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT)
    return "" if result else _sentence(result)


def _for_phones(address: str, link: str) -> str:
    """Let a touch on a message of ntfy open a page, and let it load no picture from elsewhere."""
    if not address.lower().startswith(NTFY):
        return address
    return f"{address}{'&' if '?' in address else '?'}image=no&click={quote(link, safe='')}"


def _sentence(result: Any) -> str:
    lines = " ".join(entry.message for each in result for entry in each.logs())
    if found := re.search(r"error=(\d{3})", lines):
        number = found[1]
        return SENTENCES.get(number, f"The service answered with an error: {number}.")
    return "The service was not reached, or did not answer in time. Is its certificate in order?"


if __name__ == "__main__":
    main()
