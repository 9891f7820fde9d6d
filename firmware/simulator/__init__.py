"""A board on this computer: hardware for the MicroPython VM, and the code that runs the VM."""
