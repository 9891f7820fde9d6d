"""The entry point for gunicorn or another WSGI server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "freetemp.settings")

django_application = get_wsgi_application()

from freetemp.http.board_requests import BoardRequests  # noqa: E402 - it needs Django set up
from readings.ingest.refusals import refusals  # noqa: E402

application = BoardRequests(django_application)
refusals.keep()
