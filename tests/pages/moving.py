"""A click that leads to another page, and the wait for it."""

from playwright.sync_api import Locator


def follow(button: Locator) -> None:
    """Click on a button or link, and wait until the page that it leads to has loaded.

    A click alone returns before: what a test asks of the page next is lost when the new one comes.
    """
    with button.page.expect_navigation():
        button.click()
