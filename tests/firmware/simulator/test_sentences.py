"""The lines of a simulated board, as simulate_station shows them."""

import pytest

from firmware.simulator.sentences import sentence

pytestmark = pytest.mark.sqlite_only

SERVER = "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", ""),
        (
            """(200, None, b'{"stored": 1, "duplicate": 0, "rejected": [], "ack": 41, "time": 1795334460}')""",
            f"{SERVER} has stored 1 reading.",
        ),
        (
            """(200, None, b'{"stored": 0, "duplicate": 2, "rejected": [{"seq": 4}], "ack": 41}')""",
            f"{SERVER} has stored 0 readings, 2 known already, 1 refused.",
        ),
        ("(200, None, b'<html>hello</html>')", f"{SERVER} answers 200: <html>hello</html>."),
        ("(200, None, b'[1]')", f"{SERVER} answers 200: [1]."),
        ("(403, None, b'unknown station or key\\n')", f"{SERVER} answers 403: unknown station or key."),
        (
            "(503, 30, b'the database cannot take it now')",
            f"{SERVER} answers 503: the database cannot take it now. It is asked again in 30 s.",
        ),
        ("(400, None, b'cut)", f"{SERVER} answers 400: b'cut."),
        (
            "no answer: [Errno 111] ECONNREFUSED",
            f"{SERVER} does not answer ([Errno 111] ECONNREFUSED): the readings wait on the board, which tries again.",
        ),
        ("no WiFi", "The board finds no WiFi: its readings wait, and it tries again."),
        ("ds18b20: no answer", "The board prints: ds18b20: no answer"),
    ],
)
def test_each_line_is_a_sentence_that_names_the_address_it_is_about(line, said):
    assert sentence(line, SERVER) == said
