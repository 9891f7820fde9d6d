"""Several nodes on one PostgreSQL: what each of them says and does must be right for all."""
