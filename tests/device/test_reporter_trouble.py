"""What a report says of the board: its losses by their kind and number, and trouble until it is over."""

import pytest

from tests.device.in_vm import play

pytestmark = pytest.mark.sqlite_only


def test_each_kind_of_loss_is_told_with_its_number_behind_what_is_wrong(tmp_path):
    scene = """
        board.reporter.trouble = "dht22: hot"
        board.outbox.dropped, board.outbox.damaged = 3, 2
        board.reporter._lose(2, 5)
        board.reporter._lose(3, 7)
        measure([1])
        world.seconds += 60
        measure([2])
        say(server.troubles, board.outbox.dropped, board.outbox.damaged)
    """
    first, last = "dht22: hot; 5 without a date; 7 refused", "3 too many; 2 damaged; 5 without a date; 7 refused"
    assert play(tmp_path, scene) == [[first, f"dht22: hot; {last}"], 0, 0]


def test_a_damaged_record_is_told_and_the_others_arrive(tmp_path):
    scene = """
        server.fail = None
        measure(range(20))
        with open("outbox/00000001.seg", "rb") as file:
            data = bytearray(file.read())
        data[5 * 24 + 3] ^= 1
        data[6 * 24 + 3] ^= 1
        with open("outbox/00000001.seg", "wb") as file:
            file.write(data)
        server.fail = 200
        say(deliver_all(), values(), board.reporter._news())
    """
    assert play(tmp_path, scene) == [True, [*range(5), *range(7, 20)], "2 damaged"]


def test_more_losses_than_two_bytes_count_are_65535_and_outlast_any_start_but_that_after_the_power(tmp_path):
    scene = """
        measure([1])
        board.outbox.dropped = 70_000
        measure([2])
        board.outbox.dropped = 1
        measure([3])
        told = [board.reporter._news()]
        for cause in (World.WDT_RESET, World.SOFT_RESET, World.HARD_RESET, World.PWRON_RESET):
            told.append(start(cause).reporter._news())
        sleep(60)
        say(told)
    """
    assert play(tmp_path, scene) == ["65535 too many"] * 4 + [""]


def test_losses_are_told_for_a_day_by_a_board_that_sleeps_too(tmp_path):
    scene = """
        server.rejects = lambda reading, now: "value" if reading["seq"] == 1 else None
        for value in range(30):
            measure([value], every_s=1)
            sleep(3599)
        say(server.troubles)
    """
    assert play(tmp_path, scene) == [""] + ["1 refused"] * 24 + [""] * 5


def test_a_new_loss_begins_the_day_anew(tmp_path):
    scene = """
        server.rejects = lambda reading, now: "value" if reading["seq"] in (1, 21) else None
        measure(range(50), every_s=3600)
        say(server.troubles)
    """
    told = [""] + ["1 refused"] * 20 + ["2 refused"] * 24 + [""] * 5
    assert play(tmp_path, scene) == told


def test_trouble_that_nobody_took_is_tried_again_and_told_once(tmp_path):
    scene = """
        measure([1])
        board.reporter.trouble = "bme280: no answer"
        server.fail = 500
        asked = waits(3)
        server.fail = 200
        last = waits(3)
        say([bool(each) for each in asked], last, server.troubles[1:])
    """
    assert play(tmp_path, scene) == [[True, True, True], [None, None, None], ["bme280: no answer"]]


@pytest.mark.parametrize("status", [200, 400])
def test_trouble_of_the_very_first_second_is_told_once_in_ten_minutes(tmp_path, status):
    scene = f"""
        server.fail = {status}
        board.reporter.trouble = "mcp9808: absent"
        told = []
        for second in (0, 0, 1, 599, 1, 1):
            world.seconds += second
            board.reporter.deliver()
            told.append(len(server.reports))
        say(told)
    """
    assert play(tmp_path, scene) == [1, 1, 1, 1, 2, 2]


def test_trouble_without_readings_names_the_board_s_own_boot(tmp_path):
    scene = """
        server.fail = None
        measure([1, 2])
        start()
        server.fail = 200
        board.reporter.trouble = "x"
        deliver_all()
        world.seconds += 900
        board.reporter.deliver()
        say([report["boot"] == board.identity.boot for report in server.reports], sizes())
    """
    boots, sizes = play(tmp_path, scene)
    assert boots[-1] is True
    assert sizes[-1] == 0


def test_flash_that_is_well_again_is_no_trouble_any_more(tmp_path):
    scene = """
        def refuse(records):
            raise OSError(28)
        append, board.outbox.append = board.outbox.append, refuse
        server.fail = None
        measure([1])
        refused, board.outbox.append = board.reporter._news(), append
        measure([2])
        well, server.fail = board.reporter._news(), 200
        say(refused, well, deliver_all(), values(), server.troubles, server.wrong)
    """
    assert play(tmp_path, scene) == ["flash: error 28", "", True, [1, 2], [""], []]


def test_what_json_would_escape_is_a_question_mark_and_all_else_that_can_be_printed_stays(tmp_path):
    scene = """
        from report import printable
        plain = "".join(chr(code) for code in range(32, 127))
        say(printable(plain), printable("\\x1f\\x7f"), len(printable("x" * 121)))
    """
    plain = "".join(map(chr, range(32, 127))).replace('"', "?").replace("\\", "?")
    assert play(tmp_path, scene) == [plain, "??", 120]


def test_an_answer_is_a_receipt_only_for_the_report_s_own_last_number(tmp_path):
    scene = """
        from report import codes, receipt
        said = [receipt(b'{"ack": 5}', last) is not None for last in (4, 5, 6, None)]
        nothing = [receipt(answer, None) is not None for answer in (b'{"ack": null}', b'{}', b'{"ack": false}', b'7')]
        told = codes([{"seq": 1, "code": "a"}, {"seq": 2, "code": "b"}])
        say(said, nothing, [told[1], told[2], codes(None), codes([{"seq": 1}]), codes([7])])
    """
    told = [[False, True, False, False], [True, False, False, False], ["a", "b", {}, {}, {}]]
    assert play(tmp_path, scene) == told
