"""Users and groups for staff, who give and change only what they hold themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.http import HttpRequest

from accounts.confirmation import confirmation, confirmed_before, once_confirmed
from accounts.people.rights import groups_given_by, held_by, may_change, may_change_group
from audit.audited import AuditedByItself
from freetemp.admin import PersonAdmin, PlainGroupAdmin

ONLY_HELD = "Those that you have yourself: nobody gives what they do not hold."

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = object


class GivesOnlyHeld(Base):
    """Offers the groups and permissions that somebody may give, and leaves alone who has others.

    Whoever changes something has shown again who they are.
    """

    @once_confirmed
    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Have the form know its address: with a mistake in it, the answer to the confirmation shows it once more."""
        return super().changeform_view(request, object_id, form_url or request.get_full_path(), extra_context)

    @once_confirmed
    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        return super().delete_view(request, object_id, extra_context)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Ask before an action. It has to be chosen again then: some lead to a page of their own."""
        return confirmation(request) or super().changelist_view(request, extra_context)

    def is_for(self, request: HttpRequest, row: Any) -> bool:
        raise NotImplementedError

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or self.is_for(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or self.is_for(request, obj))

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if not request.user.is_superuser:
            given: dict[Any, Any] = {Group: groups_given_by, Permission: held_by}
            kwargs |= {"queryset": given[db_field.related_model](request.user), "help_text": ONLY_HELD}
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class LookedAfterAdmin(AuditedByItself, GivesOnlyHeld, PersonAdmin):
    """People. audit.people writes down what is done to them."""

    add_view = confirmed_before(PersonAdmin.add_view)
    user_change_password = confirmed_before(PersonAdmin.user_change_password)

    def is_for(self, request: HttpRequest, row: User) -> bool:
        return may_change(request.user, row)


admin.site.unregister(Group)


@admin.register(Group)
class GivenGroupAdmin(AuditedByItself, GivesOnlyHeld, PlainGroupAdmin):  # type: ignore[misc]  # Django's own name it
    def is_for(self, request: HttpRequest, row: Group) -> bool:
        return may_change_group(request.user, row)
