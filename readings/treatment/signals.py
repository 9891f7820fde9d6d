"""New fields of a station whose readings are all set aside."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from readings.treatment.effects import treated_of
from stations.models import Field


@receiver(post_save, sender=Field)
def mark_new_field(instance: Field, created: bool, raw: bool, **kwargs: Any) -> None:
    if created and not raw and treated_of(instance.station_id, [instance.number]):
        Field.objects.filter(pk=instance.pk).update(is_treated=True)
