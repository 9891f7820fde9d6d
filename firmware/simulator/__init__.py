"""A board on this computer: its hardware for the MicroPython VM, and what runs that VM."""
