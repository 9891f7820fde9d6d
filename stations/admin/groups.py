"""Groups of stations for those who make them, and for the administrators of one, who look after its members."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html

from audit.audited import AuditedByItself
from stations.access import Role, access_of, forget
from stations.admin.labelled_rows import LabelledFormSet
from stations.admin.own_rows import OwnPermissions
from stations.admin.stations import StationAdmin, extends_stations, stay_on_its_page
from stations.models import Membership, Station, StationGroup

ABOUT_ROLES = (
    "A viewer sees the group's private stations and exact coordinates on the pages. A keeper also edits its stations "
    "here, issues keys, flashes boards, imports files and sets readings aside. An administrator also adds stations to "
    "the group, and decides about members. Staff see and keep all stations by their own permissions: a role adds "
    "nothing to these. Whoever has no account yet is invited by a link: save, then choose Invitations."
)


class MembershipForm(forms.ModelForm[Membership]):
    """A member by name: a list of all people would tell each group who else is here."""

    person = forms.CharField(max_length=150, label="User name", widget=forms.TextInput(attrs={"autocomplete": "off"}))
    roles: list[Role] = []  # Those that may be given.

    class Meta:
        model = Membership
        fields = ["role"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_new = self.instance._state.adding
        if not is_new:
            self.fields["person"].disabled = True
            self.initial["person"] = self.instance.user.get_username()
        if "role" in self.fields:
            kept = [] if is_new else [Role(self.instance.role)]
            choices: Any = self.fields["role"]
            choices.choices = [(role.value, role.label) for role in Role if role in {*self.roles, *kept}]

    def clean_person(self) -> str:
        name: str = self.cleaned_data["person"].strip()
        if self.instance._state.adding:
            people = get_user_model().objects.filter(is_active=True)
            user = people.filter(username=name).first()
            if user is None:
                raise forms.ValidationError(f"Nobody here has the user name “{name}”.")
            if Membership.objects.filter(group=self.instance.group_id, user=user).exists():
                raise forms.ValidationError(f"{name} is a member already: change the role there.")
            self.instance.user = user
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        new = cleaned.get("role")
        if "role" in self.changed_data and not self.instance._state.adding and self.initial["role"] not in self.roles:
            self.add_error("role", "Only somebody with at least this role may change it.")
        if new and new != self.initial.get("role") and new not in self.roles:
            self.add_error("role", "You may not give this role.")
        return cleaned


class MembershipFormSet(LabelledFormSet[Membership, StationGroup, MembershipForm]):
    def clean(self) -> None:
        super().clean()
        names = [form.cleaned_data["person"] for form in self.forms if form.cleaned_data.get("person")]
        if len(names) != len(set(names)):
            raise forms.ValidationError("A person is in a group once, with one role.")


class MembershipInline(OwnPermissions, admin.TabularInline[Membership, StationGroup]):
    model = Membership
    form = MembershipForm
    formset = MembershipFormSet  # type: ignore[assignment]
    fields = ["person", "role", "given_at"]
    readonly_fields = ["given_at"]
    extra = 0
    verbose_name_plural = "members"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user", "group")

    def get_formset(self, request: HttpRequest, obj: StationGroup | None = None, **kwargs: Any) -> Any:
        roles = access_of(request.user).roles_to_give(obj.pk if obj else 0)
        own = type("Form", (MembershipForm,), {"roles": roles})
        return super().get_formset(request, obj, **kwargs, form=own)

    def has_add_permission(self, request: HttpRequest, obj: Any) -> bool:  # type: ignore[override]
        return super().has_add_permission(request, obj) and self.is_own(request, "add", obj)


@admin.register(StationGroup)
class StationGroupAdmin(AuditedByItself, OwnPermissions, admin.ModelAdmin[StationGroup]):
    list_display = ["name", "stations_in_words", "members_in_words"]
    search_fields = ["name"]
    inlines = [MembershipInline]
    fieldsets = [(None, {"fields": ["name", "stations"], "description": ABOUT_ROLES})]

    class Media:
        css = {"all": ["css/admin.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[StationGroup]:
        groups: QuerySet[StationGroup] = super().get_queryset(request)
        access = access_of(request.user)
        if not access.is_staff:
            groups = groups.filter(pk__in=access.groups_for("stations.view_stationgroup"))
        counts = {name: Count(name, distinct=True) for name in ("stations", "memberships")}
        return groups.annotate(**{f"{name}_count": count for name, count in counts.items()})

    def get_readonly_fields(self, request: HttpRequest, obj: StationGroup | None = None) -> list[str]:
        """Only staff decide which stations a group has: any other way would lead to somebody else's stations."""
        return [] if access_of(request.user).is_staff else ["name", "stations"]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer a box for each station: in Django's list, one click without the Control key takes away all others."""
        if db_field.name == "stations":
            kwargs["widget"] = forms.CheckboxSelectMultiple(attrs={"class": "many"})
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def response_add(
        self, request: HttpRequest, obj: StationGroup, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Go on to the group's own page, which has the invitations: a new group has hardly a member."""
        is_next = stay_on_its_page(request)
        response = super().response_add(request, obj, post_url_continue)
        if is_next:
            address = reverse("invitations", args=[obj.pk])
            messages.info(request, format_html('Next, <a href="{}">invite people</a>, or add members below.', address))
        return response

    @admin.display(description="stations")
    def stations_in_words(self, group: StationGroup) -> int:
        return int(getattr(group, "stations_count", 0))

    @admin.display(description="members")
    def members_in_words(self, group: StationGroup) -> int:
        return int(getattr(group, "memberships_count", 0))


@extends_stations
class GroupedStationAdmin(StationAdmin):
    """The registry's own pages. A station that the administrator of a group adds joins this group."""

    def get_form(self, request: HttpRequest, obj: Station | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None and not access_of(request.user).is_staff:
            kwargs["form"] = type("Form", (self.form,), {"group": _group_field(request)})
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Station | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj or access_of(request.user).is_staff:
            return fieldsets
        (name, first), *others = fieldsets
        return [(name, {**first, "fields": [*first["fields"], "group"]}), *others]

    def save_model(self, request: HttpRequest, obj: Station, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if group := form.cleaned_data.get("group"):
            group.stations.add(obj)
            forget(request.user)


def _group_field(request: HttpRequest) -> forms.ModelChoiceField[StationGroup]:
    """Return the choice of a group for a new station: of those where this person may add one."""
    groups = StationGroup.objects.filter(pk__in=access_of(request.user).groups_for("stations.add_station"))
    help_text = "The group that it joins. Its members look after it."
    return forms.ModelChoiceField(groups, initial=groups.first(), empty_label=None, help_text=help_text)
