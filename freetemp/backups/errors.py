"""What may go wrong with a backup."""


class BackupError(Exception):
    """The database was not copied or not replaced. The message is a sentence with the next thing to try."""
