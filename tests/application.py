"""The WSGI application of the shipped server, in the process of the tests: without its threads and its record."""

from unittest import mock

from freetemp.conf import server_record
from outages import running
from readings.ingest.refusals import refusals
from readings.proposals import rounds
from readings.rollups import new_rules, pending

# No thread of this process may use the database during other tests, and no command may take it for a server.
with (
    mock.patch.object(refusals, "keep"),
    mock.patch.object(server_record, "announce"),
    mock.patch.object(new_rules, "follow_rules_in_background"),
    mock.patch.object(pending, "follow_pending_in_background"),
    mock.patch.object(rounds, "propose_in_background"),
    mock.patch.object(running, "note_running_in_background"),
):
    from freetemp.wsgi import application as application
