"""The troubles that are told, for staff, with what each limit would have told in the past year."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from alerts.models import Kind, Rule
from alerts.models.kinds import FROM_THE_START
from alerts.preview import spells
from freetemp.ages import length
from freetemp.fields import MILLISECOND, from_millis
from readings.calendar.span import Span
from stations.admin.columns import thousands
from stations.models import Field

MOST_SHOWN = 20


@admin.register(Rule)
class RuleAdmin(admin.ModelAdmin[Rule]):
    list_display = ["__str__", "after", "active"]
    list_filter = ["kind", "active"]
    fields = ["kind", "station", "field", "limit", "hours", "hysteresis", "minutes", "active", "past_year"]
    readonly_fields = ["past_year"]
    autocomplete_fields = ["station"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rule]:
        return super().get_queryset(request).select_related("station", "field__station")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Name each field with its station, and offer only those that can be compared with a limit."""
        form_field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "field" and form_field:
            fields = Field.objects.select_related("station").order_by("station__name", "number")
            form_field.choices = [
                ("", "---------"),
                *(
                    (field.pk, f"{field.station}: {field.name}")
                    for field in fields
                    if field.kind.is_averaged or field.kind.is_sum
                ),
            ]
        return form_field

    def has_delete_permission(self, request: HttpRequest, obj: Rule | None = None) -> bool:
        """Let a rule that is there from the start be switched off, but not deleted: `migrate` would make it again."""
        is_for_all = obj is not None and obj.kind in FROM_THE_START and obj.station_id is None
        return not is_for_all and super().has_delete_permission(request, obj)

    @admin.display(description="told after")
    def after(self, rule: Rule) -> str:
        if rule.minutes is None and rule.kind == Kind.SILENT:
            return "what is unusual for the station"
        return length(rule.lasting) if rule.lasting else "at once"

    @admin.display(description="in the past year")
    def past_year(self, rule: Rule) -> SafeString | str:
        """Say how often a limit would have been told, with the days. The rule does not speak while it is off."""
        if rule._state.adding or rule.field is None:
            return (
                "Of a limit that was saved, this says how often it would have been told. It can be saved switched off."
            )
        found = spells(rule, timezone.now())
        days = format_html_join("", '<br><a href="{}">{}</a>, for {}', _days(rule, found[-MOST_SHOWN:]))
        times = "once" if len(found) == 1 else f"{thousands(len(found))} times"
        more = f"The last {MOST_SHOWN}:" if len(found) > MOST_SHOWN else ""
        return format_html("It would have been told {}. {}{}", times if found else "never", more, days)


def _days(rule: Rule, found: Sequence[Span]) -> Iterator[tuple[str, str, str]]:
    """Yield the address of each spell's day, when it began there, and how long it was. The last one comes first."""
    station = rule.measured.station
    for spell in reversed(found):
        start = from_millis(spell.start_ms).astimezone(station.zone)
        query = urlencode({"period": "day", "date": f"{start:%Y-%m-%d}"})
        moment = f"{start.day} {start:%B %Y, %H:%M}"
        yield f"{station.get_absolute_url()}?{query}", moment, length((spell.end_ms - spell.start_ms) * MILLISECOND)
