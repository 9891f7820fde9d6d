"""Fingers on a screen, through Chromium's own protocol."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

Place = tuple[float, float]
STEPS = 8


class Fingers:
    """Touch an element at places relative to its top left corner."""

    def __init__(self, page: Page, target: Locator) -> None:
        target.scroll_into_view_if_needed()
        self.page, self.box = page, target.bounding_box()
        self.session = page.context.new_cdp_session(page)

    def down(self, *places: Place) -> None:
        self._send("touchStart", *places)

    def move(self, *ways: tuple[Place, Place]) -> None:
        """Move each finger from one place to another, in steps that a page can draw."""
        for step in range(1, STEPS + 1):
            part = step / STEPS
            self._send("touchMove", *((a + (c - a) * part, b + (d - b) * part) for (a, b), (c, d) in ways))
            self.page.evaluate("new Promise(requestAnimationFrame)")

    def up(self) -> None:
        self._send("touchEnd")

    def drag(self, *ways: tuple[Place, Place]) -> None:
        self.down(*(start for start, _ in ways))
        self.move(*ways)
        self.up()

    def _send(self, kind: str, *places: Place) -> None:
        left, top = self.box["x"], self.box["y"]
        points = [{"id": finger, "x": left + x, "y": top + y} for finger, (x, y) in enumerate(places)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
