"""Boards with the project's firmware in the MicroPython VM, led step by step through a simulated year."""
