"""Uploads of stations to weather networks: what is sent, when, and what came of it."""
