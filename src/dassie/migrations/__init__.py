"""Alembic's scripts, applied by `store/migrate.py`."""
