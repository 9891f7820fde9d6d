"""MicroPython images for staff: the list of images, the one that boards get, and the upload of another."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.safestring import SafeString

from audit.audited import Audited
from firmware.micropython.image_file import MAX_BYTES, ImageError, inspect
from firmware.models import MicroPythonImage
from firmware.models.image import MOST_IMAGES, TOO_MANY, MicroPythonImageQuerySet


class ImageForm(forms.ModelForm[MicroPythonImage]):
    version = forms.CharField(
        required=False, max_length=40, help_text="Like 1.28.0. Leave it empty to use the version that the image states."
    )

    class Meta:
        model = MicroPythonImage
        fields = ["file", "board", "version"]

    def clean_file(self) -> UploadedFile[bytes]:
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if file.size is None or file.size > MAX_BYTES:
            raise ValidationError(f"The file is larger than an ESP8266's {filesizeformat(MAX_BYTES)}.")
        try:
            facts = inspect(file.read())
        except ImageError as error:
            raise ValidationError(f"The file {error}: choose the .bin file of MicroPython for the ESP8266.") from error
        if MicroPythonImage.objects.count() >= MOST_IMAGES:
            raise ValidationError(TOO_MANY)
        if same := MicroPythonImage.objects.filter(sha256=facts.sha256).first():
            raise ValidationError(f"This image is there already: {same}.")
        self.instance.sha256, self.instance.size, self.instance.version = facts.sha256, facts.size, facts.version
        return file

    def clean_version(self) -> str:
        version: str = self.cleaned_data["version"].removeprefix("v") or self.instance.version
        if not version and "file" not in self.errors:
            raise ValidationError("The image does not say which version it is: give it here, like 1.28.0.")
        return version


@admin.register(MicroPythonImage)
class MicroPythonImageAdmin(Audited, admin.ModelAdmin[MicroPythonImage]):
    form = ImageForm
    list_display = ["name", "board", "version", "state", "size_shown", "origin", "added", "short_sha256"]
    list_filter = ["board"]
    readonly_fields = ["name", "sha256", "size_shown", "origin", "added", "state"]

    def get_fields(self, request: HttpRequest, obj: MicroPythonImage | None = None) -> Any:
        if obj is None:
            return ["file", "board", "version"]
        return ["name", "state", "board", "version", "sha256", "size_shown", "origin", "added"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[MicroPythonImage]:
        taken = Q(pk__in=MicroPythonImage.objects.taken())
        images = cast(MicroPythonImageQuerySet, super().get_queryset(request))
        return images.with_presence().annotate(is_taken=ExpressionWrapper(taken, BooleanField()))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[MicroPythonImage]) -> None:
        """Delete the images one by one, so that each takes its file along."""
        for image in queryset:
            image.delete()

    @admin.display(description="file", ordering="file")
    def name(self, image: MicroPythonImage) -> str:
        return image.name

    @admin.display(description="state")
    def state(self, image: MicroPythonImage) -> str:
        if not getattr(image, "has_content", False):
            return "its file is gone: delete it, and fetch or upload it again"
        return "taken for this board" if getattr(image, "is_taken", False) else "kept"

    @admin.display(description="size", ordering="size")
    def size_shown(self, image: MicroPythonImage) -> str:
        return filesizeformat(image.size)

    @admin.display(description="added", ordering="added_at")
    def added(self, image: MicroPythonImage) -> str:
        return f"{image.added_at:%Y-%m-%d %H:%M}"

    @admin.display(description="SHA-256")
    def short_sha256(self, image: MicroPythonImage) -> SafeString:
        return format_html('<span title="{}">{}…</span>', image.sha256, image.sha256[:8])
