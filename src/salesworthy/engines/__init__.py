"""Where tables live and expressions run: one protocol, DuckDB by default."""
