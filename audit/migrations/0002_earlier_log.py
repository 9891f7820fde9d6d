"""Takes over what Django's admin wrote before there were events: each row of its log becomes an event."""

import json
from typing import Any

from django.conf import settings
from django.db import migrations

A_PIECE = 500
DEEDS = {1: "added", 2: "changed", 3: "deleted"}  # LogEntry's flags
STATION = ("stations", "station")


def take_over(apps: Any, schema_editor: Any) -> None:
    event, log = apps.get_model("audit", "Event"), apps.get_model("admin", "LogEntry")
    rows = log.objects.using(schema_editor.connection.alias).order_by("action_time", "pk")
    events = [event_of(event, row) for row in rows.select_related("user", "content_type")]
    event.objects.using(schema_editor.connection.alias).bulk_create(events, batch_size=A_PIECE)


def event_of(event: Any, row: Any) -> Any:
    label, model = (row.content_type.app_label, row.content_type.model) if row.content_type else ("", "")
    number = row.object_id or ""
    of_station = (label, model) == STATION and number.isdecimal()
    return event(
        at=row.action_time,
        deed=f"{model or 'row'} {DEEDS.get(row.action_flag, 'changed')}"[:80],
        station=int(number) if of_station else None,
        station_name=row.object_repr[:150] if of_station else "",
        what=row.object_repr[:300],
        details=said(row.change_message),
        person=row.user.username[:150],
        by="admin",
        of=f"{label}.{model}"[:100] if label else "",
        of_number=number[:64],
    )


def said(message: str) -> str:
    """Return a message of Django's log as text: a sentence, or lists of what was changed."""
    try:
        parts = json.loads(message) if message.startswith("[") else message
    except ValueError:
        return message
    return parts if isinstance(parts, str) else "\n".join(filter(None, map(part_said, parts)))


def part_said(part: Any) -> str:
    if not isinstance(part, dict) or len(part) != 1:
        return str(part)
    ((what, about),) = part.items()
    about = about if isinstance(about, dict) else {}
    named = " ".join(str(about[name]) for name in ("name", "object") if about.get(name))
    fields = ", ".join(map(str, about.get("fields", [])))
    return " ".join(filter(None, [what, named, fields])) if about else ""


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [migrations.RunPython(take_over, migrations.RunPython.noop)]
