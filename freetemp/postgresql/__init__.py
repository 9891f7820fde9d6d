"""Django's backend for PostgreSQL, made ready for poolers and for a server that another one takes over from."""
