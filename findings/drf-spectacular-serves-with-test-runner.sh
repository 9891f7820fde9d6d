#!/usr/bin/env bash
# A server that describes its API with drf-spectacular has Django's test runner and unittest in memory.
#
# One would guess: a process that serves loads what serves. Django's tests, unittest and the test client of Django REST
#   framework come with a test run.
# In fact: drf_spectacular.plumbing imports APIRequestFactory from rest_framework.test, to make a request up when it writes a
#   description. That module imports django.test, and this unittest, the development server, and Jinja2 where it is
#   installed. The import of drf_spectacular.views, which the URLconf needs, brings it, before anybody asks for a
#   description.
# Met by: a small server, such as a Raspberry Pi, whose processes have some MB more each, though nobody asks for the description.
# Seen with: Django 5.2.19, djangorestframework 3.18.3, drf-spectacular 0.30.0, on Python 3.11.
source "$(dirname "$0")/common.sh"

from_pypi django==5.2.19 djangorestframework==3.18.3 drf-spectacular==0.30.0

cat >serve.py <<'PROGRAM'
import sys

import django
from django.conf import settings

how = sys.argv[1]
schema = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"} if how == "with" else {}
settings.configure(INSTALLED_APPS=["rest_framework"], REST_FRAMEWORK=schema, SECRET_KEY="x")
django.setup()

from rest_framework.views import APIView

if how == "with":
    from drf_spectacular.views import SpectacularAPIView

loaded = [name for name in ("rest_framework.test", "django.test", "unittest") if name in sys.modules]
print(f"{how} it: {', '.join(loaded) or 'none'}")
PROGRAM

each() {
    python serve.py without
    python serve.py with
}

prints each <<'SEEN'
without it: none
with it: rest_framework.test, django.test, unittest
SEEN
