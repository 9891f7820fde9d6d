"""Two `prepare` in one folder, such as a person's and a unit's: the second waits until the first is done."""

import threading

from freetemp.prepare_lock import NAME, alone_in
from tests.programs import comes_true


def test_the_second_in_a_folder_waits_says_so_and_goes_on_when_the_first_is_done(tmp_path):
    said, order = [], []

    def second():
        with alone_in(tmp_path, said.append):
            order.append("second")

    with alone_in(tmp_path, said.append):
        waiting = threading.Thread(target=second)
        waiting.start()
        assert comes_true(lambda: said)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]
    assert said == [f"Another prepare is at work in {tmp_path}: waiting until it is done ..."]
    assert (tmp_path / NAME).stat().st_mode & 0o077 == 0


def test_another_folder_is_free(tmp_path):
    said = []
    (tmp_path / "other").mkdir()
    with alone_in(tmp_path, said.append), alone_in(tmp_path / "other", said.append):
        assert said == []
