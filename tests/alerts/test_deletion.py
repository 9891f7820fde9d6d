"""A station that is deleted takes what was told of it along, and nobody's address."""

import pytest
from django.core.management import call_command

from alerts.models import Incident, Mute, Notice, Recipient, Rhythm, Rule
from tests.alerts.conftest import MINUTE, NOON


@pytest.mark.django_db
def test_a_station_with_alerts_can_be_deleted(world, roof, anna):
    field = roof.fields.get()
    field.newest_value, field.newest_at = -5.0, NOON
    field.save()
    anna.every_station = False
    anna.save()
    anna.stations.add(roof)
    Mute.objects.create(recipient=anna, station=roof, until=NOON)
    Rhythm.objects.note({roof.pk: 600}, NOON)
    Rule.objects.create(kind="below", field=field, limit=0, minutes=0)
    Rule.objects.create(kind="silent", station=roof)
    world.off.add("Roof")
    world.pass_by(13 * MINUTE)
    assert Incident.objects.count() == 2
    call_command("delete_station", "Roof", "--yes")
    assert not Incident.objects.exists()
    assert not Rule.objects.exclude(station=None, field=None).exists()
    assert not Recipient.objects.get().every_station
    assert Notice.objects.exists()
