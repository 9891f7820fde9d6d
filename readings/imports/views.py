"""The admin's pages on which somebody imports a file into a station."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from freetemp.http.bodies import STAFF_FORM_BYTES, UPLOAD_BYTES
from readings.imports.choices import Choices
from readings.imports.form import ImportForm
from readings.imports.jobs import MOST_BYTES, ImportJobError, begin, forget, path_of, start, stop, take
from readings.imports.look import look_at
from readings.models import HistoryImport
from readings.models.history_import import State
from stations.admin.tool_view import StationToolView
from stations.models import Station
from stations.zone_names import ZoneNameError

PIECE_BYTES = STAFF_FORM_BYTES // 2  # nginx takes a million bytes unless it is told otherwise.
REFUSED_SHOWN = 100
ADD_FIELD = "stations.add_field"


class ImportToolView(StationToolView):
    """A page about imports of a station."""

    to_look = ("stations.change_station",)

    def drawn(self, request: HttpRequest, template: str, **content: Any) -> HttpResponse:
        of_site = self.model_admin.admin_site.each_context(request)
        context = of_site | {"opts": Station._meta, "station": self.station, **content}
        return TemplateResponse(request, f"admin/readings/imports/{template}.html", context)


class ImportsView(ImportToolView):
    """The station's imports, and a form for another file. A script sends it in pieces, however large it is."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        is_script = "size" in request.POST
        try:
            job = self.begun(request) if is_script else self.received(request)
        except ImportJobError as error:
            if is_script:
                return JsonResponse({"detail": str(error)}, status=409)
            messages.error(request, str(error))
            return redirect("admin:stations_imports", pk)
        url = reverse("admin:stations_import", args=[pk, job.pk])
        if is_script:
            piece = reverse("admin:stations_import_piece", args=[pk, job.pk])
            return JsonResponse({"url": url, "piece": piece, "bytes": PIECE_BYTES})
        return redirect(url)

    def begun(self, request: HttpRequest) -> HistoryImport:
        name, size = request.POST.get("name", ""), _bytes_told(request.POST["size"])
        return begin(self.station, request.user.get_username(), name, size)

    def received(self, request: HttpRequest) -> HistoryImport:
        file = request.FILES.get("file")
        if not isinstance(file, UploadedFile):
            raise ImportJobError("Choose a file first.")
        job = begin(self.station, request.user.get_username(), file.name or "", file.size or 0)
        for piece in file.chunks():
            take(job, job.received, piece)
        return job

    def page(self, request: HttpRequest) -> HttpResponse:
        now, rows = timezone.now(), self.station.imports.defer("refused_lines", "summary", "choices")
        sizes = {"most_mb": MOST_BYTES // 1_000_000, "most_at_once_mb": UPLOAD_BYTES // 2**20}
        rows_with_states = [(each, each.state_at(now)) for each in rows]
        title = f"Import history into {self.station}"
        return self.drawn(request, "imports", title=title, imports=rows_with_states, **sizes)


class OneImportView(ImportToolView):
    """A page about one import, of which `job` is the row."""

    @cached_property
    def job(self) -> HistoryImport:
        return get_object_or_404(self.station.imports, pk=self.kwargs["number"])

    def get(self, request: HttpRequest, pk: int, number: int = 0) -> HttpResponse:
        return self.page(request)


class PieceView(OneImportView):
    """Takes a piece of a file. The answer says how much of it is there."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        if request.content_type == "multipart/form-data":  # CSRF's check has read it by now.
            return JsonResponse({"detail": "A piece is sent as it is, not as a form."}, status=400)
        try:
            take(self.job, _bytes_told(request.GET.get("at", "")), request.body)
        except ImportJobError as error:
            return JsonResponse({"detail": str(error)}, status=409)
        return JsonResponse({"received": self.job.received})


class RefusedLinesView(OneImportView):
    """The lines that were refused, as a text file."""

    http_method_names = ["get"]

    def page(self, request: HttpRequest) -> HttpResponse:
        headers = {"Content-Disposition": f'attachment; filename="refused-lines-{self.job.pk}.txt"'}
        lines = self.job.refused_lines.splitlines(keepends=True)
        return HttpResponse([*lines, "\n"], content_type="text/plain; charset=utf-8", headers=headers)


class ImportView(OneImportView):
    """A file that was sent: its preview with what can be chosen, then how far its import is, then what came of it."""

    @cached_property
    def state(self) -> State:
        return self.job.state_at(timezone.now())

    @property
    def can_begin(self) -> bool:
        return self.state in (State.READY, State.STOPPED, State.FAILED)

    def post(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        if "forget" in request.POST and self.state is not State.RUNNING:
            forget(self.job)
            return redirect("admin:stations_imports", pk)
        try:
            if "stop" in request.POST:
                stop(self.job)
            elif self.can_begin:
                self.choose(request)
        except (ImportJobError, ZoneNameError) as error:
            messages.error(request, str(error))
        return redirect("admin:stations_import", pk, number)

    def choose(self, request: HttpRequest) -> None:
        """Keep what was chosen, and begin if that is what was shown."""
        choices = Choices.typed(request.POST, may_add=self.may_add)
        self.job.choices = choices.to_keep()
        as_seen = HistoryImport.objects.filter(pk=self.job.pk, state=self.job.state, process=self.job.process)
        as_seen.update(choices=self.job.choices)
        if "import" not in request.POST:
            return
        if request.POST.get("shown") != choices.digest:
            messages.warning(request, "You have chosen something else: this is how it would be stored.")
        elif look_at(path_of(self.job), self.station, choices).is_ready:
            start(self.job)

    @property
    def may_add(self) -> bool:
        return bool(self.request.user.has_perm(ADD_FIELD))

    def page(self, request: HttpRequest) -> HttpResponse:
        content: dict[str, Any] = {"title": f"Import {self.job.name} into {self.station}", "job": self.job}
        if self.can_begin:
            choices = replace(Choices.kept(self.job.choices), may_add=self.may_add)
            numbers = {each.number: each.name for each in self.station.fields.all()}
            look = look_at(path_of(self.job), self.station, choices)
            content |= {"look": look, "form": ImportForm(choices, look, numbers)}
        if self.state is State.DONE:
            refused = self.job.refused_lines.splitlines()
            content |= {"summary": self.job.summary.splitlines(), "refused_shown": refused[:REFUSED_SHOWN]}
            content["is_more_refused"] = len(refused) > REFUSED_SHOWN
        return self.drawn(request, "import", state=self.state, **content)


def _bytes_told(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 16 else 0
