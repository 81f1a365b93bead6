"""The append-only record: models, promotions, runs and the audit trail, in SQLite or on a PostgreSQL server."""
