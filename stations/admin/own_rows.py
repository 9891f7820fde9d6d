"""Rows of the admin that belong to stations: people with roles in groups see and change those of their groups only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from stations.access import access_of
from stations.models import Field, Station
from stations.models.station_queryset import StationQuerySet

if TYPE_CHECKING:
    Base = admin.options.BaseModelAdmin[Any]
else:
    Base = object


class OwnPermissions(Base):
    """Asks for permissions with the row, unless somebody is staff: these have Django's permissions for all rows."""

    def permission(self, deed: str) -> str:
        return f"{self.opts.app_label}.{get_permission_codename(deed, self.opts)}"

    def is_own(self, request: HttpRequest, deed: str, row: Any) -> bool:
        access = access_of(request.user)
        return row is None or access.is_staff or access.may(self.permission(deed), row)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and self.is_own(request, "view", obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self.is_own(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self.is_own(request, "delete", obj)


class OwnRows(OwnPermissions, admin.ModelAdmin[Any]):
    """Narrows a ModelAdmin to the rows of one's own stations. Staff have all rows, as Django's permissions say.

    A class with it needs nothing else: lists, actions, forms, history and autocompletion all take get_queryset() or ask
    for permissions with the row. `to_station` is the way from a row to its station.
    """

    to_station: ClassVar[str] = "station"

    def own_stations(self, request: HttpRequest, deed: str = "view") -> StationQuerySet:
        """Return the stations whose rows somebody may see, or do something else with."""
        return Station.objects.kept_by(request.user, self.permission(deed))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows if access_of(request.user).is_staff else self.own_of(request, rows)

    def own_of(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(**{f"{self.to_station}__in": self.own_stations(request).order_by()})

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer one's own stations and their fields, and take no others: a form may be sent by a program."""
        if (own := self._choices(db_field.remote_field.model, request)) is not None:
            kwargs.setdefault("queryset", own)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def _choices(self, model: type[Model], request: HttpRequest) -> QuerySet[Any] | None:
        if access_of(request.user).is_staff or model not in (Station, Field):
            return None
        stations = self.own_stations(request, "add")
        return stations if model is Station else Field.objects.filter(station__in=stations.order_by())


class OwnStationsFilter(admin.RelatedFieldListFilter):
    """Stations beside a list: one's own. Django would name all of them."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        if access_of(request.user).is_staff:
            return super().field_choices(field, request, model_admin)
        stations: Iterable[Station] = model_admin.own_stations(request)
        return [(str(station.pk), str(station)) for station in stations]
