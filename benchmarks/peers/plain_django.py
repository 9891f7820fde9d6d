"""The plain way with Django REST framework: one view, the key looked up by the ORM, `Reading.objects.create()`.

It is a project in one module, and lacks all that a project may lack: middleware, sessions, permissions, negotiation of
languages, checks of its connections, which stay open. Each value is a transaction, durable before its answer. gunicorn
loads it; run as a program, it makes the tables, with stations from standard input.
"""

import json
import os
import sys

import django
import environ
from django.conf import settings

APP = "benchmarks.peers.plain_django:application"

settings.configure(
    SECRET_KEY=os.environ["SECRET_KEY"],
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="benchmarks.peers.plain_django",
    DATABASES={"default": environ.Env.db_url_config(os.environ["DATABASE_URL"]) | {"CONN_MAX_AGE": None}},
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    REST_FRAMEWORK={
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "UNAUTHENTICATED_USER": None,
    },
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402 - after the settings
from django.db import connection, models  # noqa: E402
from django.shortcuts import get_object_or_404  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402


class Station(models.Model):  # noqa: DJ008 - nobody looks at it
    mac = models.CharField(max_length=17, unique=True)
    key = models.CharField(max_length=64)

    class Meta:
        app_label = "plain"


class Reading(models.Model):  # noqa: DJ008
    station = models.ForeignKey(Station, models.PROTECT)
    field = models.PositiveSmallIntegerField()
    measured_at = models.DateTimeField(default=timezone.now)
    value = models.FloatField()

    class Meta:
        app_label = "plain"
        constraints = [models.UniqueConstraint(fields=["station", "field", "measured_at"], name="plain_once")]


class UpdateView(APIView):
    def get(self, request: Request, key: str, mac: str, field: int, data: str) -> Response:
        station = get_object_or_404(Station, mac=mac, key=key)
        Reading.objects.create(station=station, field=field, value=float(data))
        return Response("OK")


urlpatterns = [path("update/API_key=<key>/mac=<mac>/field=<int:field>/data=<data>", UpdateView.as_view())]
application = get_wsgi_application()


def create() -> None:
    with connection.schema_editor() as editor:
        editor.create_model(Station)
        editor.create_model(Reading)
    Station.objects.bulk_create(Station(mac=mac, key=key) for mac, key in json.load(sys.stdin))


if __name__ == "__main__":
    create()
