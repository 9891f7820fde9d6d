"""What gunicorn or another WSGI server loads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "freetemp.settings")

application = get_wsgi_application()

from readings.refusals import refusals  # noqa: E402 - it has models

refusals.keep()
