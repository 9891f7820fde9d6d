"""The page of a message's link in a real browser, which sends the form only with what its policies let it."""

from playwright.sync_api import expect

from alerts.models import Notice


def test_i_look_after_it_is_taken_from_a_browser(page, complaints):
    address = Notice(pk=1).path()
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Roof is silent")
    page.get_by_role("button", name="I look after it").click()
    expect(page.get_by_text("Thank you. Nobody is reminded of it any more")).to_be_visible()
    page.goto(address)
    expect(page.get_by_text("This link was used already")).to_be_visible()
    assert complaints == []
