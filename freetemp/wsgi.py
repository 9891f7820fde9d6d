"""The entry point for gunicorn or another WSGI server."""

import os

from django.core.wsgi import get_wsgi_application

from freetemp.serving.allocation import give_back_memory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "freetemp.settings")

give_back_memory()  # Servers other than gunicorn read no configuration of ours.
django_application = get_wsgi_application()
# Its path is in the settings now. gunicorn itself would answer a request outside of it with an error page.
os.environ.pop("SCRIPT_NAME", None)

from django.conf import settings  # noqa: E402

from freetemp.conf import owner_only, server_record  # noqa: E402
from freetemp.http.board_requests import BoardRequests  # noqa: E402 - it needs Django set up
from freetemp.serving import duties  # noqa: E402
from outages.running import note_running_in_background  # noqa: E402
from readings.ingest.refusals import refusals  # noqa: E402
from readings.proposals.rounds import propose_in_background  # noqa: E402
from readings.rollups.new_rules import follow_rules_in_background  # noqa: E402
from readings.rollups.pending import follow_pending_in_background  # noqa: E402

owner_only.close([settings.VAR_DIR, *owner_only.database_files(settings.DATABASES["default"])])
application = BoardRequests(django_application)
refusals.keep()
server_record.announce(settings.VAR_DIR, settings.GIVEN_SERVER_URL)
follow_rules_in_background()
if not duties.only_boards:  # The processes for people do it, or it would be done twice.
    follow_pending_in_background()
    propose_in_background()
    note_running_in_background()
