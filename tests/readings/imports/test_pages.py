"""Somebody imports a file in the admin: what the pages say, and what is stored."""

import gzip
import re
from html import unescape

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from audit.models import Event
from readings.models import HistoryImport, Reading
from tests.conftest import client_of
from tests.readings.exports.test_formats import AMERICAN, NETATMO, THINGSPEAK

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("here")]


class Visit:
    """A visit of somebody who imports a file: `text` is the page that is open."""

    def __init__(self, client, station):
        self.client, self.url, self.text = client, f"/admin/stations/station/import/{station.pk}/", ""

    def send(self, content, name="history.csv"):
        content = content if isinstance(content, bytes) else content.encode()
        return self._open(self.client.post(self.url, {"file": SimpleUploadedFile(name, content)}, follow=True))

    def click(self, button, **changes):
        """Send the form as it is, but for some changes."""
        assert f'name="{button}"' in self.text
        return self._open(self.client.post(self.at, {**self.form, **changes, button: "1"}, follow=True))

    def _open(self, answer):
        self.at = answer.redirect_chain[-1][0] if answer.redirect_chain else self.at
        assert answer.status_code == 200
        self.text = unescape(answer.content.decode())
        return self

    @property
    def form(self):
        inputs = dict(re.findall(r'<input[^>]*? name="([a-z_0-9-]+)" value="([^"]*)"', self.text))
        for name, inside in re.findall(r'<select[^>]*? name="([a-z_0-9-]+)"[^>]*>(.*?)</select>', self.text, re.S):
            inputs[name] = (re.findall(r'value="([^"]*)" selected', inside) or [""])[0]
        return inputs

    @property
    def rows(self):
        table = re.search(r'class="scroll".*?</table>', self.text, re.S)
        return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall("<tr>(.*?)</tr>", table[0], re.S)]


@pytest.fixture
def visit(keeping, station):
    return Visit(keeping, station)


def test_the_station_has_a_link_to_it_for_those_who_may_change_it(keeping, station):
    link = f"/admin/stations/station/import/{station.pk}/"
    assert (
        f'<a href="{link}">Import history</a>'
        in keeping.get(f"/admin/stations/station/{station.pk}/change/").content.decode()
    )
    assert keeping.get(link).status_code == 200
    reader = client_of(User.objects.create_user("reader", is_staff=True))
    job = HistoryImport.objects.create(station=station, name="x", size=1, made_at=0)
    for each in (link, f"{link}{job.pk}/", f"{link}{job.pk}/refused.txt"):
        assert reader.get(each).status_code == 403
        assert Client().get(each).status_code == 302
    assert reader.post(f"{link}{job.pk}/piece/?at=0", b"x", content_type="text/plain").status_code == 403


def test_a_known_file_is_shown_as_it_would_be_stored_and_is_stored_by_one_more_click(visit, station, folder):
    visit.send(AMERICAN)
    assert "A file of <strong>WeeWX</strong>, by its header." in visit.text
    assert "The import adds to Garden: humidity, sea-level pressure," in visit.text
    titles, first = visit.rows
    assert titles[:4] == [
        *("Moment in Europe/Berlin", "sea-level pressure [hPa]", "pressure [hPa]", "temperature [degC]"),
    ]
    assert first[:4] == ["2025-06-12T14:00:00+02:00", "1013.207589", "998.984755", "20"]
    assert not Reading.objects.exists()
    assert station.fields.count() == 1
    visit.click("import")
    assert "Garden: 9 stored, 0 there already, 0 there with another value, 0 refused." in visit.text
    assert Reading.objects.count() == 9
    assert station.fields.count() == 9
    events = Event.objects.filter(what="history.csv").order_by("pk")
    assert [(event.deed, event.person) for event in events][:2] == [
        ("import begun", "keeper"),
        ("import ended", "keeper"),
    ]
    assert not list(folder.iterdir())


def test_the_page_says_what_the_command_prints(visit, station, tmp_path, capsys):
    (tmp_path / "file").write_text(AMERICAN)
    visit.send(AMERICAN).click("import")
    Reading.objects.all().delete()
    call_command("import_readings", "Garden", tmp_path / "file")
    program, *sentences = capsys.readouterr().out.splitlines()
    assert program.removesuffix("WeeWX, by its header.") == "A file of "
    assert re.findall("<li>(.*?)</li>", visit.text) == sentences


def test_what_becomes_of_a_column_can_be_chosen_and_is_shown_before_it_is_stored(visit, station):
    visit.send(AMERICAN)
    number = re.search(r'name="title-(\d+)" value="extraTemp1"', visit.text)[1]
    other = re.search(r'name="title-(\d+)" value="outTemp"', visit.text)[1]
    none = {f"field-{n}": "" for n in range(12)}
    chosen = none | {f"field-{other}": "", f"field-{number}": "1", f"unit-{number}": "degC"}
    visit.click("import", **chosen)
    assert "You have chosen something else" in visit.text
    assert visit.rows == [["Moment in Europe/Berlin", "temperature [degC]"], ["2025-06-12T14:00:00+02:00", "69.8"]]
    assert not Reading.objects.exists()
    visit.click("import")
    assert Reading.objects.get().value == 69.8
    assert station.fields.count() == 1


def test_a_file_of_no_program_says_what_to_choose(visit, station):
    visit.send("no;when;outdoors\n1;12.06.2025 14:00;20,5\n2;12.06.2025 14:05;20,6\n")
    assert "Its header is not that of a program that freetemp knows" in visit.text
    assert "No column is a field of Garden, which has temperature. Choose one." in visit.text
    assert 'name="import"' not in visit.text
    assert visit.form["time_column"] == "when"
    visit.click("look", **{"field-1": "1"})
    assert visit.rows[1] == ["2025-06-12T14:00:00+02:00", "20.5"]
    visit.click("look", zone="UTC")
    assert visit.rows[1] == ["2025-06-12T16:00:00+02:00", "20.5"]
    visit.click("look", zone="Atlantis")
    assert "Atlantis" in visit.text
    assert visit.rows[1] == ["2025-06-12T16:00:00+02:00", "20.5"]
    visit.click("import")
    assert Reading.objects.count() == 2


def test_a_date_that_may_be_two_days_asks_for_its_order(visit):
    visit.send("when,temperature\n01/06/2025 14:00,20\n01/06/2025 15:00,21\n")
    assert "line 2: when: 01/06/2025 may have the day or the month first: choose the order of dates" in visit.text
    assert visit.click("look", date_order="dmy").rows[1] == ["2025-06-01T14:00:00+02:00", "20"]


def test_rows_with_one_value_in_a_column_can_be_chosen(visit):
    visit.send("when,sensor,temperature\n2025-06-01T14:00Z,a,20\n2025-06-01T14:00Z,b,21\n")
    visit.click("look", only_column="sensor", only_value="b")
    assert visit.rows[1] == ["2025-06-01T16:00:00+02:00", "21"]


def test_another_program_and_another_encoding_can_be_chosen(visit):
    visit.send(NETATMO).click("look", format="weewx")
    assert "The header is not one of WeeWX's." in visit.text
    visit.click("look", format="own")
    assert "Its header is not that of a program" in visit.text
    visit.send("when;Außentemperatur\n2025-06-01T14:00Z;20\n".encode("cp1252"))
    assert visit.click("look", encoding="cp1252").form["title-0"] == "Außentemperatur"


def test_what_was_refused_is_listed_and_can_be_downloaded(visit):
    rows = "".join(f"2025-06-01T14:{n % 60:02}:{n // 60:02}Z,x{n}\n" for n in range(101))
    visit.send(f"measured_at,temperature\n{rows}").click("import")
    assert "Garden: 0 stored, 0 there already, 0 there with another value, 101 refused." in visit.text
    assert "line 2: temperature: a decimal number expected, like 21.4 or -0.5" in visit.text
    assert "... and more: the list has them." in visit.text
    answer = visit.client.get(f"{visit.at}refused.txt")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer.content.decode().splitlines()[-1].startswith("line 102: ")


def test_a_file_that_is_imported_again_stores_nothing_twice(visit):
    visit.send(THINGSPEAK).click("import").send(gzip.compress(THINGSPEAK.encode()), "feeds.csv.gz").click("import")
    assert "Garden: 0 stored, 3 there already" in visit.text
    files = visit.client.get(visit.url).content.decode()
    assert "feeds.csv.gz" in files
    assert "history.csv" in files


def test_a_piece_needs_the_token_and_is_no_form(visit, station):
    job = HistoryImport.objects.create(station=station, name="x", size=3, made_at=0)
    client, piece = visit.client, f"{visit.url}{job.pk}/piece/?at=0"
    client.handler.enforce_csrf_checks = True
    assert client.post(piece, b"abc", content_type="application/octet-stream").status_code == 403
    page = client.get(visit.url).content.decode()
    token = {"X-CSRFToken": re.search('csrfmiddlewaretoken" value="([^"]+)"', page)[1]}
    assert client.post(piece, {"a": "b"}, headers=token).status_code == 400
    answer = client.post(piece, b"abc", content_type="application/octet-stream", headers=token)
    assert answer.json() == {"received": 3}


def test_a_file_can_be_forgotten(visit, folder):
    visit.send(THINGSPEAK).click("forget")
    assert not HistoryImport.objects.exists()
    assert not list(folder.iterdir())
    assert visit.client.get(f"{visit.url}1/").status_code == 404


def test_who_may_not_add_fields_is_offered_none(keeper, station):
    keeper.groups.clear()
    keeper.user_permissions.add(*Permission.objects.filter(codename__in=["view_station", "change_station"]))
    visit = Visit(client_of(keeper), station).send(AMERICAN)
    assert "a new field" not in visit.text
    assert "The import adds" not in visit.text
    visit.click("look").click("import", **{"field-2": "new"})
    assert station.fields.count() == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\x00\x01\xff" * 1000, "The first line is not UTF-8: choose its encoding."),
        (b"SQLite format 3\x00" + b"\xff" * 5000, "This is a database, but not an archive of WeeWX"),
        (b'{"feeds": [' + b"[" * 100_000, "The file cannot be read: "),
        (
            gzip.compress(b"measured_at,temperature\n")[:-9],
            "The file is packed by gzip, and is damaged or was cut off.",
        ),
        (gzip.compress(b"\0" * 9_000_000), "The first line is not UTF-8: choose its encoding."),
        (b"x" * 5_000_000, "Its first line names the columns"[4:]),
        (",".join(f"c{n}" for n in range(300)).encode() + b"\n", "is the one with the moments"),
        (b"measured_at," + ",".join(f"c{n}" for n in range(300)).encode() + b"\n", "has more than 200 columns"),
        (b"measured_at," + b",".join([b"temperature", b"a"] * 30_000) + b"\n", "has more than 200 columns"),
        (
            b"measured_at,temperature" + b" " * 100_000 + b"x (C)\n2025-06-01T14:00Z,20\n",
            "No column is a field of Garden",
        ),
        (
            b"dateTime,usUnits,interval,x" + b" " * 100_000 + b"x\n",
            "has no field for any of its columns",
        ),
        (b"measured_at,tem\x00perature\n2025-06-01T14:00Z,20\n", "No column is a field of Garden"),
    ],
    ids=[
        "binary",
        "a database",
        "deep JSON",
        "cut off",
        "a bomb",
        "one line",
        "wide",
        "wide with moments",
        "very wide",
        "a long title",
        "one of a program",
        "NUL",
    ],
)
def test_a_file_of_another_kind_gets_a_sentence(visit, content, sentence):
    visit.send(content)
    assert sentence in visit.text
    assert "--" not in re.sub("<!--.*?-->", "", visit.text)
    assert 'name="import"' not in visit.text


def test_an_empty_file_or_none_is_told(visit):
    assert "This file has nothing in it." in visit.send(b"").text
    answer = visit.client.post(visit.url, {}, follow=True).content.decode()
    assert "Choose a file first." in answer
