"""An admin page about one station, beside its form."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from stations.models import Station

if TYPE_CHECKING:
    from stations.admin.stations import StationAdmin


@method_decorator(never_cache, name="dispatch")
class StationToolView(View):
    """Sets `self.station` for users with the permissions `to_look`. No answer is cached: some show a secret, once."""

    model_admin: StationAdmin = None  # type: ignore[assignment]  # as_view(model_admin=...) sets it
    http_method_names = ["get", "post"]
    to_look: Collection[str] = ()
    station: Station = None  # type: ignore[assignment]  # dispatch() sets it

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.require(*self.to_look)
        stations = Station.objects.all()
        for permission in self.to_look:
            stations = stations.kept_by(request.user, permission)
        self.station = get_object_or_404(stations, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]

    def require(self, *permissions: str) -> None:
        """Refuse users without permissions for the station or, before it is looked up, for any."""
        if not self.request.user.has_perms(permissions, self.station):
            raise PermissionDenied

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page(request)

    def page(self, request: HttpRequest) -> HttpResponse:
        raise NotImplementedError
