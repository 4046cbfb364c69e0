"""The database engine: Django's for PostgreSQL, with a pool that notices a restart and an outage at once."""
