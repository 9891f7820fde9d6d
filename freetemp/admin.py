"""Users and groups for staff. Plain lists choose permissions, so that a screen reader can read them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db import models
from django.http import HttpRequest

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class PersonAdmin(UserAdmin[User]):
    readonly_fields = ["last_login", "date_joined"]
    # Django's pairs of lists have labels that no screen reader recognises, and need a wide screen.
    filter_horizontal = ()

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Leave it to superusers to make another. accounts.people has the rest of what staff may not give."""
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else [*fields, "is_superuser"]

    def formfield_for_manytomany(self, db_field: Any, *args: Any, **kwargs: Any) -> Any:
        """Offer the few groups as checkboxes; individual permissions are the exception."""
        if db_field.name == "groups":
            kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, *args, **kwargs)


@admin.register(Group)
class PlainGroupAdmin(GroupAdmin):
    filter_horizontal = ()
    formfield_overrides = {models.ManyToManyField: {"widget": forms.SelectMultiple(attrs={"size": 20})}}
