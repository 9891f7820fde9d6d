"""Proposals to set readings aside: the machine finds what no weather makes, and people take or refuse it."""
