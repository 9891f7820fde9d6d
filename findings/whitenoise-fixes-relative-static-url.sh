#!/usr/bin/env bash
# With WhiteNoise, Django's relative STATIC_URL loses the path below which the site is served.
#
# One would guess: STATIC_URL = "static/" gets the prefix of FORCE_SCRIPT_NAME or SCRIPT_NAME, as Django documents: pages
#   below /weather/ link to /weather/static/.
# In fact: Django adds the prefix at the first use of the setting, and keeps the result. get_wsgi_application() sets no prefix,
#   only a request does. Without WhiteNoise the first use is in a request. WhiteNoise's middleware uses the setting
#   before, when it is made, so that every page links to /static/. manage.py sets the prefix at its start.
# Met by: a site that moves below a path of another one. Its pages have no style, though every command shows the right
#   address.
# Seen with: Django 5.2.19, whitenoise 6.12.0.
source "$(dirname "$0")/common.sh"

from_pypi django==5.2.19 whitenoise==6.12.0

mkdir static collected
cat >page.py <<'PROGRAM'
import sys

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.templatetags.static import static
from django.urls import path

how, *middleware = sys.argv[1:]
settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    FORCE_SCRIPT_NAME="/weather" if how != "by the server" else None,
    STATIC_URL="static/",
    STATIC_ROOT="collected",
    INSTALLED_APPS=["django.contrib.staticfiles"],
    MIDDLEWARE=middleware,
)
urlpatterns = [path("", lambda request: HttpResponse(static("style.css")))]

if how == "a command":
    django.setup()  # As manage.py does.
    application = WSGIHandler()
else:
    application = get_wsgi_application()
environ = {
    "REQUEST_METHOD": "GET", "SCRIPT_NAME": "/weather", "PATH_INFO": "/", "SERVER_NAME": "home.example",
    "SERVER_PORT": "80", "wsgi.url_scheme": "http", "wsgi.input": sys.stdin.buffer,
}
answer = b"".join(application(environ, lambda status, headers: None)).decode()
print(f"{how}, {'with' if middleware else 'without'} WhiteNoise: {answer}")
PROGRAM

each() {
    for how in "by the setting" "by the server" "a command"; do
        python page.py "$how"
        python page.py "$how" whitenoise.middleware.WhiteNoiseMiddleware
    done
}

prints each <<'SEEN'
by the setting, without WhiteNoise: /weather/static/style.css
by the setting, with WhiteNoise: /static/style.css
by the server, without WhiteNoise: /weather/static/style.css
by the server, with WhiteNoise: /static/style.css
a command, without WhiteNoise: /weather/static/style.css
a command, with WhiteNoise: /weather/static/style.css
SEEN
