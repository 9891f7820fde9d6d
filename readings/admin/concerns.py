"""Readings that an operator should look at: those that are missing, and reports that were refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from freetemp.ages import length
from freetemp.clock import clock
from freetemp.fields import EPOCH, to_millis
from freetemp.overview.concerns import Concern, Item, Survey, Urgency, about
from readings.calendar.days import day_start_ms
from readings.calendar.span import QUARTER_MS, quarter_start_ms
from readings.models import Day, Quarter, RefusedReport, StoredAhead
from readings.models.refused_report import OWN_TRIES, Reason
from stations.admin.columns import thousands
from stations.models import Field, Station
from stations.models.status import AHEAD, Status

ENOUGH = 0.9  # of the expected readings: two missing hours a day are bad WiFi, more is worth a look
RECENT = timedelta(days=1)
OF_THE_SERVER = {Reason.CLOCK, Reason.DATABASE}


def gap_concerns(survey: Survey) -> Iterator[Concern | None]:
    """Yield the stations that are alive but lack many readings of the last day or week.

    Simulated stations are left out: they may replay hourly observations, and they have no WiFi to look after.
    """
    at = survey.at
    first = {
        station: field
        for station in survey.stations
        if not station.simulated
        and not station.in_maintenance(at)
        and station.status(at) == Status.ALIVE
        and (field := next(iter(station.fields.all()), None))
        and field.newest_at
    }
    shares = [(station, *each) for station, each in shares_of_expected(first, at).items()]
    yield about(
        [each for each in shares if each[1] < ENOUGH],
        lambda each: _lacking(*each),
        "gaps",
        Urgency.SOON,
        _("Stations with many readings missing"),
        _(
            "See on the charts when they are missing: at certain hours it is the WiFi, throughout it is the interval "
            "that the board was flashed with."
        ),
    )
    yield about(
        [each for each in shares if each[1] >= ENOUGH > each[2]],
        lambda each: _lacking(*each),
        "gaps-before",
        Urgency.NOTE,
        "Stations with many readings missing before the last day",
        "The last day is whole: if you mended it, there is nothing to do.",
    )


def _lacking(station: Station, day: float, week: float) -> Item:
    shares = {"day": round(100 * day), "week": round(100 * week)}
    detail = _("%(day)d%% of the last day's readings, %(week)d%% of the last week's") % shares
    return Item(str(station), detail, station.get_absolute_url())


def shares_of_expected(fields: Mapping[Station, Field], at: datetime) -> dict[Station, tuple[float, float]]:
    """Return the shares of the expected readings that are there, of the last day and of the last week, by station.

    The day is 24 hours, rounded to begin with a quarter. The week is seven of the station's own days, up to now.
    """
    day_ms, week_ms = (quarter_start_ms(to_millis(at - timedelta(days=days))) for days in (1, 6))
    starts = {field: day_start_ms(station.zone, week_ms) for station, field in fields.items()}
    of_day = Quarter.objects.counted_since(dict.fromkeys(fields.values(), day_ms))
    of_week = Day.objects.counted_since(starts)
    shares = {}
    for station, field in fields.items():
        in_day, first_ms = of_day.get(station.pk, (0, 0))
        in_week, _ = of_week.get(station.pk, (0, 0))
        begun_ms = first_ms + QUARTER_MS  # Readings began within this quarter: none are expected before.
        shares[station] = (
            _share(in_day, station, max(day_ms, begun_ms), at),
            _share(in_week, station, max(starts[field], begun_ms), at),
        )
    return shares


def _share(count: int, station: Station, since_ms: int, at: datetime) -> float:
    expected = (to_millis(at) - since_ms) / 1000 / station.interval_s
    return min((count + 1) / max(expected, 1), 1.0)  # One more: the reading that is under way.


def ahead_concerns(survey: Survey) -> Iterator[Concern | None]:
    """Yield the stations with readings that were dated ahead, noted ones and those that the next report will note."""
    if clock.is_behind(to_millis(survey.at)):
        return  # Every moment is ahead of it.
    rows = StoredAhead.objects.defer("by_field").select_related("station").order_by("station__name")
    noted = [each for each in rows if survey.has(each.pk)]
    known = {each.pk for each in noted}
    unnoted = [each for each in survey.stations if each.pk not in known and _latest(each) > survey.at + AHEAD]
    first = next((each.pk for each in [*noted, *unnoted]), "")  # A noted one's primary key is its station's.
    yield about(
        [*map(_noted, noted), *map(_to_be_noted, unnoted)],
        lambda item: item,
        "ahead",
        Urgency.SOON,
        _("Readings dated ahead"),
        _(
            "A clock was set back, so these were stored under moments that were still to come. If the clock was wrong "
            "before, and is right now: python manage.py remove_readings %(number)s --ahead takes them out, into a "
            "file that import_readings takes back. If it was right before: --ahead --keep takes them off this list."
        )
        % {"number": first},
    )


def _latest(station: Station) -> datetime:
    moments = [station.last_heard_at, *(field.newest_at for field in station.fields.all())]
    return max((moment for moment in moments if moment), default=EPOCH)


def _noted(noted: StoredAhead) -> Item:
    first, last = (moment.astimezone(noted.station.zone) for moment in (noted.first_at, noted.last_at))
    detail = ngettext(
        "%(count)s reading, from %(first)s to %(last)s, its own time",
        "%(count)s readings, from %(first)s to %(last)s, its own time",
        noted.count,
    ) % {"count": thousands(noted.count), "first": f"{first:%Y-%m-%d %H:%M}", "last": f"{last:%Y-%m-%d %H:%M}"}
    return Item(f"{noted.pk} {noted.station}", detail, noted.station.get_absolute_url())


def _to_be_noted(station: Station) -> Item:
    latest = _latest(station).astimezone(station.zone)
    detail = _("up to %(moment)s, its own time") % {"moment": f"{latest:%Y-%m-%d %H:%M}"}
    return Item(f"{station.pk} {station}", detail, station.get_absolute_url())


def refusal_concerns(survey: Survey) -> Iterator[Concern | None]:
    """Yield the refused reports of the last day by their reason, the server's own faults first.

    What is done is left out. Only a station's board that goes on being refused needs attention: a stranger is worth
    knowing, and so is a person who types an address by hand.
    """
    at = survey.at
    reports = RefusedReport.objects.with_station().filter(last_at__gte=at - RECENT).order_by("-count")
    open_ones = [report for report in reports if not _is_over(report, survey)]
    for reason in sorted(Reason, key=lambda reason: reason not in OF_THE_SERVER):
        of_reason = [report for report in open_ones if report.reason == reason]
        urgent = [report for report in of_reason if _needs_attention(report)]
        urgency = Urgency.NOW if reason in OF_THE_SERVER else Urgency.SOON
        yield _refused(reason, urgent, at, urgency)
        yield _refused(reason, [report for report in of_reason if report not in urgent], at, Urgency.NOTE)


def _is_over(report: RefusedReport, survey: Survey) -> bool:
    if report.reason == Reason.DATABASE:
        heard = [station.last_heard_at for station in survey.stations if station.last_heard_at]
        return any(report.last_at < heard_at <= survey.at + AHEAD for heard_at in heard)
    if report.reason == Reason.CLOCK:  # While it is wrong, every report is refused.
        return survey.at - report.last_at > OWN_TRIES
    return report.is_done(survey.at)


def _needs_attention(report: RefusedReport) -> bool:
    is_known = getattr(report, "station_id", None) is not None
    return report.reason in OF_THE_SERVER or (is_known and report.is_repeated)


def _refused(reason: Reason, reports: Sequence[RefusedReport], at: datetime, urgency: Urgency) -> Concern | None:
    return about(
        reports,
        lambda report: _item(report, at),
        f"refused-{reason}" + ("-once" if urgency == Urgency.NOTE else ""),
        urgency,
        _("Refused: %(reason)s") % {"reason": _(reason.label)},
        _(reason.advice),
        f"{reverse('admin:readings_refusedreport_changelist')}?reason__exact={reason}",
    )


def _item(report: RefusedReport, at: datetime) -> Item:
    who = getattr(report, "station_name", None) or report.mac or report.refused_part or _("unknown")
    counted = {"count": thousands(report.count), "length": length(at - report.first_at)}
    detail = _("from %(network)s, %(times)s, the last one %(length)s ago") % {
        "network": report.network or _("boards"),
        "times": _("once") if report.count == 1 else _("%(count)s times in %(length)s") % counted,
        "length": length(at - report.last_at),
    }
    return Item(who, detail, reverse("admin:readings_refusedreport_change", args=[report.pk]))
