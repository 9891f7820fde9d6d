"""What Django's admin had written before there were events is taken over."""

import json
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from audit.models import Event
from stations.models import Station

pytestmark = pytest.mark.django_db


def test_each_row_of_the_log_becomes_an_event(station):
    messages = [
        [{"added": {}}],
        [{"changed": {"fields": ["Name", "Place"]}}, {"added": {"name": "field", "object": "2 wind [m/s]"}}],
    ]
    otto = User.objects.create_user("otto")
    about = {"user": otto, "content_type": ContentType.objects.get_for_model(Station), "object_repr": "Garden"}
    for flag, message in zip((1, 2, 2), [*map(json.dumps, messages), "Issued a key that ends in abcd."], strict=True):
        LogEntry.objects.create(**about, object_id=station.pk, action_flag=flag, change_message=message)
    LogEntry.objects.create(user=otto, content_type=None, object_id=None, object_repr="x" * 200, action_flag=3)
    last = Event.objects.first().pk
    import_module("audit.migrations.0002_earlier_log").take_over(apps, SimpleNamespace(connection=connection))
    added, changed, issued, other = Event.objects.filter(pk__gt=last).order_by("pk")
    assert {(event.person, event.by) for event in (added, changed, issued, other)} == {("otto", "admin")}
    deeds = [event.deed for event in (added, changed, issued, other)]
    assert deeds == ["station added", "station changed", "station changed", "row deleted"]
    assert (added.station, added.station_name, added.details) == (station.pk, "Garden", "")
    assert changed.details.splitlines() == ["changed Name, Place", "added field 2 wind [m/s]"]
    assert issued.details == "Issued a key that ends in abcd."
    assert list(Event.objects.of_object(station).filter(pk__gt=last)) == [issued, changed, added]
