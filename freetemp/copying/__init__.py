"""The way from SQLite to PostgreSQL: copies while the server runs, then takes what came since, and checks the copy."""
