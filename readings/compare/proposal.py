"""What two sensors beside each other say of each other, written into the ledger as a proposal by one click."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from freetemp.fields import to_millis
from readings.calendar.periods import Period
from readings.calendar.span import EVER, Span
from readings.compare.chosen import Pair, chosen
from readings.compare.forms import ComparedPeriodForm
from readings.history.fit import Fit, comparison_fit
from readings.models import Sensor
from readings.models.set_aside import State
from readings.proposals.evidence import names_for
from readings.treatment import add_sensor
from stations.access import Viewer, access_of
from stations.models import Station
from stations.units import METRIC

NAMELESS = "unknown"
MINUTE = timedelta(minutes=1)


def may_propose(user: Viewer, station: Station | None = None) -> bool:
    """Tell whether somebody may write into the ledger of a station, or of any, and look at what is there."""
    names = ("readings.add_sensor", "readings.change_sensor")
    return all(access_of(user).may(name, station) for name in names)


def propose(pair: Pair, fit: Fit, period: Period, by: str) -> Sensor:
    """Propose a correction of a pair's line that makes it say what the other one says, from the period's start on.

    It counts for nothing until somebody accepts it. The fit is about values as they are shown: what the ledger corrects
    already stays in the new correction.
    """
    own = pair.line.field
    hung = Sensor.objects.active().filter(station=own.station, field=own.number, start__lt=period.end)
    last = hung.order_by("-start").first()
    before = last if last and (last.end is None or last.end > period.start) else None
    start = max(period.start, before.start + MINUTE) if before else period.start
    return add_sensor(
        own.station,
        own.number,
        Span(to_millis(start), EVER.end_ms),
        before.model if before else NAMELESS,
        by,
        serial=before.serial if before else "",
        note=_note(pair, fit, period),
        factor=fit.factor * (before.factor if before else 1.0),
        offset=fit.factor * (before.offset if before else 0.0) + fit.offset,
        state=State.PROPOSED,
    )


def _note(pair: Pair, fit: Fit, period: Period) -> str:
    first, last = (f"{at.astimezone(period.zone):%Y-%m-%d %H:%M}" for at in (period.start, period.end))
    may_be_named = pair.less.field.pk in names_for(pair.line.field, [pair.less.field])
    whom = pair.less.label if may_be_named else "a station of others"
    return f"Compared with {whom}, {first} to {last}, {fit.quarters} quarters of an hour."


class ProposeView(View):
    """Takes `field` twice, the reference first, and a period as the page has it, and leads to the proposal."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        if not may_propose(request.user):
            raise PermissionDenied
        found = chosen(request.POST.getlist("field"), request.user, METRIC)
        if len(found.pairs) != 1:
            raise Http404
        (pair,) = found.pairs
        if not may_propose(request.user, pair.line.station):
            raise PermissionDenied
        form = ComparedPeriodForm(request.POST, found)
        period = form.get_navigation(timezone.now()).period
        fit = comparison_fit(pair.line.field, pair.less.field, period.start, period.end)
        if form.errors or fit is None:
            raise Http404
        sensor = propose(pair, fit, period, request.user.get_username())
        return redirect(reverse("admin:readings_sensor_change", args=[sensor.pk]))
