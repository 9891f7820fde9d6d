"""Readings that people bring along in files: the command's way, and the admin's page."""
