"""The cost of a visit to a phone on a slow network: requests, bytes, and the time until the charts are drawn.

    .venv/bin/python -m benchmarks.visits [--runs 5] [--fields 3] [--fast]

Headless Chromium visits freetemp under gunicorn as shipped, with a year of a reading a minute of each field. The first
visit has an empty cache; the second follows it. The network is Lighthouse's slow 4G: each request waits 150 ms, and
1.6 Mbit/s come in. The processor runs at a quarter of its speed. Unlike a real network, Chromium adds no wait for a
connection. Times are counted from the navigation's start to the frame that shows the first text, the first chart as it
comes with the page, and all charts as the scripts draw them, to be zoomed and read. `--fast` leaves the brakes off.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import median
from typing import Any, NamedTuple

from django.core.management import call_command
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from benchmarks import machine, spread
from benchmarks.history import fill
from benchmarks.peers import freetemp, gunicorn, scratch
from benchmarks.peers.rounds import version_of

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3, "has_touch": True, "is_mobile": True}
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
SLOWER = 4  # the processor, by this factor
STATION = "/stations/{}/?period="
PAGES = {"home": "/", **{kind: STATION + kind for kind in ("day", "week", "year")}}
# Notes the frame that shows the first chart from the page, and the frame in which the scripts have drawn all charts.
WATCH = """
const seen = {};
const frame = (name) => new Promise((resolve) => {
  seen[name] = () => requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
});
window.drawn = frame("drawn");
window.live = frame("live");
new MutationObserver(() => {
  const charts = [...document.querySelectorAll("figure.chart")];
  const live = charts.filter(({ dataset }) => ["ready", "empty"].includes(dataset.state));
  if (live.length || document.querySelector("figure.chart .sketch path")) seen.drawn();
  if (live.length && live.length === charts.length) seen.live();
}).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-state"] });
"""
TIMES = """(async () => {
  const text = await new Promise((painted) => new PerformanceObserver((list) => {
    for (const { startTime } of list.getEntriesByName("first-contentful-paint")) painted(startTime);
  }).observe({ type: "paint", buffered: true }));
  return document.querySelector("figure.chart") ? [text, await drawn, await live] : [text, null, null];
})()"""


class Visit(NamedTuple):
    """The cost of one visit. Without charts, their times are missing."""

    requests: int
    kb: float
    text_ms: float
    drawn_ms: float | None
    live_ms: float | None


def main() -> None:
    parser = argparse.ArgumentParser(description="What a visit costs a phone on a slow network.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--fields", type=int, default=3, choices=[1, 2, 3], help="that the station measures")
    parser.add_argument("--fast", action="store_true", help="leave processor and network as they are")
    options = parser.parse_args()
    with scratch() as directory:
        freetemp.create(directory)
        from django.db import connection

        station, _ = fill(connection, 1, tuple(range(1, options.fields + 1)))
        connection.close()
        call_command("collectstatic", interactive=False, verbosity=0)
        print(f"{datetime.now(UTC):%Y-%m-%d}, {machine(directory)} {version_of('gunicorn')}.", end=" ", flush=True)
        with gunicorn(freetemp.APP, directory, {}) as server:
            pages = {name: f"http://127.0.0.1:{server.port}{path}" for name, path in PAGES.items()}
            visits = measure({name: url.format(station.pk) for name, url in pages.items()}, options)
    print(*report(visits), sep="\n")


def measure(pages: dict[str, str], options: argparse.Namespace) -> dict[tuple[str, str], list[Visit]]:
    """Visit each page twice in each run. One run before does not count: the server's first answers are slow."""
    visits = defaultdict(list)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        speed = "as fast as it is" if options.fast else f"slow 4G, processor slowed {SLOWER} times"
        print(f"Chromium {browser.version}, 390 pixels wide, {speed}. {options.runs} runs: median (range).", end="\n\n")
        for run in range(options.runs + 1):
            for name, url in pages.items():
                for which, visit in zip(("first", "second"), both(browser, url, slow=not options.fast), strict=True):
                    visits[name, which] += [visit] if run else []
        browser.close()
    return visits


def chromium() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    return path or sys.exit("There is no Chromium: install it, or name one in CHROMIUM.")


def both(browser: Browser, url: str, *, slow: bool) -> Iterator[Visit]:
    context = browser.new_context(**PHONE)  # type: ignore[arg-type]
    context.add_init_script(WATCH)
    for _ in range(2):
        yield visited(context, url, slow=slow)
    context.close()


def visited(context: BrowserContext, url: str, *, slow: bool) -> Visit:
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    if slow:
        session.send("Network.emulateNetworkConditions", SLOW_4G)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    sizes: list[int] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(url)
    times: list[Any] = page.evaluate(TIMES)
    page.wait_for_load_state("networkidle")
    page.close()
    fetched = [size for size in sizes if size]  # Cached files have no size.
    return Visit(len(fetched), sum(fetched) / 1000, *times)


def report(visits: dict[tuple[str, str], list[Visit]]) -> Iterator[str]:
    yield "| page | visit | requests | kB | text, ms | chart drawn, ms | charts live, ms |"
    yield "|---|---|---:|---:|---:|---:|---:|"
    for (page, which), each in visits.items():
        requests, kb, *times = zip(*each, strict=True)
        shown = [spread(list(column)) if None not in column else "" for column in times]
        yield f"| {page} | {which} | {median(requests):.0f} | {median(kb):.1f} | {' | '.join(shown)} |"


if __name__ == "__main__":
    main()
