"""Deeds about users and groups, whoever does them: the admin, a command, or a login by another site.

Django's own code saves them in many places, so these are noticed by signals. Each save is a transaction: the event is
written with it. A QuerySet's update() sends no signal: who uses it writes the event.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.db import models, transaction
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save

from audit.actor import is_recorded
from audit.changes import CHANGED, told_of
from audit.deeds import record
from audit.wording import Change

PERSONAL = {"first_name", "last_name"}  # Told as changed, without the names.
NEVER_DEEDS = {"last_login", "date_joined"}  # A login is none, and a user who is added has been added.
M2M_ACTIONS = {"post_add": "added", "post_remove": "taken away"}
Save = Callable[..., None]


def connect() -> None:
    for model in (User, Group):
        pre_save.connect(_remember, sender=model)
        post_save.connect(_saved, sender=model)
        post_delete.connect(_deleted, sender=model)
        model.save = _in_a_transaction(model.save)  # type: ignore[method-assign]
    of_users = {User.groups.through: "groups", User.user_permissions.through: "permissions"}
    for through in (*of_users, Group.permissions.through):
        m2m_changed.connect(_memberships_changed, sender=through)


def _in_a_transaction(save: Save) -> Save:
    """Return a save() whose signals are within its transaction: Django sends the last one after the commit."""

    @wraps(save)
    def saved(self: models.Model, *args: Any, **options: Any) -> None:
        if set(options.get("update_fields") or [""]) <= NEVER_DEEDS:
            return save(self, *args, **options)
        with transaction.atomic():
            return save(self, *args, **options)

    return saved


def _remember(instance: models.Model, raw: bool, update_fields: Collection[str] | None, **kwargs: Any) -> None:
    """Note what is stored, for _saved()."""
    if raw or not is_recorded() or instance._state.adding or (update_fields and {*update_fields} <= NEVER_DEEDS):
        return
    instance.__dict__["_audit_before"] = type(instance)._base_manager.filter(pk=instance.pk).values().first()


def _saved(instance: Any, created: bool, raw: bool, update_fields: Collection[str] | None, **kwargs: Any) -> None:
    before = instance.__dict__.pop("_audit_before", None)
    if raw or not is_recorded():
        return
    kind = _kind(instance)
    if created:
        rights = {name.removeprefix("is_"): True for name in ("is_staff", "is_superuser") if getattr(instance, name, 0)}
        record(f"{kind} added", of=instance, details=rights)
    elif before and (details := _changes(instance, before, update_fields)):
        is_password = details.keys() == {"password"}
        record("password changed" if is_password else f"{kind} changed", of=instance, details=details)


def _changes(instance: Any, before: dict[str, Any], update_fields: Collection[str] | None) -> dict[str, object]:
    """Return what a save has changed. A password that is only kept by newer means at a login is no change."""
    details: dict[str, object] = {}
    for name, old in before.items():
        new = getattr(instance, name)
        if old == new or name in NEVER_DEEDS or (update_fields is not None and name not in update_fields):
            continue
        if name == "password" and instance._password is None and update_fields == {"password"}:
            continue
        is_told = told_of(type(instance), name) and name not in PERSONAL
        details[name.removeprefix("is_").replace("_", " ")] = Change(old, new) if is_told else CHANGED
    return details


def _deleted(instance: models.Model, **kwargs: Any) -> None:
    if is_recorded():
        record(f"{_kind(instance)} deleted", of=instance)


def _memberships_changed(
    instance: Any, action: str, reverse: bool, model: Any, pk_set: Collection[int] | None, **kwargs: Any
) -> None:
    """Write down groups and permissions that were given or taken away. `reverse` is from the group's side."""
    if action == "pre_clear":
        related = _related(instance, model)
        if names := [_named(each) for each in related.all()]:
            _record_membership(instance, model, "taken away", names)
    elif pk_set and action in M2M_ACTIONS:
        names = [_named(each) for each in model._base_manager.filter(pk__in=pk_set)]
        _record_membership(instance, model, M2M_ACTIONS[action], names)


def _related(instance: Any, model: Any) -> Any:
    names = {Group: "groups", User: "user_set"}
    permissions = "permissions" if isinstance(instance, Group) else "user_permissions"
    return getattr(instance, names.get(model, permissions))


def _record_membership(instance: Any, model: Any, done: str, names: Collection[str]) -> None:
    if is_recorded():
        what = str(model._meta.verbose_name_plural)
        record(f"{_kind(instance)}: {what} {done}", of=instance, details={what: sorted(names)})


def _named(row: Any) -> str:
    return str(row.codename if isinstance(row, Permission) else row)


def _kind(instance: models.Model) -> str:
    return str(instance._meta.verbose_name)
