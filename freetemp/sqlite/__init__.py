"""Django's backend for SQLite, which also reads a database on a disk that cannot be written."""
