"""The settings, the addresses, and what all apps share. The version stands here and nowhere else."""

__version__ = "1.0.0"
