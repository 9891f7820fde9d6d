"""A .env is read in every form in which an editor saves it, and no message has a part of it."""

import environ
import pytest

from freetemp.conf.env_file import EnvFileError, settings_in, strange_lines_in, without

SECRET = "hunter2-hunter2-hunter2"
TEXT = f"SECRET_KEY={SECRET}\nMAP_ATTRIBUTION=© Ähre\nVAR_DIR=C:\\Users\\Jö #1\n"
READ = {"SECRET_KEY": SECRET, "MAP_ATTRIBUTION": "© Ähre", "VAR_DIR": "C:\\Users\\Jö #1"}


@pytest.fixture
def file(tmp_path):
    return tmp_path / ".env"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["unix", "windows", "old mac"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])  # The last two begin with a byte order mark.
def test_every_encoding_of_an_editor_is_read(file, encoding, end):
    file.write_bytes(TEXT.replace("\n", end).encode(encoding))
    assert settings_in(file) == READ
    assert strange_lines_in(file) == []


def test_a_utf_16_of_the_other_order_of_bytes_is_read(file):
    file.write_bytes(b"\xfe\xff" + TEXT.encode("utf-16-be"))
    assert settings_in(file) == READ


def test_another_encoding_is_told_by_the_line_and_nothing_of_it(file):
    file.write_bytes(f"DEBUG=off\nSECRET_KEY={SECRET}ä\n".encode("cp1252"))
    with pytest.raises(EnvFileError) as refused:
        settings_in(file)
    assert str(refused.value) == f"Line 2 of {file} is no UTF-8: save the file with the encoding UTF-8."
    assert SECRET not in repr(refused.getrepr(style="long"))


def test_without_a_file_there_is_no_setting(file):
    assert settings_in(file) == {}
    assert settings_in(file / "below a file that is none") == {}


@pytest.mark.parametrize(
    "line",
    [
        *("A=1", "export A=1", "A=", "A=x=y", "A=x #y", "A='x y'", 'A="x y"', "A='", 'A="', "A=''", "A='\"x\"'"),
        *(r'A="x\"y"', r'A="x\\y"', r'A="x\ny"', r"A=C:\new", "A='x'y", "# A=1", "", "A_1=x\nA_1=y"),
    ],
)
def test_a_line_means_what_it_means_for_django_environ(file, monkeypatch, line):
    monkeypatch.setattr(environ.Env, "ENVIRON", {})
    file.write_text(f"{line}\n")
    environ.Env.read_env(file)
    assert settings_in(file) == environ.Env.ENVIRON


@pytest.mark.parametrize("line", ["A = 1", "  A=1", "A= 1 ", "export  A=1", "\tA=1"])
def test_spaces_that_people_type_change_nothing(file, line):
    file.write_text(line)
    assert settings_in(file) == {"A": "1"}


def test_a_line_that_is_no_setting_is_known_by_its_number(file):
    file.write_text(f"# A comment\n\n  # another\nDEBUG=off\n{SECRET}\nSECRET KEY={SECRET}\n")
    assert strange_lines_in(file) == [5, 6]


def test_a_name_is_taken_out_wherever_it_is_set():
    text = "A=1\nexport B=2\n# B=3\nBB=4\n B = 5\r\nC=6"
    assert without("B", text) == "A=1\n# B=3\nBB=4\nC=6"
