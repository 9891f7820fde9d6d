"""No sentence on the page advises an option of the command: what it asks for is chosen there."""

import pytest

from readings.imports.words import on_page
from tests.nothing_lost.test_walk import FILES

ADVICE = [" X ".join(pieces) for pieces in FILES if any("--" in piece for piece in pieces)]
OF_THE_SUMMARY = [
    "Rows left out by --only: 1.",
    "Values such as -999 stand for no reading in many programs: once they are stored, `python manage.py remove_readings"
    " 1 --field 1 --below -900` takes them out.",
    "1 there with another value, which stays: if the file is right, take the stored readings out by remove_readings,"
    " and import it again.",
]


@pytest.mark.parametrize("sentence", [*ADVICE, *OF_THE_SUMMARY])
def test_a_sentence_names_no_option_and_no_command(sentence):
    said = on_page(sentence)
    assert "--" not in said
    assert "remove_readings" not in said


def test_a_long_sentence_is_cut_and_is_one_that_databases_take():
    assert len(on_page("x" * 10_000)) == 400
    assert on_page("a\0b\ud800") == "a b?"
