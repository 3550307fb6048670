"""Alembic wants an env.py; `store/migrate.py` drives the scripts itself, so there is nothing to configure."""
