"""A flash that is full, worn or damaged, in MicroPython's own LittleFS: the board reports on, and says what it lost."""

import pytest

from tests.device.in_vm import play

pytestmark = pytest.mark.sqlite_only

WORDS = """
    import builtins, os, random
    from outbox import Outbox
    from records import RECORD, pack, unpack
    SEGMENT = 2726
    real = open

    def records(*seqs):
        data = bytearray(len(seqs) * RECORD)
        for index, seq in enumerate(seqs):
            pack(data, index, 7, seq, NOON + seq, seq, 0, 1)
        return data

    def fill(outbox, first, end):
        for seq in range(first, end, 25):
            outbox.append(records(*range(seq, min(seq + 25, end))))

    def take_all(outbox):
        seqs = []
        while len(outbox):
            count = outbox.peek()
            seqs.extend(unpack(outbox.buffer, at)[1] for at in range(count))
            if count:
                outbox.drop(count)
        return seqs

    def until_full(change):
        try:
            number = 0
            while True:
                change(number)
                number += 1
        except OSError as error:
            return error.args[0]

    def ballast(number=0):
        with real("ballast", "ab") as file:
            return until_full(lambda number: (file.write(bytes(512)), file.flush()))

    def small(folder):
        def make(number):
            with real("%s/x%x" % (folder, number), "wb") as file:
                file.write(bytes(100))
        return until_full(make)

    def power_on():
        world.rtc = b""
        return start()
"""


def test_a_board_that_starts_on_a_full_flash_keeps_readings_as_soon_as_there_is_room(tmp_path):
    """There is no room for the outbox's folder, so that it is missing."""
    scene = """
        blank(16)
        ballast()
        small("/flash")
        server.fail = None
        power_on()
        measure(range(30))
        before = board.reporter._flash, len(board.outbox)
        os.remove("ballast")
        measure(range(30, 60))
        server.fail = 200
        deliver_all()
        said = [trouble for trouble in server.troubles if trouble]
        say(before, values(), said[-1])
    """
    (flash, kept), values, said = play(tmp_path, WORDS, scene)
    assert (flash in ("flash: error 28", "flash: error 36"), kept) == (True, 0)
    assert values == list(range(22, 60))
    assert said == "22 too many"


def test_a_report_that_needs_no_flash_goes_out_from_a_full_one(tmp_path):
    scene = """
        blank(16)
        ballast()
        small("/flash")
        power_on()
        measure(range(20))
        say(values(), server.troubles[-1])
    """
    assert play(tmp_path, WORDS, scene) == [list(range(20)), ""]


def test_a_number_of_free_blocks_above_all_blocks_is_none(tmp_path):
    """MicroPython counts each folder's blocks twice, and wraps below zero: findings/ has it."""
    scene = """
        blank(64)
        outbox = Outbox("o")
        fill(outbox, 0, SEGMENT)
        until_full(lambda number: os.mkdir("d%d" % number))
        free, blocks = os.statvfs("o")[3], os.statvfs("o")[2]
        outbox.append(records(SEGMENT))
        say(free > blocks, outbox.dropped, take_all(Outbox("o")))
    """
    assert play(tmp_path, WORDS, scene) == [True, 2726, [2726]]


def test_free_blocks_that_cannot_be_counted_stop_nothing(tmp_path):
    """statvfs() visits every file, and fails at a damaged one."""
    scene = """
        outbox = Outbox("o")
        fill(outbox, 0, SEGMENT)
        def refuse(path):
            raise OSError(84)
        import outbox as module
        class Files:
            statvfs = staticmethod(refuse)
            def __getattr__(self, name):
                return getattr(os, name)
        module.os = Files()
        outbox.append(records(SEGMENT))
        module.os = os
        say(outbox.dropped, len(Outbox("o")))
    """
    assert play(tmp_path, WORDS, scene) == [0, 2727]


REFUSE = """
    refused = []
    def refuse(path, mode="r"):
        if mode == "ab" and (not refused or path == refused[0] or %s):
            refused.append(path)
            raise OSError(%d)
        return real(path, mode)
"""


@pytest.mark.parametrize("number", [5, 84])
def test_a_segment_that_cannot_be_written_is_left_for_the_next_one(tmp_path, number):
    scene = """
        outbox = Outbox("o")
        fill(outbox, 0, 10)
        builtins.open = refuse
        for seq in range(10, 40):
            outbox.append(records(seq))
        builtins.open = real
        say(len(refused), outbox.dropped, outbox.damaged, len(os.listdir("o")), take_all(Outbox("o")))
    """
    tried, dropped, damaged, files, seqs = play(tmp_path, WORDS, REFUSE % ("False", number), scene)
    assert (tried, dropped, damaged, files) == (1, 0, 0, 2)
    assert seqs == list(range(40))


def test_a_flash_that_refuses_for_good_loses_nothing_that_is_on_it(tmp_path):
    scene = """
        outbox = Outbox("o", 3)
        fill(outbox, 0, 10)
        builtins.open = refuse
        said = []
        for seq in range(10, 40):
            try:
                outbox.append(records(seq))
            except OSError as error:
                said.append(error.args[0])
        builtins.open = real
        outbox.append(records(40))
        say(said, len(outbox._segments), outbox.dropped, outbox.damaged, take_all(Outbox("o")))
    """
    said, segments, dropped, damaged, seqs = play(tmp_path, WORDS, REFUSE % ("True", 30), scene)
    assert (said, segments, dropped, damaged) == ([30] * 30, 2, 0, 0)
    assert seqs == [*range(10), 40]


def test_a_flash_that_forgot_its_newest_changes_is_counted_and_written_on(tmp_path):
    """Half of the root folder is lost, and LittleFS goes back to what the other half says: there is no outbox yet."""
    scene = """
        blank(32)
        server.fail = None
        power_on()
        measure(range(40))
        flash.data[4096:8192] = bytes(4096)
        measure(range(40, 80))
        server.fail = 200
        done = deliver_all()
        say(done, values(), server.troubles[-1])
    """
    assert play(tmp_path, WORDS, scene) == [True, list(range(40, 80)), "40 damaged"]


def test_a_segment_whose_file_is_damaged_is_counted_when_it_is_read(tmp_path):
    scene = """
        outbox = Outbox("o")
        fill(outbox, 0, 10)
        import outbox as module
        class Files:
            def stat(self, path):
                raise OSError(84)
            def __getattr__(self, name):
                return getattr(os, name)
        def refuse(path, mode="r"):
            if path == "o/00000001.seg":
                raise OSError(84)
            return real(path, mode)
        builtins.open, module.os = refuse, Files()
        outbox.append(records(10))
        say(take_all(outbox), outbox.damaged, outbox.dropped)
    """
    assert play(tmp_path, WORDS, scene) == [[10], 10, 0]


@pytest.mark.parametrize("seed", range(2))
def test_whatever_fills_the_flash_the_newest_arrive_and_all_others_are_counted(tmp_path, seed):
    """Files and folders of others come and go, also in the outbox's own folder, and the board restarts in between."""
    scene = f"""
        def others(step):
            kind = random.getrandbits(8) % 8
            if kind == 0:
                with real("outbox/f%d" % random.getrandbits(6), "ab") as file:
                    file.write(bytes(random.getrandbits(8)))
            elif kind == 1:
                ballast()
            elif kind == 2:
                until_full(lambda number: os.mkdir("d%d" % (100 * step + number)))
            elif kind == 3:
                small("/flash/outbox" if random.getrandbits(1) else "/flash")
            elif kind == 4:
                os.remove("ballast")
            elif kind == 5:
                os.rmdir("d%d" % (100 * step))
            elif kind == 6 and not board.reporter._fresh_count:  # Those in RAM alone would be lost.
                start(World.SOFT_RESET, 3)

        wrong = []
        for turn in range(4):
            random.seed(100 * {seed} + turn)
            blank(16 + random.getrandbits(3))
            power_on()
            start(World.SOFT_RESET, 3)
            server.fail, server.stored, count, lost = None, [], 0, 0
            for step in range(30):
                try:
                    others(step)
                except OSError:
                    pass
                for _ in range(random.getrandbits(4)):
                    count += 1
                    measure([count])
            server.fail = 200
            done = deliver_all()
            arrived = values()
            newest = arrived[-4:]
            order = newest == list(range(count - len(newest) + 1, count + 1)) and arrived == sorted(arrived)
            if not done or not newest or not order or len(arrived) + sum(board.reporter._losses) < count:
                wrong.append((turn, count, arrived[-9:], board.reporter._losses, board.reporter._flash))
        say("wrong", wrong)
    """
    assert play(tmp_path, WORDS, scene, heap="64m") == ["wrong", []]
