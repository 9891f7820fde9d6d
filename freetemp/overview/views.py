"""The admin's page with everything that needs attention."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from freetemp.overview.report import Overview


@method_decorator(never_cache, name="dispatch")
class OverviewView(PermissionRequiredMixin, TemplateView):
    """Everything that needs attention now, most urgent first, for users who may see stations."""

    template_name = "admin/overview.html"
    permission_required = "stations.view_station"
    raise_exception = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | admin.site.each_context(self.request)
        return context | {"title": "Overview", "overview": Overview.of(self.request.user)}
