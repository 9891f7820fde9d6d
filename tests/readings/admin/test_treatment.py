"""The admin's pages of what is set aside and of the ledger: add, see who, when and why, take back."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.utils import timezone

from freetemp.fields import to_millis
from readings import ingest
from readings.calendar.span import Span
from readings.ingest.reports import Measurement
from readings.models import Pending, Sensor, SetAside
from readings.treatment import State, set_aside
from tests.nothing_lost.walk import words
from tests.readings.treatment.right import all_of, assert_all_follows

pytestmark = pytest.mark.django_db

SET_ASIDE, SENSORS = "/admin/readings/setaside/", "/admin/readings/sensor/"
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.fixture
def garden(station):
    station.fields.create(number=2, name="humidity", unit="%")
    rows = [(number, NOON + timedelta(hours=n), float(n)) for number in (1, 2) for n in range(48)]
    ingest.store(station, [Measurement(number, to_millis(at), value) for number, at, value in rows])
    return station


@pytest.fixture
def post(keeping, django_capture_on_commit_callbacks):
    """Post a form, and what follows from it after the transaction. Return the page that it leads to."""

    def post(address, **form):
        with django_capture_on_commit_callbacks(execute=True):
            return keeping.post(address, form, follow=True)

    return post


def test_a_wrong_import_is_taken_back_within_a_minute(garden, keeping, post):
    before = all_of(garden)
    assert (
        f"{SET_ASIDE}?station__id__exact={garden.pk}"
        in keeping.get(f"/admin/stations/station/{garden.pk}/change/").content.decode()
    )
    form = words(keeping.get(f"{SET_ASIDE}add/?station={garden.pk}"))
    assert "Garden: all fields Garden: temperature Garden: humidity" in form
    opened = keeping.get(f"{SET_ASIDE}add/?_changelist_filters=station__id__exact%3D{garden.pk}").content.decode()
    assert f'<option value="{garden.pk}" selected>' in opened
    page = words(
        post(
            f"{SET_ASIDE}add/",
            what=garden.pk,
            first="2026-01-16",
            last="2026-01-16",
            reason="import",
            note="the pond's",
        )
    )
    assert "It can be taken back here at any time." in page
    for told in ("Garden: all fields", "2026-01-16 00:00", "2026-01-17 00:00", "wrong import", "the pond's", "active"):
        assert told in page
    assert f"keeper, {timezone.now().astimezone(garden.zone):%Y-%m-%d}" in page
    assert_all_follows(garden)
    assert not Pending.objects.exists()
    mark = SetAside.objects.get()
    assert "Taken back." in words(post(f"{SET_ASIDE}{mark.pk}/change/", _undo="1"))
    assert all_of(garden) == before
    assert "undone" in words(keeping.get(SET_ASIDE))
    assert "readings brought back" in words(keeping.get(f"{SET_ASIDE}{mark.pk}/history/"))
    assert "It is not active any more" in words(post(f"{SET_ASIDE}{mark.pk}/change/", _undo="1"))


def test_a_sensor_is_written_by_two_points(garden, keeping, post):
    about = {"what": f"{garden.pk}:2", "model": "SHT31", "serial": "12", "first": "2026-01-15", "note": "salt"}
    points = {"shown_1": 11, "true_1": 10, "shown_2": 31, "true_2": 32}
    page = words(post(f"{SENSORS}add/", **about, **points, factor=1, offset=0))
    assert "value * 1.1 - 2.1" in page
    assert_all_follows(garden)
    (row,) = Sensor.objects.all()
    assert "value * 1.1 - 2.1active" in words(keeping.get(SENSORS))
    post(f"{SENSORS}{row.pk}/change/", _finish="1")
    row.refresh_from_db()
    assert row.end is not None
    assert_all_follows(garden)


@pytest.mark.parametrize(
    ("address", "form", "sentence"),
    [
        (SET_ASIDE, {"first": "yesterday"}, "a date and time expected, like"),
        (SET_ASIDE, {"first": "2026-01-17", "last": "2026-01-15"}, "The end has to be after the start."),
        (SET_ASIDE, {"first": ""}, "Say from when on."),
        (SET_ASIDE, {"what": "4711"}, "Select a valid choice."),
        (SENSORS, {"model": "X", "factor": 0, "offset": 0}, "The factor has to be a number other than 0"),
        (SENSORS, {"model": "X", "factor": 1, "offset": 0, "shown_1": 1}, "A point has two values"),
    ],
)
def test_wrong_input_gets_a_sentence_in_the_form(garden, post, address, form, sentence):
    what = f"{garden.pk}:1"
    page = words(post(f"{address}add/", **{"what": what, "first": "2026-01-15", "reason": "spike"} | form))
    assert sentence in page
    assert not SetAside.objects.exists()
    assert not Sensor.objects.exists()


def test_a_proposal_is_accepted_or_refused(garden, post):
    span = Span(to_millis(NOON), to_millis(NOON) + 3_600_001)
    one, other = (set_aside(garden, 1, span, "spike", "freetemp", state=State.PROPOSED) for _ in range(2))
    assert "Accepted." in words(post(f"{SET_ASIDE}{one.pk}/change/", _accept="1"))
    assert "Refused." in words(post(f"{SET_ASIDE}{other.pk}/change/", _refuse="1"))
    assert list(SetAside.objects.order_by("pk").values_list("state", "decided_by")) == [
        ("active", "keeper"),
        ("refused", "keeper"),
    ]
    assert_all_follows(garden)


def test_maintenance_is_ended_by_a_button_and_stays_set_aside(garden, post):
    post(f"{SET_ASIDE}add/", what=garden.pk, reason="maintenance")
    mark = SetAside.objects.get()
    assert "It has ended now." in words(post(f"{SET_ASIDE}{mark.pk}/change/", _finish="1"))
    mark.refresh_from_db()
    assert (mark.state, mark.end is None) == ("active", False)
    garden.refresh_from_db()
    assert not garden.in_maintenance()


def test_how_far_the_summaries_are_is_in_the_list(garden, keeping):
    set_aside(garden, None, Span(0, to_millis(NOON) + 1), "import", "anna")
    set_aside(garden, 1, Span(0, 1), "spike", "freetemp", state=State.PROPOSED)
    Pending.objects.update(done=0.43)
    listed = words(keeping.get(SET_ASIDE))
    assert "active, summaries: 43 %" in listed
    assert "proposed, summaries" not in listed


def test_nobody_deletes_a_mark(garden, keeping, admin_client):
    mark = set_aside(garden, None, Span(0, to_millis(NOON)), "import", "anna")
    for client in (keeping, admin_client):
        assert client.post(f"{SET_ASIDE}{mark.pk}/delete/", {"post": "yes"}).status_code == 403


def test_keepers_of_an_older_server_get_the_new_permissions_once(db):
    keepers, new = Group.objects.get(name="Station keepers"), ["add_setaside", "change_sensor"]
    assert set(new) <= set(keepers.permissions.values_list("codename", flat=True))
    Permission.objects.filter(codename="change_sensor").delete()  # as before an update
    keepers.permissions.remove(Permission.objects.get(codename="add_setaside"))  # by an administrator
    call_command("migrate", verbosity=0)
    kept = set(keepers.permissions.values_list("codename", flat=True))
    assert ("change_sensor" in kept, "add_setaside" in kept) == (True, False)


def test_the_list_takes_as_many_queries_for_many_as_for_one(garden, keeping, django_assert_max_num_queries):
    for n in range(30):
        set_aside(garden, 1 + n % 2, Span(n, n + 1), "spike", "anna", state=State.PROPOSED)
    with django_assert_max_num_queries(11):
        assert keeping.get(SET_ASIDE).status_code == 200
