"""Settings of the environment and of .env: which one counts, and the sentence for each value that cannot be read."""

import logging
import os

import pytest
from django.core.exceptions import ImproperlyConfigured

from freetemp.conf.env import Env

SECRET = "hunter2-hunter2-hunter2"


@pytest.fixture
def env_of(tmp_path):
    def env_of(text):
        (tmp_path / ".env").write_text(text)
        return Env(tmp_path / ".env")

    return env_of


def test_the_environment_counts_more_than_the_file_and_stays_as_it_is(env_of, monkeypatch):
    monkeypatch.setenv("FIRST", "of the environment")
    monkeypatch.delenv("SECOND", raising=False)
    env = env_of("FIRST=of the file\nSECOND=of the file\n")
    assert (env.str("FIRST"), env.str("SECOND")) == ("of the environment", "of the file")
    assert (env.is_of_the_environment("FIRST"), env.is_of_the_environment("SECOND")) == (True, False)
    assert "SECOND" not in os.environ


def test_a_strange_line_is_logged_by_its_number_alone(env_of, caplog, tmp_path):
    with caplog.at_level(logging.WARNING):
        env_of(f"SECRET KEY={SECRET}\nDEBUG=off\n")
    assert caplog.messages == [f"Line 1 of {tmp_path / '.env'} is ignored: it is no setting. Write it like NAME=value."]


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path):
    (tmp_path / ".env").mkdir()
    with pytest.raises(ImproperlyConfigured, match=r"\.env"):
        Env(tmp_path / ".env")


def test_a_dollar_that_names_no_setting_is_a_part_of_the_value(env_of):
    env = env_of(f"A=${SECRET}\nB=$C\nC=x\n")
    assert (env.str("A", default=""), env.str("B", default="")) == (f"${SECRET}", "x")


@pytest.mark.parametrize(
    ("text", "is_on"),
    [("on", True), ("Yes", True), ("1", True), ("off", False), (" no ", False), ("0", False), ("", False)],
)
def test_a_yes_or_no(env_of, text, is_on):
    assert env_of(f"X='{text}'").on_or_off("X", default=True) is is_on
    assert env_of("").on_or_off("X", default=True)


@pytest.mark.parametrize("wrong", ["offf", "2y", "enabled", "-"])
def test_another_word_is_not_taken_for_a_no(env_of, wrong):
    with pytest.raises(ImproperlyConfigured, match=f"X is '{wrong}': give on or off."):
        env_of(f"X={wrong}").on_or_off("X", default=False)


@pytest.mark.parametrize(("text", "number"), [("730", 730), (" 7 ", 7), ("", None)])
def test_a_number(env_of, text, number):
    assert env_of(f"X='{text}'").number("X", default=None) == number


@pytest.mark.parametrize("wrong", ["2y", "-5", "0", "1.5", "1e3", "٣", "²", "9" * 5000])
def test_what_is_no_number_is_told_with_the_least_one(env_of, wrong):
    with pytest.raises(ImproperlyConfigured, match=r"X is '.*': give a whole number of at least 1\."):
        env_of(f"X={wrong}").number("X", default=None, least=1)


def test_a_list_has_no_spaces_and_no_empty_words(env_of):
    assert env_of("X= a, b ,,c,").words("X") == ["a", "b", "c"]
