"""Updates of rollups after staff change a station or a field.

QuerySet.update() sends no signals: after it changes a time zone or limits, run rebuild_rollups.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import models
from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver

from readings.rollups.locks import locked_fields
from readings.rollups.rebuild import rebuild
from stations.models import Field, Station
from stations.quantities import WIND_DIRECTION, WIND_SPEED

DAYS_FOLLOW = ("timezone",)
QUARTERS_FOLLOW = ("smallest", "largest", "quantity", "rolls_over_at")


@receiver(pre_save, sender=Station)
def notice_time_zone(instance: Station, raw: bool, update_fields: Collection[str] | None, **kwargs: Any) -> None:
    _notice(instance, instance.pk, DAYS_FOLLOW, raw, update_fields)


@receiver(pre_save, sender=Field)
def notice_limits(instance: Field, raw: bool, update_fields: Collection[str] | None, **kwargs: Any) -> None:
    _notice(instance, instance.station_id, QUARTERS_FOLLOW, raw, update_fields)


@receiver(post_save, sender=Station)
def rebuild_days(instance: Station, **kwargs: Any) -> None:
    """Rebuild the days. It costs some 50 ms for each field and year, in the request that changes the time zone."""
    if instance.__dict__.pop("_rollups_follow", False):
        instance.take_zone_rules()
        rebuild(instance, only_days=True)


@receiver(post_save, sender=Field)
def rebuild_field(instance: Field, **kwargs: Any) -> None:
    """Leave out readings that are not plausible now, and include those that are.

    It reads every raw reading of the field: about a second for each year with one a minute, in the request that changes
    the limits. SQLite has one writer, so boards wait for it; after 4 seconds they are told to come again.
    """
    before = instance.__dict__.pop("_rollups_follow", None)
    if not before:
        return
    rebuild(instance.station, [instance.number])
    if before["quantity"] == WIND_SPEED != instance.quantity:
        # The days of directions follow another speed now, or none.
        directions = instance.station.fields.filter(quantity=WIND_DIRECTION).values_list("number", flat=True)
        rebuild(instance.station, list(directions), only_days=True)


def _notice(
    instance: models.Model, station: int, names: Collection[str], raw: bool, update_fields: Collection[str] | None
) -> None:
    """Mark an instance if one of these columns differs from the stored one: its rollups follow when it is saved.

    The mark is what was stored, by the columns' names.
    """
    if raw or instance._state.adding or (update_fields is not None and not {*names} & {*update_fields}):
        return
    stored = type(instance)._default_manager.filter(pk=instance.pk).values_list(*names).first()
    if stored is not None and stored != tuple(getattr(instance, name) for name in names):
        # Before the row itself is locked: storing readings takes these locks in this order.
        locked_fields({station})
        instance.__dict__["_rollups_follow"] = dict(zip(names, stored, strict=True))
