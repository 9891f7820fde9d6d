"""Each row of docs/nothing-lost.md happens, is told in the words that it quotes, and is undone if it says so."""

import inspect
import re

import pytest

from readings.ingest.refusals import refusals
from readings.models.refused_report import Reason
from tests.nothing_lost import boards, devices, imports, mqtt, reasons, removal, reports, single_values, storing
from tests.nothing_lost.tables import quotes, rows
from tests.nothing_lost.walk import Walk
from tests.test_docs import COMMANDS

# On SQLite alone: they need no database, bring one of their own, or are about SQLite's disk.
ALONE = {"web_server", "restore", "disk_reserve"}
SCENARIOS = {
    name.replace("_", "-"): scenario
    for module in (single_values, reports, devices, mqtt, imports, storing, removal, boards)
    for name, scenario in vars(module).items()
    if inspect.isgeneratorfunction(scenario)
}
# Commands that refuse, change, hide or remove no reading. One that does has a row.
HARMLESS = {
    *(
        "add_station",
        "backup",
        "build_station",
        "check",
        "copy_to_postgresql",
        "fetch_micropython",
        "follow_quantities",
    ),
    *(
        "follow_zone_rules",
        "listen_mqtt",
        "load_demo",
        "make_push_key",
        "mosquitto_users",
        "prepare",
        "propose_set_aside",
    ),
    *("rebuild_rollups", "report_demo", "watch", "reset_second_factor", "unlock_login"),
    *("restore_readings", "rotate_encryption_key", "send_uploads", "simulate_station", "version"),
}
ON_SQLITE = pytest.mark.sqlite_only


def is_about_the_database(scenario):
    return scenario.__module__ != boards.__name__ and scenario.__name__ not in ALONE


@pytest.fixture
def walk(client, station, key, keeping, tmp_path, monkeypatch, capsys, caplog, settings):
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(refusals, "_tallies", {})
    return Walk(client, station, key, keeping, tmp_path, monkeypatch, capsys, caplog)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=row.name, marks=[] if is_about_the_database(SCENARIOS[row.name]) else [ON_SQLITE])
        for row in rows()
        if row.name in SCENARIOS
    ],
)
def test_a_row_is_true(row, walk):
    steps = SCENARIOS[row.name](walk)
    said = next(steps)
    assert said.keys() <= row.told.keys()
    for who, words in row.told.items():
        text = walk.told_by(who) if who not in said or who == "trouble" else said[who]
        assert [each for each in words if each not in text] == [], text
    assert next(steps) is row.is_undone


@ON_SQLITE
def test_every_row_has_a_scenario_and_every_scenario_a_row():
    names = [row.name for row in rows()]
    assert sorted(names) == sorted(SCENARIOS)
    assert {row.verb for row in rows()} == {"Refused", "Changed", "Hidden", "Removed"}


@ON_SQLITE
def test_every_reason_of_refused_reports_is_in_a_row():
    assert {reason.label for reason in Reason} == set(quotes("Refused reports"))


@ON_SQLITE
def test_every_code_of_a_rejected_reading_is_in_a_row():
    codes = reasons.codes("readings/ingest/problems.py", "problem_of", "other_value_at")
    assert {f'"code":"{code}"' for code in codes} == {each for each in quotes("board") if each.startswith('"code"')}


BOARD = [
    *reasons.sentences("readings/ingest/batch_json.py", "NoReportError", "TooLargeError"),
    *reasons.sentences("readings/ingest/views.py", "NoReportError", "TooLargeError"),
    *reasons.sentences("readings/ingest/parsing.py", "NoReportError", "ValueError"),
    *reasons.returned("readings/ingest/problems.py", "problem_of", "_epoch", "other_value_at"),
]
FILES = [
    *reasons.sentences("readings/files/csv_header.py", "UnreadableFileError"),
    *reasons.returned("readings/files/csv_header.py", "_no_header"),
    *reasons.sentences("readings/files/csv_import.py", "Refused", "ValueError"),
    *reasons.returned("readings/files/csv_import.py", "_problem"),
    *reasons.sentences("readings/files/csv_values.py", "ValueError"),
    *reasons.sentences("readings/files/csv_moments.py", "ValueError", "_TwoDaysError"),
    *reasons.sentences("readings/files/double_hour.py", "Refused"),
    *reasons.sentences("readings/exports/lines.py", "UnreadableFileError"),
    *reasons.sentences("readings/exports/recognition.py", "UnreadableFileError"),
]


@ON_SQLITE
@pytest.mark.parametrize(("who", "found", "least"), [("board", BOARD, 17), ("command", FILES, 14)])
def test_every_sentence_of_a_refusal_is_in_a_row(who, found, least):
    told = quotes(who)
    assert len([pieces for pieces in found if pieces]) >= least
    assert [pieces for pieces in found if not reasons.is_quoted(pieces, told)] == []


@ON_SQLITE
def test_every_kind_of_a_boards_losses_is_in_a_row():
    source = (reasons.ROOT / "firmware/device/lib/reporter.py").read_text()
    (kinds,) = re.findall(r"^_LOSSES = \((.*)\)$", source, re.MULTILINE)
    told = quotes("trouble")
    assert [kind for kind in re.findall('"(.*?)"', kinds) if not any(kind in each for each in told)] == []


@ON_SQLITE
def test_every_command_is_in_a_row_or_touches_no_reading():
    named = {row.name.replace("-", "_") for row in rows()} | {"import_readings"}
    assert set(COMMANDS) == HARMLESS | (named & set(COMMANDS))
    assert not HARMLESS & named
