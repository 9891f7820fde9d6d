"""The settings, the addresses, and the modules that all apps share. Only this file has the version."""

__version__ = "1.0.0"
