"""Expected errors are one line of the log, and those that any client can cause are limited."""

import io
import logging

import pytest
from django.core.exceptions import DisallowedHost, SuspiciousFileOperation
from django.db import OperationalError
from django.http import HttpResponse, UnreadablePostError
from django.test import RequestFactory
from django.utils.log import log_response

from freetemp.log_lines import AT_ONCE, WITHIN_S, OneLine


@pytest.fixture
def clock(monkeypatch):
    clock = {"now": 1_000.0}
    monkeypatch.setattr("freetemp.log_lines.time.monotonic", lambda: clock["now"])
    return clock


@pytest.fixture
def logger():
    """A logger with the filter, and its lines."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    handler.addFilter(OneLine())
    logger = logging.Logger("of this test")
    logger.addHandler(handler)
    logger.lines = lambda: written.getvalue().splitlines()
    return logger


def fail(logger, error, message="%s: %s", *arguments):
    try:
        raise error
    except type(error):
        logger.exception(message, *arguments or ("Failed", "/"))


@pytest.mark.parametrize(
    "error", [DisallowedHost("Invalid\nHTTP_HOST 100%"), SuspiciousFileOperation("x"), UnreadablePostError("gone")]
)
def test_what_any_client_can_cause_is_a_warning_of_one_line(logger, error):
    fail(logger, error)
    (line,) = logger.lines()
    assert line == f"WARNING {type(error).__name__}: {' '.join(str(error).split())}"


def test_lines_of_one_kind_are_limited_by_the_minute_and_the_next_says_how_many_were_left_out(logger, clock):
    for _ in range(AT_ONCE + 7):
        fail(logger, DisallowedHost("x"))
    fail(logger, SuspiciousFileOperation("of another kind"))
    assert len(logger.lines()) == AT_ONCE + 1
    clock["now"] += WITHIN_S
    for _ in range(2):
        fail(logger, DisallowedHost("x"))
    assert logger.lines()[-2:] == [
        "WARNING DisallowedHost: x (7 more like it were left out)",
        "WARNING DisallowedHost: x",
    ]


def test_an_absent_database_is_one_error_line_each_time(logger):
    for _ in range(20):
        fail(logger, OperationalError("connection failed:\n\tIs the server running?"))
    assert set(logger.lines()) == {"ERROR Failed: /: connection failed: Is the server running?"}
    assert len(logger.lines()) == 20


def test_a_view_s_own_answer_to_come_again_later_is_no_error(logger):
    """Django logs each answer from 500 on as an error, such as that to one download too many."""
    request, response = RequestFactory().get("/readings.csv"), HttpResponse(status=503)
    log_response("%s: %s", response.reason_phrase, request.path, response=response, request=request, logger=logger)
    assert logger.lines() == []


def test_a_fault_of_freetemp_keeps_its_traceback_every_time(logger):
    for _ in range(20):
        fail(logger, KeyError("x"))
    assert logger.lines().count("Traceback (most recent call last):") == 20


def test_a_line_that_says_how_often_it_is_wanted_comes_as_often(logger, clock):
    for _ in range(10):
        logger.error("The clock is in the past.", extra={"every_s": 600})
        clock["now"] += 100
    assert logger.lines() == [
        "ERROR The clock is in the past.",
        "ERROR The clock is in the past. (5 more like it were left out)",
    ]
