"""Proposals for staff: named in the overview, and accepted or refused by one click each or several at once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission

from freetemp.fields import to_millis
from readings import ingest
from readings.calendar.span import Span
from readings.ingest.reports import Measurement
from readings.models import Day, SetAside
from readings.treatment import State, refuse, set_aside
from stations.models import Station
from tests.nothing_lost.walk import words

pytestmark = pytest.mark.django_db

LIST = "/admin/readings/setaside/"
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.fixture
def spikes(station):
    """Return three proposals of one day, each of one reading of 99."""
    moments = [NOON + timedelta(minutes=n) for n in range(60)]
    values = [99.0 if n in {10, 20, 30} else 20 + n % 2 / 10 for n in range(60)]
    ingest.store(station, [Measurement(1, to_millis(at), value) for at, value in zip(moments, values, strict=True)])
    spans = [Span(to_millis(moments[n]), to_millis(moments[n]) + 1) for n in (10, 20, 30)]
    return [set_aside(station, 1, span, "spike", "freetemp", note="A step.", state=State.PROPOSED) for span in spans]


@pytest.fixture
def post(keeping, django_capture_on_commit_callbacks):
    def post(**form):
        with django_capture_on_commit_callbacks(execute=True):
            return words(keeping.post(f"{LIST}?state__exact=proposed", form, follow=True))

    return post


def states():
    return list(SetAside.objects.order_by("start").values_list("state", flat=True))


def test_the_overview_names_each_station_once_with_its_proposals(spikes, keeping):
    other = Station.objects.create(name="Pond")
    set_aside(other, 1, Span(0, 1), "wet", "freetemp", state=State.PROPOSED)
    page = keeping.get("/admin/overview/")
    assert "Garden 3 proposals: spike (3) Pond 1 proposal: wet sensor" in words(page)
    address = f"{LIST}?state__exact=proposed&amp;station__id__exact={spikes[0].station_id}"
    assert address in page.content.decode()
    listed = words(keeping.get(address.replace("&amp;", "&")))
    assert listed.count("A step.") == 3
    for each in spikes:
        refuse(each, "ann")
    assert "Garden 3 proposals" not in words(keeping.get("/admin/overview/"))


def test_one_click_accepts_and_one_refuses(spikes, post):
    page = post(_accept=spikes[0].pk)
    assert "Spike: field 1 of Garden from 2026-01-15 13:10: accepted." in page
    assert "refused." in post(_refuse=spikes[1].pk)
    assert states() == ["active", "refused", "proposed"]
    assert SetAside.objects.get(pk=spikes[0].pk).decided_by == "keeper"
    assert Day.objects.get().count == 59, "the summaries have followed"


def test_several_are_decided_at_once(spikes, post):
    chosen = [spikes[0].pk, spikes[2].pk]
    assert "2 proposals: accepted." in post(action="accept_proposals", _selected_action=chosen)
    assert states() == ["active", "proposed", "active"]
    assert Day.objects.get().count == 58
    assert "refused." in post(action="refuse_proposals", _selected_action=[spikes[1].pk])
    assert states() == ["active", "refused", "active"]


def test_a_decision_of_somebody_else_stands(spikes, post):
    refuse(spikes[0], "ann")
    assert "It is not proposed any more: it is refused." in post(_accept=spikes[0].pk)
    assert states()[0] == "refused"
    assert "accepted." not in post(_accept="x")
    assert "accepted." not in post(_accept="9" * 5000)


def test_whoever_may_only_look_has_no_buttons(spikes, client, django_user_model):
    viewer = django_user_model.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_setaside"))
    client.force_login(viewer)
    page = client.get(f"{LIST}?state__exact=proposed")
    assert "A step." in words(page)
    assert b'name="_accept"' not in page.content
    client.post(LIST, {"_accept": spikes[0].pk})
    assert states() == ["proposed"] * 3
