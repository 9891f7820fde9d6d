"""What a channel of ThingSpeak exports: feeds.csv, and the JSON of /channels/N/feeds.json.

Both have created_at, entry_id and field1 to field8 (MathWorks' documentation, and exports of 2018 to 2025). A field's
name in the channel stands only in the JSON. What the channel's device updates here has the same fields.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

from freetemp.csv_lines import csv_lines
from readings.exports.export import Export, Head
from readings.foreign.thingspeak import KNOWN

MOST_NAMES = 200  # in a channel's feeds, which have some 15


def read_thingspeak(head: Head) -> Export | None:
    if not {"created_at", "entry_id"} <= {*head.titles}:
        return None
    return Export("created_at", {title: KNOWN[title] for title in head.titles if title in KNOWN})


def feed_lines(text: str) -> Iterator[str]:
    """Yield the feeds of a channel's JSON as lines of CSV. A ValueError says that it is none."""
    try:
        feeds: list[dict[str, Any]] = json.loads(text)["feeds"]
        titles = [*dict.fromkeys(chain.from_iterable(map(dict.keys, feeds)))]
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("the JSON of a channel of ThingSpeak expected, with “feeds”") from error
    if len(titles) > MOST_NAMES:  # A row has a cell for each: 130 kB could become gigabytes.
        raise ValueError(f"at most {MOST_NAMES} names in “feeds” expected")
    yield from csv_lines([titles])
    yield from csv_lines([feed.get(title) for title in titles] for feed in feeds)
