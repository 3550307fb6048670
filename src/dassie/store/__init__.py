"""Nouns: rows and queries. All SQL is here, for SQLite and PostgreSQL alike."""
