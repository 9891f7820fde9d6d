"""Functions whose code writes rows, found in their source, and those of them that do no deed of a person."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

WRITES = {"save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
WRITES |= {"_raw_delete", "set_active"}
RECORDS = {"record", "record_each", "record_rows", "write_down"}
RECORDS |= {"_decide", "take_mac", "register", "set_active", "send", "end_of", "by_the_program", "deed"}
# Programs that are no people's: boards, their simulator, migrations, and what only draws or parses.
LEFT_OUT = ("migrations", "device", "hardware", "charts")


def writers(folder: Path, *, with_events: bool = False) -> Iterator[str]:
    """Yield the functions that write rows and call nothing that records, as file and name."""
    for path in sorted(folder.rglob("*.py")):
        if set(path.relative_to(folder).parts) & set(LEFT_OUT):
            continue
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef):
                called = list(_called(function))
                if any(map(_is_write, called)) and (with_events or not {_name(each) for each in called} & RECORDS):
                    yield f"{path.relative_to(folder.parent).as_posix()}::{function.name}"


def _called(function: ast.FunctionDef) -> Iterator[ast.Call]:
    return (node for node in ast.walk(function) if isinstance(node, ast.Call))


def _name(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def _is_write(call: ast.Call) -> bool:
    """Tell whether a call may write rows. A dict's update(), a bar's and the like have one plain argument."""
    if not isinstance(call.func, ast.Attribute) or _name(call) not in WRITES:
        return False
    if _name(call) == "update":
        return bool(call.keywords)
    return True


_NO_DEEDS = {
    "a login, and what Django keeps of it": """
        accounts/models/person.py::remember_language accounts/factors/forms.py::save
        freetemp/logins/sessions.py::save freetemp/logins/sessions.py::delete freetemp/logins/sessions.py::_goes_on
        freetemp/models.py::note accounts/login/sessions.py::begin
    """,
    "the events themselves": """
        audit/deeds.py::record audit/deeds.py::record_each audit/deeds.py::record_rows audit/models.py::bulk_create
        audit/models.py::save
    """,
    "its caller writes the event, or the admin does that has called it": """
        accounts/factors/secrets.py::rotate accounts/login/sessions.py::end accounts/login/own.py::form_valid
        freetemp/management/commands/rotate_encryption_key.py::_rotate_row stations/admin/stations.py::save_model
        stations/models/field.py::save stations/models/field.py::delete stations/models/station.py::save
        stations/models/station.py::take_zone_rules readings/demo/__init__.py::load
        readings/demo/__init__.py::_add_wind_and_rain readings/ingest/corrections.py::_delete_rows
        readings/treatment/effects.py::changing readings/treatment/effects.py::mark_treated
        readings/treatment/effects.py::_mark_maintenance readings/treatment/ledger.py::make_room
        readings/treatment/ledger.py::reopen readings/treatment/signals.py::mark_new_field
        firmware/admin/images.py::delete_queryset
        firmware/admin/networks.py::save firmware/models/equipment.py::_add_field firmware/models/image.py::delete
        firmware/models/token.py::end stations/models/key.py::end firmware/models/token.py::issue
        accounts/oidc/people.py::_make accounts/oidc/people.py::_follow accounts/oidc/rights.py::_follow_staff
        accounts/oidc/rights.py::_follow_groups accounts/oidc/rights.py::_follow_role
        accounts/oidc/rights.py::_set_staff accounts/oidc/rights.py::_set_role accounts/models/sign_on.py::keep
        accounts/invitations/acceptance.py::_give accounts/invitations/views.py::_made
        accounts/models/invitation.py::take accounts/models/invitation.py::forget_addresses
        accounts/invitations/mail.py::send_invitation audit/audited.py::delete_queryset
        alerts/admin/recipients.py::save alerts/views.py::post uploads/admin.py::save
    """,
    "rows that a migration makes": """
        stations/apps.py::make_keepers_group alerts/apps.py::make_rules
    """,
    "what boards and devices report, and when a program came": """
        accounts/models/last_use.py::note_use
        stations/models/key.py::take_over readings/foreign/fields.py::_add readings/foreign/mqtt/devices.py::_keep
        readings/foreign/mqtt/devices.py::note readings/foreign/mqtt/devices.py::note_seen
        readings/foreign/mqtt/inbox.py::store readings/foreign/mqtt/listener.py::the_session
        readings/foreign/mqtt/listener.py::_note readings/models/refused_report.py::add
        readings/models/stored_ahead.py::keep firmware/models/token.py::log
    """,
    "what follows from readings, by itself": """
        stations/models/zone_rules.py::keep readings/management/commands/rebuild_rollups.py::handle
        readings/models/rollup.py::replace readings/rollups/first_quantities.py::give_quantities
        readings/rollups/pending.py::_follow readings/rollups/pending.py::tell
        readings/rollups/rebuild.py::renew_newest readings/proposals/proposals.py::_grown
        readings/proposals/rounds.py::propose readings/proposals/rounds.py::look
    """,
    "how far an import is, which begins and ends by deeds": """
        readings/imports/jobs.py::begin readings/imports/jobs.py::take readings/imports/jobs.py::_forget_old
        readings/imports/process.py::_update readings/imports/views.py::choose
    """,
    "the watch's and the senders' own work": """
        outages/explanation.py::weigh_due outages/history.py::_search outages/history.py::_write outages/live.py::look
        outages/live.py::_end outages/live.py::_begin outages/live.py::_look_at_pause
        outages/models/server_run.py::note outages/models/server_run.py::note_outdated
        alerts/sending/outbox.py::_leaves alerts/letters/desk.py::_next alerts/letters/desk.py::_finish
        alerts/letters/desk.py::put alerts/models/incident.py::end alerts/models/notice.py::put
        alerts/models/watch.py::take alerts/models/watch.py::leave alerts/models/watch.py::note
        alerts/rules/server.py::look alerts/sending/outbox.py::_begin alerts/sending/outbox.py::_end
        uploads/models.py::take uploads/models.py::ask uploads/models.py::_write
    """,
    "the content of an image, whose row is the deed": """
        firmware/models/image_file.py::put firmware/models/image_file.py::delete
    """,
    "no row at all": """
        freetemp/shared_counts.py::drop
        freetemp/prepared.py::renewed freetemp/staticfiles.py::_bundles
    """,
}
# By function, why it needs no event.
NO_DEEDS = {name: why for why, names in _NO_DEEDS.items() for name in names.split()}
