"""The error of a copy to PostgreSQL that cannot begin or go on."""


class CopyError(Exception):
    """Nothing is wrong with SQLite's database after it. The message is a sentence with the next thing to try."""
