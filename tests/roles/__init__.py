"""Who sees and does what: people with roles in groups of stations."""
