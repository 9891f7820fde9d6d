"""Adding a station in a browser: where it begins, whose time zone it suggests, and a key that is copied."""

import re
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from tests.pages.viewer import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

ADD = "/admin/stations/station/add/"
CHANGE = "/admin/stations/station/1/change/"
NOBODY_S = "/admin/stations/station/4/keys/"  # of a private station, which no other test reads


def test_the_name_has_the_focus_and_the_zone_is_the_browser_s_which_is_said(staff):
    page = staff(timezone_id="Asia/Kathmandu")
    page.goto(ADD)
    expect(page.get_by_label("Name")).to_be_focused()
    zone = page.get_by_label("Time zone")
    assert zone.input_value() in ("Asia/Kathmandu", "Asia/Katmandu"), "Chromium tells the old name"
    expect(page.get_by_text("that of this browser")).to_be_visible()
    zone.fill("Berlin")
    expect(page.get_by_text("that of this browser")).to_have_count(0)


@pytest.mark.parametrize("zone", ["Etc/GMT+1", "UTC"])
def test_a_browser_whose_zone_is_no_place_suggests_none_that_misleads(staff, zone):
    page = staff(timezone_id=zone)
    page.goto(ADD)
    assert not page.get_by_label("Time zone").input_value().startswith("Etc/")


def test_without_scripts_the_zone_is_that_of_the_newest_station(staff):
    page = staff(timezone_id="Asia/Tokyo", java_script_enabled=False)
    page.goto(ADD)
    assert page.get_by_label("Time zone").input_value() == "Europe/Berlin"


@pytest.mark.parametrize("options", [{"viewport": {"width": 1280, "height": 900}}, PHONE], ids=["wide", "phone"])
def test_the_form_of_a_new_station_is_short(staff, options):
    page = staff(**options)
    page.goto(ADD)
    assert page.evaluate("document.documentElement.scrollHeight") < 1500


def test_each_new_field_has_the_next_number(staff):
    page = staff()
    page.goto("/admin/stations/station/1/change/")
    for _ in range(2):
        page.get_by_role("button", name="Add another Field").click()
    numbers = page.locator("#fields-group tr:not(.empty-form) td.field-number input")
    assert [number.input_value() for number in numbers.all()] == ["1", "2", "3", "4", "5"]


def test_a_mac_a_key_and_its_address_come_together_without_scripts_and_with_them_are_copied(staff):
    page = staff(java_script_enabled=False)
    page.goto(NOBODY_S)
    page.get_by_label("MAC address").fill("02-00-00-00-07-01")
    page.get_by_role("button", name="Save it and issue a key").click()
    address = page.locator("#new-address").inner_text()
    assert re.search(r"/update/API_key=[0-9a-f]{32}/mac=02:00:00:00:07:01/field=1/data=21\.4$", address)
    assert page.locator("#new-command").inner_text() == f'curl "{address}"'
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)

    page = staff(permissions=["clipboard-read", "clipboard-write"])
    page.goto(NOBODY_S)
    page.get_by_role("button", name="Issue a new key").click()
    for name, id_ in (
        ("Copy the key", "new-key"),
        ("Copy the address", "new-address"),
        ("Copy the command", "new-command"),
    ):
        page.get_by_role("button", name=name).click()
        expect(page.get_by_role("status")).to_have_text("Copied.")
        assert page.evaluate("navigator.clipboard.readText()") == page.locator(f"#{id_}").inner_text()


def test_a_value_outside_its_limits_is_not_the_huge_newest_one(staff, server):
    page = staff()
    page.goto(NOBODY_S)
    if mac := page.get_by_label("MAC address").count():
        page.get_by_label("MAC address").fill("02:00:00:00:07:01")
    page.get_by_role("button", name="issue a key" if mac else "Issue a new key").click()
    address = page.locator("#new-address").inner_text()
    with urlopen(address.replace("data=21.4", "data=999")) as answer:
        assert answer.read() == b"OK"
    sizes = []
    for path, value, note in (
        ("/stations/4/", page.locator(".tile .value"), "Outside its plausible limits"),
        ("/", page.locator(".card", has_text="Secret").locator(".now"), "not plausible"),
    ):
        page.goto(path)
        expect(page.get_by_text(note).first).to_be_visible()
        sizes.append(value.first.evaluate("(each) => parseFloat(getComputedStyle(each).fontSize)"))
    assert max(sizes) <= 20, "the others have 36 and more"


# What an element that stands before or behind a cell's own words says.
LABELS = "(all) => all.map((each) => getComputedStyle(each, '::before').content.replaceAll('\"', '').trim())"


def test_a_phone_shows_whole_tables_of_keys_and_limits(staff):
    page = staff(**PHONE)
    for address, table in [("/admin/stations/station/1/keys/", ".keys-form"), (CHANGE, ".teach .scroll")]:
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        box = page.locator(table)
        assert box.evaluate("(box) => box.scrollWidth <= box.clientWidth"), address
    page.goto("/admin/stations/station/1/keys/")
    assert page.locator(".keys td[data-name]:not(:empty)").evaluate_all(LABELS)[:4] == [
        "Key",
        "State",
        "Issued",
        "First used",
    ]


def test_a_phone_s_lists_say_what_each_cell_is(staff):
    page = staff(**PHONE)
    page.goto("/admin/stations/station/")
    assert set(page.locator(".field-place").evaluate_all(LABELS)) == {"place"}
    page.goto("/admin/firmware/wifinetwork/add/")
    page.get_by_label("SSID").fill("Weather of a phone")
    page.get_by_label("Password:").fill("only for this test")
    page.get_by_role("button", name="Save", exact=True).click()
    row = page.locator("#result_list tr", has_text="Weather of a phone")
    expect(row).to_be_visible()
    assert row.locator("td:not(.action-checkbox)").evaluate_all(LABELS) == ["place", "password", "stations"]


@pytest.mark.parametrize("viewer", [PHONE, {"viewport": {"width": 1280, "height": 900}}])
def test_help_is_below_the_ring_of_an_input_and_the_zone_s_note_beside_it(staff, viewer):
    page = staff(timezone_id="Asia/Kathmandu", **viewer)
    page.goto(ADD)
    field, about = (page.locator(each).bounding_box() for each in ("#id_name", "#id_name_helptext"))
    assert about["y"] - field["y"] - field["height"] >= 5
    if viewer is PHONE:
        zone, note = (page.locator(each).bounding_box() for each in ("#id_timezone", ".from-browser"))
        assert note["x"] == zone["x"]


def test_a_file_of_history_is_sent_in_pieces_shown_and_imported(staff, tmp_path):
    rows = "".join(f"2025-06-{n // 1440 + 1:02}T{n // 60 % 24:02}:{n % 60:02}:00Z,{n / 2000}\n" for n in range(28_000))
    (tmp_path / "history.csv").write_text(f"measured_at,temperature\n{rows}")
    page = staff()
    page.goto("/admin/stations/station/4/change/")
    page.get_by_role("link", name="Import history").click()
    page.get_by_label("File:").set_input_files(tmp_path / "history.csv")
    with page.expect_response(re.compile(r"piece/\?at=524288")):
        page.get_by_role("button", name="Look at the file").click()
    expect(page.get_by_role("rowheader", name=re.compile("2025-06-01T0.:00:00"))).to_be_visible()
    page.get_by_role("button", name="Import").first.click()
    expect(page.get_by_text("Secret: 28000 stored, 0 there already")).to_be_visible()
