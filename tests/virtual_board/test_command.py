"""python -m tests.virtual_board: a board to try commands on."""

import runpy
import sys

import pytest


def test_without_a_micropython_for_this_computer_it_says_what_brings_one(monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("firmware.simulator.vm.sys.executable", "/nowhere/python")
    monkeypatch.setattr(sys, "argv", ["tests.virtual_board", "--with-micropython"])
    with pytest.raises(SystemExit) as left:
        runpy.run_module("tests.virtual_board", run_name="__main__")
    assert left.value.code == 1
    assert capsys.readouterr().err == (
        "MicroPython is not installed: run /nowhere/python -m pip install -r requirements/simulator.txt\n"
    )
