"""Rows of fields in the admin's forms that a screen reader can tell apart."""

from __future__ import annotations

from typing import Any, TypeVar

from django import forms
from django.db import models
from django.forms.utils import pretty_name

ChildT = TypeVar("ChildT", bound=models.Model)
ParentT = TypeVar("ParentT", bound=models.Model)
FormT = TypeVar("FormT", bound=forms.ModelForm[Any])


class LabelledFormSet(forms.BaseInlineFormSet[ChildT, ParentT, FormT]):
    """Gives each input of a row its own label. Django's tabular inlines have only the headings of columns."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        row = "new row" if form.instance._state.adding else str(form.instance)
        for name, field in form.fields.items():
            # A widget with a link to add another object wraps the visible widget.
            widget = getattr(field.widget, "widget", field.widget)
            widget.attrs["aria-label"] = f"{field.label or pretty_name(name)}, {row}"
