"""The way from SQLite to PostgreSQL, each time from a real file to a real PostgreSQL."""
