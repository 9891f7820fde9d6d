"""The error of a backup or a restore that fails."""


class BackupError(Exception):
    """The database was not copied or not replaced. The message is a sentence with the next thing to try."""
