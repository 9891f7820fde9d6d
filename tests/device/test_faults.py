"""faults.txt: the newest exceptions, each once, in a small file that wears out no flash and stops no station."""

import pytest

from tests.device.in_vm import play

pytestmark = pytest.mark.sqlite_only

WORDS = """
    import builtins, os
    import faults

    def deep(message, depth):
        if depth:
            return deep(message, depth - 1)
        raise ValueError(message)

    def fail(message, depth=0):
        try:
            deep(message, depth)
        except ValueError as error:
            faults.record(error)

    def text():
        with open("faults.txt") as file:
            return file.read()
"""


def test_nothing_is_recorded_at_first(tmp_path):
    assert play(tmp_path, WORDS, "say(faults.recorded())") == ""


def test_the_newest_comes_first_and_each_is_there_once(tmp_path):
    scene = """
        for message in ("first", "second", "first", "second"):
            fail(message)
        say(text(), faults.recorded() == text(), sorted(os.listdir()))
    """
    written, is_told, files = play(tmp_path, WORDS, scene)
    assert [line for line in written.splitlines() if line.startswith("ValueError")] == [
        "ValueError: second",
        "ValueError: first",
    ]
    assert written.startswith("Traceback (most recent call last):\n")
    assert is_told
    assert files == ["faults.txt", "outbox"]


def test_what_is_written_down_is_printed_too_and_what_is_there_already_is(tmp_path):
    scene = """
        printed = []
        builtins.print = lambda *what: printed.append(what)
        fail("again")
        fail("again")
        say(printed == [(text(),)] * 2)
    """
    assert play(tmp_path, WORDS, scene) is True


def test_the_end_of_a_long_traceback_is_kept_and_of_many_the_newest_that_fit_into_1_kib(tmp_path):
    scene = """
        fail("deep", 30)
        deepest = text()
        for number in range(7):
            fail("%d " % number + 300 * "x")
        say(deepest, text(), faults.recorded() == text())
    """
    deepest, written, is_told = play(tmp_path, WORDS, scene)
    assert len(deepest) == 400
    assert deepest.endswith("ValueError: deep\n")
    assert len(written) == 1024
    assert [number for number in range(7) if f"ValueError: {number} " in written] == [4, 5, 6]
    assert is_told


def test_a_fault_with_many_faces_is_written_ten_times_in_a_run(tmp_path):
    """And a start begins to count anew."""
    scene = """
        import sys
        flash.writes = 0
        for number in range(30):
            fail("face %d" % number)
        last = text().splitlines()
        del sys.modules["faults"]
        import faults
        fail("another run")
        say([line for line in last if line.startswith("Value")][0], "another run" in text())
    """
    assert play(tmp_path, WORDS, scene) == ["ValueError: face 9", True]


def test_a_flash_that_refuses_stops_nothing(tmp_path):
    scene = """
        real = open
        def refuse(path, mode="r"):
            if mode == "w":
                raise OSError(28)
            return real(path, mode)
        fail("kept")
        builtins.open = refuse
        fail("lost")
        builtins.open = real
        say("kept" in text(), "lost" in text())
    """
    assert play(tmp_path, WORDS, scene) == [True, False]


def test_a_file_that_is_no_text_is_replaced(tmp_path):
    scene = """
        with open("faults.txt", "wb") as file:
            file.write(b"\\xff\\xfe\\x80" * 100)
        said = faults.recorded()
        fail("readable")
        say(said, text().splitlines()[-1])
    """
    assert play(tmp_path, WORDS, scene) == ["", "ValueError: readable"]


def test_power_that_goes_while_it_is_written_leaves_the_old_one_or_the_new_one_whole(tmp_path):
    scene = """
        import littlefs
        fail("old")
        before, kept = text(), []
        for left in range(30):
            flash.left, flash.torn = left, 0
            try:
                fail("new")
            except littlefs.PowerCut:
                pass
            if not flash.gone:
                break
            littlefs.unmount()
            flash = littlefs.Flash(flash.data)
            littlefs.mount(flash)
            kept.append(text())
        say(len(kept) > 1, set(kept) <= {before, text()}, kept[0] == before, text() != before)
    """
    assert play(tmp_path, WORDS, scene) == [True, True, True, True]
