"""Backups of the SQLite database: makes a copy, checks it, keeps it in a folder, and puts it back."""
