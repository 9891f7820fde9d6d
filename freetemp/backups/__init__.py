"""Copies of the SQLite database: how one is made and checked, where it is kept, and how it is put back."""
