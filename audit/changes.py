"""What a form of the admin has changed, as details of the deed: before → after, without what nobody may read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from audit.wording import Change

CHANGED, GIVEN = "changed", "given"  # what is told of a value that is not told
# Long texts, addresses of people and files may hold anything. Secrets are long texts too, or of no model at all.
NOT_TOLD = (models.TextField, models.EmailField, models.FileField, models.BinaryField)
NAMES_NOT_TOLD = {"password"}

Detail = tuple[str, object]


def form_details(form: Any, formsets: Iterable[Any], *, is_new: bool) -> dict[str, object]:
    """Return what a form and the rows below it have changed, by the names of what was changed."""
    details: dict[str, object] = {}
    for name, value in [*_of_form(form, is_new=is_new), *(each for rows in formsets for each in _of_rows(rows))]:
        details[_free(name, details)] = value
    return details


def told_of(model: type[models.Model], name: str) -> bool:
    """Tell whether the values of a model's field may be told."""
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return not isinstance(field, NOT_TOLD) and name not in NAMES_NOT_TOLD


def _of_form(form: Any, *, is_new: bool, about: str = "") -> Iterator[Detail]:
    for name in form.changed_data:
        if name not in form.fields:  # Django's form of a new password calls its two inputs one.
            yield name, CHANGED
            continue
        label = f"{about}{_label(form, name)}"
        if not told_of(form._meta.model, name):
            yield label, GIVEN if is_new else CHANGED
            continue
        after = _shown(form, name, form.cleaned_data.get(name))
        yield label, after if is_new else Change(_shown(form, name, form.initial.get(name)), after)


def _of_rows(formset: Any) -> Iterator[Detail]:
    kind = str(formset.model._meta.verbose_name)
    for row in formset.new_objects:
        yield f"{kind} {row}", "added"
    for row in formset.deleted_objects:
        yield f"{kind} {row}", "removed"
    changed = [row for row, _ in formset.changed_objects]
    for form in formset.initial_forms:
        if form.instance in changed:
            yield from _of_form(form, is_new=False, about=f"{kind} {form.instance}, ")


def _label(form: Any, name: str) -> str:
    label = str(form.fields[name].label or name.replace("_", " "))
    return label if label[1:2].isupper() else f"{label[:1].lower()}{label[1:]}"


def _shown(form: Any, name: str, value: Any) -> object:
    """Return a value as people know it: the text of a choice, and the name of a row."""
    field = form.fields[name]
    if isinstance(value, models.QuerySet | list | tuple | set):
        return sorted(str(each) for each in value)
    queryset = getattr(field, "queryset", None)
    if queryset is not None and value is not None and not isinstance(value, models.Model):
        return queryset.model._base_manager.filter(pk=value).first() or value
    choices = getattr(field, "choices", None) if queryset is None else None
    return dict(_flat(choices)).get(str(value), value) if choices else value


def _flat(choices: Iterable[Any]) -> Iterator[tuple[str, object]]:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        elif value not in ("", None):
            yield str(value), str(label)


def _free(name: str, taken: Mapping[str, object]) -> str:
    number = 2
    free = name
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free
