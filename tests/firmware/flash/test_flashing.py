"""The steps of a flash that need no board: what is made before anything is erased, and the wait for a reading."""

import io
from collections import deque
from types import SimpleNamespace

import pytest

from firmware.flash import board, flashing
from firmware.flash.board import Found
from firmware.flash.errors import (
    BoardGoneError,
    FlashModeError,
    FlashTooSmallError,
    NoMicroPythonError,
    NoReadingError,
    NoRoomForFilesError,
    NoSuchPortError,
    NotStartedError,
    OldMicroPythonError,
    UnknownFlashError,
    WrongImageError,
)
from firmware.flash.filesystem import Contents
from firmware.flash.flashing import Flashing, Options
from firmware.flash.ports import LineError
from firmware.flash.progress import Progress
from firmware.sources import LocalSource, NoAnswerError, SourceError
from stations.models import Key
from tests.conftest import MAC
from tests.firmware.flash.flashing import give_network, image_file
from tests.firmware.ready import use

SERVER = "http://192.168.1.5:8000"
OTHER_MAC = "5c:cf:7f:00:00:01"


class Output:
    """Stands for a board's console, to which nothing is connected: it waits for nothing, and counts."""

    def __init__(self, *lines):
        self.lines, self.reads = deque(lines), 0

    def read_for(self, duration_s):
        self.reads += 1


@pytest.fixture
def make(station, monkeypatch):
    """Return a function that makes a flash of the station, and the lines that it says."""
    monkeypatch.setattr("sys.stderr", io.StringIO())
    give_network(station)

    def make(source=None, **options):
        said = []
        options = {"port": "COM4", "server_url": SERVER} | options
        return Flashing(source or LocalSource(station), Options(**options), Progress(said.append)), said

    return make


class Answering(LocalSource):
    """Answers as it is told, then as the registry does."""

    answers = ()

    def has_reported(self, bundle):
        answer = next(self.answers, None)
        if isinstance(answer, Exception):
            raise answer
        return super().has_reported(bundle) if answer is None else answer


@pytest.fixture
def waiting(make, station):
    """Return a function that waits for the first reading with a source that answers so; returns what was shown."""

    def waiting(*answers, wait_s=60, output=None):
        source = Answering(station)
        source.answers = iter(answers)
        flash, said = make(source)
        percents = []
        output = output or Output()
        step = SimpleNamespace(percent=percents.append)
        flash._wait(source.bundle(SERVER), output, wait_s, step)
        return said, percents, output

    return waiting


def test_the_first_reading_ends_the_wait(waiting, make, station):
    said, percents, output = waiting(False, False, True)
    assert (said, output.reads) == ([], 2)
    assert percents == sorted(percents)
    assert all(0 <= percent < 100 for percent in percents)


def test_a_server_that_is_away_for_a_moment_is_asked_again(waiting):
    assert waiting(NoAnswerError("away"), NoAnswerError("away"), True)[2].reads == 2


def test_a_server_that_is_away_at_the_end_is_told_and_not_the_board_blamed(waiting):
    with pytest.raises(NoAnswerError, match="away"):
        waiting(NoAnswerError("away"), wait_s=0)


def test_another_trouble_of_the_server_ends_the_wait_at_once(waiting):
    with pytest.raises(SourceError, match="ended"):
        waiting(SourceError("ended"), True)


@pytest.mark.parametrize(
    ("lines", "printed"),
    [((), r"The board printed nothing\.$"), (("no WiFi", "again"), r"The board's last lines:\n  no WiFi\n  again$")],
)
def test_a_wait_that_is_over_says_what_the_board_printed(waiting, lines, printed):
    with pytest.raises(NoReadingError, match=rf"^No reading arrived within 0 s: .* reach {SERVER} from .*{printed}"):
        waiting(wait_s=0, output=Output(*lines))


def test_whoever_waits_for_a_silent_board_is_asked_once_for_its_button(waiting):
    said, _, output = waiting(*[False] * 40, True)
    assert said == ["The board has printed nothing so far: press its RST button now."]
    assert output.reads == 40
    assert waiting(*[False] * 15, True)[0] == []
    assert waiting(*[False] * 40, True, output=Output("freetemp starts"))[0] == []


def test_the_bar_follows_the_time_that_may_pass(waiting, monkeypatch):
    moments = iter([100.0, 100.0, 115.0, 130.0, 145.0])
    monkeypatch.setattr(flashing, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    assert waiting(False, False, False, True, wait_s=60)[1] == [0, 25, 50]


def test_a_bad_image_is_found_before_a_key_is_issued(make, station, tmp_path):
    (tmp_path / "bad.bin").write_bytes(b"<html>")
    flash, _ = make(image=tmp_path / "bad.bin")
    with pytest.raises(WrongImageError):
        flash._build("4MB")
    assert not Key.objects.exists()


def test_the_files_alone_want_no_image_and_go_with_their_number_and_size(make, tmp_path):
    flash, said = make(files_only=True)
    bundle, image = flash._build("4MB")
    assert image is None
    assert f"{len(bundle.files)} files, {sum(map(len, bundle.files.values()))} bytes" in said[0]
    flash, _ = make(image=image_file(tmp_path))
    assert flash._build("16MB")[1] == (tmp_path / "micropython.bin", "4MB")


def test_a_flash_without_room_is_found_before_a_key_is_issued(make, tmp_path):
    for size, error in ((None, UnknownFlashError), ("1MB", NoRoomForFilesError), ("512KB", FlashTooSmallError)):
        flash, _ = make(image=image_file(tmp_path))
        with pytest.raises(error):
            flash._build(size)
    assert not Key.objects.exists()


def test_the_files_alone_go_onto_a_flash_of_any_size(make):
    flash, _ = make(files_only=True)
    assert flash._build(None)[1] is None


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"files_only": True}, NoMicroPythonError),
        ({"flash_mode": "qio"}, FlashModeError),
        ({"flash_mode": "dio"}, FlashModeError),
        ({}, NotStartedError),
    ],
)
def test_what_to_try_next_depends_on_what_was_tried(make, options, error):
    flash, _ = make(**options)
    assert type(flash._no_answer()) is error


@pytest.mark.parametrize("mpy", [5, 7, 0])
def test_another_mpy_version_is_refused_before_a_file_is_copied(make, mpy):
    flash, _ = make(files_only=True)
    bundle, _ = flash._build("4MB")
    with pytest.raises(
        OldMicroPythonError, match=rf"MicroPython 1\.2, which loads \.mpy files of version {mpy}, not 6"
    ):
        flash._copy(bundle, Contents(mpy, "1.2"), lambda percent: None)


@pytest.mark.parametrize("error", [NoSuchPortError(port="COM4", seen=""), LineError("gone")])
def test_a_port_that_goes_within_a_step_is_the_board_that_went(error):
    with pytest.raises(BoardGoneError, match="during “start”"), flashing._watched("start"):
        raise error


def test_other_trouble_within_a_step_stays_as_it_is():
    with pytest.raises(NoReadingError), flashing._watched("start"):
        raise NoReadingError(seconds=1, server="", printed="")


def test_what_goes_wrong_is_told_without_the_secrets_that_a_program_repeated(make, station, monkeypatch):
    flash, _ = make(files_only=True)
    monkeypatch.setattr(flash, "_look", lambda: Found(MAC, "4MB"))
    keys = []

    def fail(bundle, image):
        keys.append(bundle.files["config.json"].split(b'"key":')[1].split(b'"')[1].decode())
        raise NoReadingError(seconds=1, server=SERVER, printed=f"using {keys[0]} and correct horse battery")

    monkeypatch.setattr(flash, "_write", fail)
    with pytest.raises(NoReadingError, match=r"using \*\*\* and \*\*\*$"):
        flash.run()
    use(keys[0])


@pytest.mark.parametrize("fails", ["_build", "_write"])
def test_a_flash_that_fails_leaves_the_station_its_board_and_key(make, station, monkeypatch, fails):
    live = Key.objects.issue(station)
    use(live)
    flash, _ = make(files_only=True, replace_mac=True)
    monkeypatch.setattr(board, "look", lambda port, on_percent: Found(OTHER_MAC, "4MB"))

    def fail(*args):
        raise SourceError("no WiFi")

    monkeypatch.setattr(flash, fails, fail)
    with pytest.raises(SourceError, match="no WiFi"):
        flash.run()
    assert Key.objects.authenticate(MAC, live) is not None


def test_the_board_is_the_station_s_before_it_starts(make, station, monkeypatch):
    flash, _ = make(files_only=True, replace_mac=True)
    monkeypatch.setattr(board, "look", lambda port, on_percent: Found(OTHER_MAC, "4MB"))
    monkeypatch.setattr(flash, "_write", lambda bundle, image: None)
    macs = []
    monkeypatch.setattr(flash, "_start", lambda bundle, masked: macs.append(flash.source.station().mac))
    flash.run()
    assert macs == [OTHER_MAC]


def test_a_flash_waits_3_minutes_unless_it_is_told_otherwise():
    """WiFi takes 20 s for each network, and a reading its time."""
    options = Options(port="COM4")
    assert (options.wait_s, options.baud, options.files_only, options.replace_mac) == (180, 460_800, False, False)
    assert (options.flash_size, options.flash_mode) == (None, "dout")
