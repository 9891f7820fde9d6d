"""The board's MicroPython answers at a terminal as the port's does."""

import socket

import pytest

from tests.programs import PATIENCE_S
from tests.virtual_board import VirtualBoard
from tests.virtual_board.terminal import Terminal

pytestmark = pytest.mark.sqlite_only

TICKING = "import time\nwhile True:\n    print('tick')\n    time.sleep_ms(10)\n"


def test_a_line_is_echoed_and_its_value_printed(terminal: Terminal) -> None:
    terminal.type(b"\r\x03")
    terminal.hear(b">>> ")
    terminal.type(b"6 * 7\r")
    terminal.hear(b"6 * 7\r\n42\r\n>>> ")


def test_the_raw_repl_separates_what_is_printed_from_what_went_wrong(terminal: Terminal) -> None:
    terminal.enter_raw()
    assert terminal.run("print('one')\nraise ValueError('two')") == (
        "one\r\n",
        'Traceback (most recent call last):\r\n  File "<stdin>", line 2, in <module>\r\nValueError: two\r\n',
    )


def test_raw_paste_is_understood_and_refused(terminal: Terminal) -> None:
    terminal.enter_raw()
    terminal.type(b"\x05A\x01")
    terminal.hear(b"R\x00")
    assert terminal.run("print(1)") == ("1\r\n", "")


def test_names_stay_until_a_soft_reset(terminal: Terminal) -> None:
    terminal.enter_raw()
    terminal.run("a = 1")
    assert terminal.run("print(a)") == ("1\r\n", "")
    terminal.type(b"\x04")
    terminal.hear(b"OK\r\nMPY: soft reboot\r\nraw REPL; CTRL-B to exit\r\n>")
    assert "NameError" in terminal.run("print(a)")[1]


def test_ctrl_b_leaves_the_raw_repl(terminal: Terminal) -> None:
    terminal.enter_raw()
    terminal.type(b"\x02")
    terminal.hear(b'ESP module with ESP8266\r\nType "help()" for more information.\r\n>>> ')


def test_main_runs_at_a_hard_reset_and_is_interrupted_by_ctrl_c(board: VirtualBoard, terminal: Terminal) -> None:
    (board.files / "main.py").write_text(TICKING)
    board.press_reset()
    terminal.hear(b"tick\r\ntick\r\n")
    terminal.type(b"\x03")
    heard = terminal.hear(b">>> ")
    assert b'File "main.py", line ' in heard
    assert b"KeyboardInterrupt" in heard
    assert b"executor" not in heard


def test_main_runs_at_a_soft_reset_but_not_one_from_the_raw_repl(board: VirtualBoard, terminal: Terminal) -> None:
    (board.files / "main.py").write_text("print('main')")
    terminal.enter_raw()
    terminal.type(b"\x04")
    assert b"main" not in terminal.hear(b"raw REPL; CTRL-B to exit\r\n>")
    terminal.type(b"\x02")
    terminal.hear(b">>> ")
    terminal.type(b"\x04")
    assert terminal.hear(b">>> ").startswith(b"\r\nMPY: soft reboot\r\nmain\r\n")


def test_an_exception_of_main_leaves_the_repl(board: VirtualBoard, terminal: Terminal) -> None:
    (board.files / "main.py").write_text("1 / 0")
    board.press_reset()
    assert b"ZeroDivisionError" in terminal.hear(b">>> ")


def test_interrupts_in_number_leave_the_repl(board: VirtualBoard, terminal: Terminal) -> None:
    (board.files / "main.py").write_text(TICKING)
    for _ in range(5):
        board.press_reset()
        terminal.type(b"\x03\x03\r\x03\x03\x03")
        terminal.enter_raw()
        assert terminal.run("print(3)") == ("3\r\n", "")


def test_code_may_catch_an_interrupt_and_go_on(terminal: Terminal) -> None:
    terminal.enter_raw()
    terminal.type(b"import time\ntry:\n  print('go')\n  time.sleep(60)\nexcept KeyboardInterrupt: print('caught')\x04")
    terminal.hear(b"go\r\n")
    terminal.type(b"\x03")
    terminal.hear(b"caught\r\n\x04\x04>")
    assert terminal.run("print(4)") == ("4\r\n", "")


def test_machine_reset_starts_main_again(board: VirtualBoard, terminal: Terminal) -> None:
    (board.files / "main.py").write_text("import machine\nprint('cause', machine.reset_cause())")
    terminal.enter_raw()
    terminal.type(b"import machine; machine.reset()\x04")
    terminal.hear(b"cause 4\r\n")


def test_deep_sleep_ends_with_main(board: VirtualBoard, terminal: Terminal) -> None:
    (board.files / "main.py").write_text("import machine\nprint('cause', machine.reset_cause())")
    terminal.enter_raw()
    terminal.type(b"import machine; machine.deepsleep(50)\x04")
    terminal.hear(b"cause 5\r\n")


def test_a_soft_reset_leaves_the_watchdog_without_what_fed_it(board: VirtualBoard, terminal: Terminal) -> None:
    (board.files / "main.py").write_text("import machine\nprint('cause', machine.reset_cause())")
    terminal.enter_raw()
    terminal.run("import machine; watchdog = machine.WDT()")
    terminal.type(b"\x04")
    terminal.hear(b"raw REPL; CTRL-B to exit\r\n>")
    terminal.hear(b"cause 3\r\n")


def test_the_network_of_the_board_is_that_of_the_computer(board: VirtualBoard, terminal: Terminal) -> None:
    board.around(speed=20)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE_S)
        terminal.enter_raw()
        terminal.run(
            "import network, time; wlan = network.WLAN(0); wlan.active(True); wlan.connect('any'); time.sleep(2)"
        )
        terminal.run(f"import socket; address = socket.getaddrinfo('127.0.0.1', {server.getsockname()[1]})[0][-1]")
        terminal.run("s = socket.socket(); s.connect(address); s.send(b'hello')")
        with server.accept()[0] as connection:
            assert connection.recv(5) == b"hello"


def test_the_memory_of_the_clock_outlives_a_reset_but_not_the_power(board: VirtualBoard, terminal: Terminal) -> None:
    (board.files / "main.py").write_text("import machine\nprint('rtc', machine.RTC().memory())")
    terminal.enter_raw()
    terminal.run("import machine; machine.RTC().memory(b'kept')")
    board.press_reset()
    terminal.hear(b"rtc b'kept'\r\n")
    board.unplug()
    board.plug()
    with Terminal(board.port) as again:
        again.enter_raw()
        assert again.run("import machine; print(machine.RTC().memory())") == ("b''\r\n", "")


def test_the_files_of_the_computer_are_out_of_reach(board: VirtualBoard, terminal: Terminal) -> None:
    terminal.enter_raw()
    assert "ENOENT" in terminal.run("open('/etc/hostname')")[1]
    assert terminal.run("import os; print(os.getcwd(), os.listdir('/'))") == ("/ ['boot.py']\r\n", "")
    terminal.run("f = open('/written', 'w'); f.write('here'); f.close()")
    assert (board.files / "written").read_text() == "here"


def test_modules_come_from_the_board_and_hardware_from_the_simulator(board: VirtualBoard, terminal: Terminal) -> None:
    (board.files / "lib").mkdir()
    (board.files / "lib" / "ours.py").write_text("ours = True")
    terminal.enter_raw()
    assert terminal.run("import ours, network; print(ours.ours, network.STA_IF)") == ("True 0\r\n", "")


def test_a_full_file_system_says_so(board: VirtualBoard, terminal: Terminal) -> None:
    board.full = True
    terminal.enter_raw()
    terminal.type(b"\x04")
    terminal.hear(b"raw REPL; CTRL-B to exit\r\n>")
    assert terminal.run("f = open('a', 'w'); f.write('b')")[1].endswith("OSError: 28\r\n")
    assert terminal.run("import os; print(os.statvfs('/')[3])") == ("0\r\n", "")


@pytest.mark.parametrize(("version", "mpy"), [((1, 18, 0), 5), ((1, 29, 0), 6)])
def test_a_board_says_which_micropython_it_has(version: tuple[int, int, int], mpy: int) -> None:
    with VirtualBoard(micropython=version) as board:
        board.install_micropython()
        with Terminal(board.port) as terminal:
            terminal.enter_raw()
            assert terminal.run("import sys; print(sys.implementation.version, sys.implementation._mpy)") == (
                f"{version} {mpy}\r\n",
                "",
            )
