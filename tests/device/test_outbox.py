"""The outbox: its limit, full and worn flash, damaged files, and wear."""

import re
import struct
from hashlib import sha256

import pytest

from tests.device.in_vm import ROOT, play

pytestmark = pytest.mark.sqlite_only

SEGMENT = 2726  # records
WORDS = """
    import os
    from outbox import AT_MOST, Outbox
    from records import RECORD, is_whole, pack, unpack

    def records(*seqs, boot=7):
        data = bytearray(len(seqs) * RECORD)
        for index, seq in enumerate(seqs):
            pack(data, index, boot, seq, NOON + seq, -1000 * seq, 0, 1)
        return data

    def take(outbox, most=AT_MOST):
        count = outbox.peek(most)
        seqs = [unpack(outbox.buffer, index)[1] for index in range(count)]
        outbox.drop(count)
        return seqs

    def take_all(outbox):
        seqs = []
        while len(outbox):
            seqs += take(outbox)
        return seqs

    def fill(outbox, first, last):
        for seq in range(first, last, 47):  # 58 times that are a segment.
            outbox.append(records(*range(seq, min(seq + 47, last))))

    def change(path, at, data):
        with open(path, "rb") as file:
            whole = bytearray(file.read())
        whole[at : at + len(data)] = data
        with open(path, "wb") as file:
            file.write(whole)

    SEGMENT = 2726
    SIZE = SEGMENT * RECORD
"""


def test_records_come_out_as_they_went_in(tmp_path):
    scene = """
        outbox = Outbox("o")
        data = bytearray(2 * RECORD)
        pack(data, 0, 2**32 - 1, 1, 2**32 - 1, -(2**31), 65535, 255)
        pack(data, 1, 2**32 - 1, 2**32 - 1, 0, 2**31 - 1, 0, 1)
        outbox.append(data)
        say(outbox.peek(), unpack(outbox.buffer, 0), unpack(outbox.buffer, 1), len(outbox))
    """
    first = [2**32 - 1, 1, 2**32 - 1, -(2**31), 65535, 255]
    assert play(tmp_path, WORDS, scene) == [2, first, [2**32 - 1, 2**32 - 1, 0, 2**31 - 1, 0, 1], 2]


def test_the_files_are_as_the_documentation_says(tmp_path):
    """An independent program reads a board's files."""
    scene = """
        import littlefs
        outbox = Outbox("o")
        fill(outbox, 1, 101)
        take(outbox, 25)
        outbox.remember_start(7, 3, NOON)
        take(outbox, 25)
        for name in os.listdir("o"):
            with open("o/" + name, "rb") as file:
                data = file.read()
            with open("/host/" + name, "wb") as file:
                file.write(data)
    """
    host = f'os.mount(os.VfsPosix("{tmp_path}"), "/host")\n'
    play(tmp_path, WORDS, "import os", host, scene, "say(0)")
    data = (tmp_path / "00000001.seg").read_bytes()
    assert len(data) == 100 * 24
    records = [data[at : at + 24] for at in range(0, len(data), 24)]
    assert all(sha256(record[:20]).digest()[:4] == record[20:] for record in records)
    boot, seq, when, value, run, field = struct.unpack("<IIIiHH", records[41][:20])
    assert (boot, seq, when - 42, value, run, field) == (7, 42, 1_795_334_400, -42_000, 0, 1)
    position = (tmp_path / "position").read_bytes()
    assert struct.unpack("<5I", position[:20]) == (1, 50 * 24, 7, 3, 1_795_334_400)
    assert sha256(position[:20]).digest()[:4] == position[20:]


def test_one_boot_at_a_time_and_no_more_than_asked_for(tmp_path):
    scene = """
        outbox = Outbox("o")
        outbox.append(records(*range(1, 71)))
        outbox.append(records(1, 2, boot=8))
        say([outbox.peek(1), outbox.peek(), outbox.peek(10**6)], [len(take(outbox)) for _ in range(4)], len(outbox))
    """
    assert play(tmp_path, WORDS, scene) == [[1, 25, 25], [25, 25, 20, 2], 0]


def test_what_was_read_is_not_read_again_by_the_next_start(tmp_path):
    scene = """
        seqs = []
        fill(Outbox("o"), 0, 2000)
        while len(Outbox("o")):
            seqs += take(Outbox("o"), 37)
        say(seqs == list(range(2000)), os.listdir("o"))
    """
    assert play(tmp_path, WORDS, scene) == [True, ["position"]]


def test_an_old_position_never_leads_in_a_new_segment(tmp_path):
    scene = """
        fill(Outbox("o"), 0, 10)
        take(Outbox("o"), 5)
        take(Outbox("o"))
        outbox = Outbox("o")
        fill(outbox, 10, 30)
        say(take_all(Outbox("o")) == list(range(10, 30)))
    """
    assert play(tmp_path, WORDS, scene) is True


@pytest.mark.parametrize("damage", ["b''", "b'x'", "b'x' * 12", "bytes(60)", "bytes(200)"])
def test_a_damaged_position_repeats_and_loses_nothing(tmp_path, damage):
    scene = f"""
        fill(Outbox("o"), 0, 800)
        take(Outbox("o"))
        with open("o/position", "wb") as file:
            file.write({damage})
        say(take_all(Outbox("o")) == list(range(800)))
    """
    assert play(tmp_path, WORDS, scene) is True


def test_the_oldest_segment_goes_when_the_limit_is_reached(tmp_path):
    scene = """
        blank(96)
        outbox = Outbox("o", 3)
        fill(outbox, 0, 3 * SEGMENT)
        before = outbox.dropped, len(outbox)
        take(outbox, 10)
        outbox.append(records(9999))
        after = outbox.dropped, len(outbox)
        seqs = take_all(Outbox("o", 3))
        say(before, after, seqs == list(range(SEGMENT, 3 * SEGMENT)) + [9999])
    """
    assert play(tmp_path, WORDS, scene) == [[0, 3 * SEGMENT], [SEGMENT - 10, 2 * SEGMENT + 1], True]


def test_records_peeked_before_the_limit_took_them_are_not_dropped_twice(tmp_path):
    scene = """
        blank(96)
        outbox = Outbox("o", 2)
        fill(outbox, 0, 2 * SEGMENT)
        count = outbox.peek()
        outbox.append(records(9999))
        outbox.drop(count)
        say(len(outbox), take_all(outbox)[0])
    """
    assert play(tmp_path, WORDS, scene) == [SEGMENT + 1, SEGMENT]


def test_a_full_file_system_loses_the_oldest_and_goes_on(tmp_path):
    scene = """
        blank(64)
        outbox = Outbox("o")
        fill(outbox, 0, 2 * SEGMENT)
        with open("ballast", "wb") as file:
            try:
                while True:
                    file.write(bytes(512))
                    file.flush()
            except OSError as error:
                full = error.args[0]
        first = outbox.dropped
        fill(outbox, 2 * SEGMENT, 4 * SEGMENT)
        seqs = take_all(Outbox("o"))
        missing = 4 * SEGMENT - len(seqs)
        say(full, outbox.dropped - first, missing - outbox.dropped, seqs == list(range(missing, 4 * SEGMENT)))
    """
    full, dropped, miscounted, in_order = play(tmp_path, WORDS, scene)
    assert full == 28
    assert dropped >= SEGMENT
    assert (miscounted, in_order) == (0, True)


def test_a_full_file_system_with_nothing_to_lose_refuses_and_is_well_when_there_is_room(tmp_path):
    scene = """
        blank(16)
        outbox = Outbox("o")
        number = 0
        with open("ballast", "wb") as file:
            try:
                while True:
                    file.write(bytes(64))
                    file.flush()
            except OSError:
                pass
        refused = 0
        for seq in range(300):
            try:
                outbox.append(records(seq))
            except OSError as error:
                refused += error.args[0] == 28
        count = len(outbox)
        os.remove("ballast")
        outbox.append(records(300))
        seqs = take_all(Outbox("o"))
        say(refused + outbox.dropped + count, seqs[-1], len(seqs) - count)
    """
    assert play(tmp_path, WORDS, scene) == [300, 300, 1]


def test_a_tenth_of_the_records_damaged_loses_no_other(tmp_path):
    scene = """
        fill(Outbox("o"), 0, 600)
        for seq in range(0, 600, 10):
            change("o/00000001.seg", seq * RECORD + seq % 24, bytes([0xA5 ^ seq & 0xFF, 0x5A]))
        outbox = Outbox("o")
        say(take_all(outbox) == [seq for seq in range(600) if seq % 10], outbox.damaged, len(outbox))
    """
    assert play(tmp_path, WORDS, scene) == [True, 60, 0]


@pytest.mark.parametrize("data", ["bytes(SIZE)", "b'\\xff' * SIZE", "os.urandom(SIZE)"])
def test_a_damaged_segment_is_skipped_and_counted(tmp_path, data):
    scene = f"""
        fill(Outbox("o"), 0, 2 * SEGMENT)
        change("o/00000001.seg", 0, {data})
        outbox = Outbox("o")
        say(take_all(outbox) == list(range(SEGMENT, 2 * SEGMENT)), outbox.damaged)
    """
    assert play(tmp_path, WORDS, scene) == [True, SEGMENT]


def test_skipping_is_remembered_so_that_a_reset_in_between_does_not_begin_again(tmp_path):
    scene = """
        fill(Outbox("o"), 0, 700)
        change("o/00000001.seg", 0, bytes(600 * RECORD))
        asked = 0
        while not Outbox("o").peek():
            asked += 1
        say(asked)
    """
    assert play(tmp_path, WORDS, scene) == 24


def test_a_segment_that_cannot_be_read_is_skipped_and_counted(tmp_path):
    """LittleFS says EIO or ECORRUPT (84) if a file's blocks are worn."""
    scene = """
        import builtins
        fill(Outbox("o"), 0, 2 * SEGMENT)
        outbox = Outbox("o")
        real = open
        def worn(path, mode="r"):
            if path == "o/00000001.seg" and mode == "rb":
                raise OSError(84)
            return real(path, mode)
        builtins.open = worn
        say(take_all(outbox) == list(range(SEGMENT, 2 * SEGMENT)), outbox.damaged)
    """
    assert play(tmp_path, WORDS, scene) == [True, SEGMENT]


def test_no_memory_for_a_file_is_no_reason_to_lose_it(tmp_path):
    scene = """
        import builtins
        outbox = Outbox("o")
        fill(outbox, 0, 5)
        real = open
        def scarce(path, mode="r"):
            raise OSError(12)
        builtins.open = scarce
        try:
            outbox.peek()
        except OSError as error:
            said = error.args[0]
        builtins.open = real
        say(said, take_all(outbox))
    """
    assert play(tmp_path, WORDS, scene) == [12, [0, 1, 2, 3, 4]]


@pytest.mark.parametrize("bytes_left", [1, 23, 24, 25, 47])
def test_a_torn_record_at_the_end_is_left_and_the_next_ones_go_into_a_new_segment(tmp_path, bytes_left):
    """LittleFS does not leave one; another file system may."""
    scene = f"""
        fill(Outbox("o"), 0, 5)
        with open("o/00000001.seg", "ab") as file:
            file.write(records(5, 6)[:{bytes_left}])
        outbox = Outbox("o")
        fill(outbox, 7, 9)
        seqs = take_all(Outbox("o"))
        say(seqs == list(range(5 + {bytes_left} // 24)) + [7, 8], len(outbox), outbox.damaged)
    """
    assert play(tmp_path, WORDS, scene) == [True, 7 + bytes_left // 24, 0]


def test_files_of_others_in_its_folder_are_left_alone(tmp_path):
    scene = """
        os.mkdir("o")
        for name in ("notes", "zzzzzzzz.seg", "00000001.txt"):
            with open("o/" + name, "w") as file:
                file.write("theirs")
        outbox = Outbox("o")
        fill(outbox, 0, 5)
        say(take_all(outbox), sorted(os.listdir("o")))
    """
    assert play(tmp_path, WORDS, scene) == [[0, 1, 2, 3, 4], ["00000001.txt", "notes", "zzzzzzzz.seg"]]


def test_flash_without_a_file_system_is_told_when_something_is_to_be_kept(tmp_path):
    scene = """
        outbox = Outbox("no/such/folder")
        try:
            outbox.append(records(1))
        except OSError as error:
            say(len(outbox), outbox.peek(), error.args[0])
    """
    assert play(tmp_path, WORDS, scene) == [0, 0, 2]


def test_the_starts_of_the_last_four_power_ups_are_remembered(tmp_path):
    scene = """
        outbox = Outbox("o")
        fill(outbox, 0, 20)
        for run in range(1, 7):
            outbox.remember_start(7, run, NOON + run)
            outbox.remember_start(7, run, NOON + run + 10)
            take(outbox, 1)
        outbox = Outbox("o")
        starts = [outbox.start_of(7, run) for run in range(1, 7)]
        say([start and start - NOON for start in starts], outbox.start_of(8, 6))
    """
    assert play(tmp_path, WORDS, scene) == [[None, None, 13, 14, 15, 16], None]


def test_a_start_that_is_remembered_as_a_segment_ends_is_kept_with_the_next_one(tmp_path):
    """It dates what is still to be read: without it those records would be lost."""
    scene = """
        blank(96)
        outbox = Outbox("o")
        fill(outbox, 0, SEGMENT + 20)
        while len(outbox) > 30:
            take(outbox)
        outbox.remember_start(7, 3, NOON)
        first = [take(outbox, len(outbox) - 20), Outbox("o").start_of(7, 3) == NOON]
        take(outbox)
        outbox.remember_start(7, 4, NOON + 1)
        fill(outbox, 0, 5)
        take(outbox, 2)
        again = Outbox("o")
        say(len(first[0]) > 0, first[1], len(again), [again.start_of(7, run) - NOON for run in (3, 4)])
    """
    assert play(tmp_path, WORDS, scene) == [True, True, 3, [0, 1]]


@pytest.mark.parametrize(("number", "lost"), [(5, 0), (84, 0), (28, 2726), (36, 2726)])
def test_only_flash_that_is_full_costs_the_oldest_and_another_fault_none(tmp_path, number, lost):
    """36 is LittleFS's word for a folder that has no room for a new name. After another fault a new segment begins."""
    scene = f"""
        import builtins
        outbox = Outbox("o")
        fill(outbox, 0, SEGMENT + 10)
        real, refusals = open, [{number}]
        def refuse(path, mode="r"):
            if mode == "ab" and refusals:
                raise OSError(refusals.pop())
            return real(path, mode)
        builtins.open = refuse
        try:
            outbox.append(records(9999))
            said = None
        except OSError as error:
            said = error.args[0]
        say(said, outbox.dropped, len(outbox), take_all(outbox)[-1])
    """
    said, dropped, waiting, newest = play(tmp_path, WORDS, scene)
    assert (said, dropped) == (None, lost)
    assert (waiting, newest) == (SEGMENT + 11 - lost, 9999)


def test_flash_that_stays_full_costs_all_that_is_older_and_is_told_then(tmp_path):
    scene = """
        import builtins
        outbox = Outbox("o")
        fill(outbox, 0, SEGMENT + 10)
        real, refusals = open, [0]
        def refuse(path, mode="r"):
            if mode == "ab":
                refusals[0] += 1
                raise OSError(28) if refusals[0] < 50 else RuntimeError("it tries for ever")
            return real(path, mode)
        builtins.open = refuse
        try:
            outbox.append(records(9999))
        except OSError as error:
            said = error.args[0]
        builtins.open = real
        left = len(outbox), outbox.dropped
        outbox.append(records(9999))
        say(said, left, take_all(Outbox("o")))
    """
    assert play(tmp_path, WORDS, scene) == [28, [0, SEGMENT + 10], [9999]]


def test_a_write_that_was_cut_short_is_no_write_and_the_records_go_into_the_next_segment(tmp_path):
    scene = """
        import builtins
        outbox = Outbox("o")
        fill(outbox, 0, 5)
        real = open
        class Short:
            def __init__(self, path):
                self.file = real(path, "ab")
            def __enter__(self):
                return self
            def __exit__(self, *error):
                self.file.close()
            def write(self, data):
                builtins.open = real
                return self.file.write(data[:30])
        builtins.open = lambda path, mode="r": Short(path) if mode == "ab" else real(path, mode)
        outbox.append(records(5, 6, 7))
        say(outbox.dropped, take_all(Outbox("o")))
    """
    assert play(tmp_path, WORDS, scene) == [6, [5, 6, 7]]


def test_a_position_that_cannot_be_written_lags_and_nothing_else(tmp_path):
    scene = """
        import builtins
        outbox = Outbox("o")
        fill(outbox, 0, 60)
        real = open
        def refuse(path, mode="r"):
            if mode == "wb":
                raise OSError(28)
            return real(path, mode)
        builtins.open = refuse
        outbox.remember_start(7, 1, NOON)
        taken = take(outbox) + take(outbox)
        builtins.open = real
        again = len(Outbox("o"))
        take(outbox, 1)
        say(len(taken), again, len(Outbox("o")), Outbox("o").start_of(7, 1) == NOON)
    """
    assert play(tmp_path, WORDS, scene) == [50, 60, 9, True]


def test_keeping_a_reading_costs_one_block_and_delivering_it_a_fraction(tmp_path):
    """Check the wear figures of docs/outbox.md, on a file system as large as a board's."""
    scene = """
        blank(763)
        start()
        server.fail = None
        measure(range(1000))
        kept = sum(flash.erases)
        server.fail = 200
        deliver_all()
        say(kept, sum(flash.erases) - kept, max(flash.erases), len(values()))
    """
    kept, delivered, worst, stored = play(tmp_path, WORDS, scene, heap="16m")
    assert stored == 1000
    assert kept <= 1100
    assert delivered <= 20
    assert worst <= 30


def test_the_documentation_states_the_limit_as_it_is():
    source = (ROOT / "firmware/device/lib/outbox.py").read_text()
    segments = int(re.search(r"_SEGMENTS = const\((\d+)\)", source)[1])
    records = segments * SEGMENT
    page = (ROOT / "docs" / "outbox.md").read_text()
    assert f"{records:,} readings" in page
    assert f"{records // 1440} days" in page
