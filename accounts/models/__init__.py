"""What accounts have beside Django's users."""
