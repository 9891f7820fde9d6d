"""What the scenarios act with: a station, its board, the admin's pages and the commands."""

import base64
import html
import io
import json
import re
from datetime import timedelta

from django.core.management import CommandError, call_command
from django.utils import timezone

from readings.ingest.refusals import refusals
from readings.models import Reading
from tests.conftest import MAC

PAGES = {
    "Refused reports": "/admin/readings/refusedreport/",
    "overview": "/admin/overview/",
    "trouble": "/admin/stations/station/",
    "admin": "/admin/stations/station/",
}
GOOD = 21.4


class Walk:
    """One walk along a row, on a database of its own."""

    def __init__(self, client, station, key, keeping, tmp_path, monkeypatch, capsys, caplog):
        self.client, self.station, self.key, self.keeping = client, station, key, keeping
        self.tmp_path, self.monkeypatch, self.capsys, self.caplog = tmp_path, monkeypatch, capsys, caplog
        self.now = timezone.now

    # As a board

    def get(self, data=GOOD, field=1, mac=MAC, key=None, **extra):
        """Report a single value. Return the status and the line."""
        path = f"/update/API_key={key or self.key}/mac={mac}/field={field}/data={data}"
        return line_of(self.client.get(path, **extra))

    def again(self):
        """Tell whether a good value is stored."""
        return self.get() == "200 OK" and GOOD in self.values()

    def post(self, *readings, boot=7, body=None, user="6cef7f3b9de8", **besides):
        """Report many values. Return the status and the answer."""
        report = {"readings": list(readings)} | ({} if boot is None else {"boot": boot}) | besides
        basic = {"HTTP_AUTHORIZATION": "Basic " + base64.b64encode(f"{user}:{self.key}".encode()).decode()}
        content = json.dumps(report) if body is None else body
        return line_of(
            self.client.post("/api/v1/readings/", content, "application/json", **(basic if user else {})),
        )

    def now_s(self):
        return int(timezone.now().timestamp())

    def move_clock(self, by):
        self.monkeypatch.setattr("django.utils.timezone.now", lambda: self.now() + by)

    # As a person

    def command(self, name, *arguments):
        """Run a command. Return everything that it prints, and the sentence that it ends with."""
        out, error = io.StringIO(), ""
        try:
            call_command(name, *map(str, arguments), stdout=out)
        except CommandError as raised:
            error = str(raised)
        return f"{out.getvalue()}\n{self.capsys.readouterr().err}\n{error}"

    def imports(self, text, *options):
        file = self.tmp_path / "readings.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return self.command("import_readings", "Garden", file, *options)

    def told_by(self, who):
        """Return the words of a page of the admin, or of the log."""
        if who == "log":
            return self.caplog.text
        assert refusals.flush()
        return words(self.keeping.get(PAGES[who]))

    def field(self):
        return self.station.fields.get(number=1)

    def values(self, field=1):
        readings = Reading.objects.filter(station=self.station, field=field)
        return list(readings.order_by("measured_at").values_list("value", flat=True))


def line_of(answer):
    return f"{answer.status_code} {answer.content.decode()}"


def words(answer):
    """Return the text that a page shows."""
    page = re.sub(r"<(script|style).*?</\1>|<(\w+)[^>]* hidden>.*?</\2>", "", answer.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]*>", "", page)))


def day(walk, ago):
    """Return noon UTC of some days ago."""
    return walk.now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=ago)
