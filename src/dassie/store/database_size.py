"""How much of the disk the database takes, as it says itself: cheap enough for every few seconds."""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy import text

from dassie.store.tx import Query, Tx


class DatabaseSize(Struct, frozen=True):
    """Bytes of the database."""

    total: int
    free: int
    """Of these, pages that are empty and used again before it grows. PostgreSQL does not tell: 0."""


class PartSize(Struct, frozen=True):
    """Bytes of a table or an index."""

    name: str
    bytes: int


_PAGES = "(SELECT page_size FROM pragma_page_size())"
_SQLITE = Query(
    DatabaseSize,
    text(
        f"SELECT (SELECT page_count FROM pragma_page_count()) * {_PAGES}, "
        f"(SELECT freelist_count FROM pragma_freelist_count()) * {_PAGES}"
    ),
)
_POSTGRES = Query(DatabaseSize, text("SELECT pg_database_size(current_database()), 0"))
_PARTS = Query(  # tables with their TOAST and maps, and each index for itself
    PartSize,
    text(
        "SELECT c.relname, CASE c.relkind WHEN 'r' THEN pg_table_size(c.oid) ELSE pg_relation_size(c.oid) END "
        "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'i') AND n.nspname = current_schema()"
    ),
)
DBSTAT = "SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE"
"""The same for SQLite, where it was compiled in: it reads every page, so never on the loop."""


async def measure(tx: Tx) -> DatabaseSize:
    """Its size now."""
    found = await tx.one(_SQLITE if tx.database == "sqlite" else _POSTGRES)
    assert found is not None
    return found


async def postgres_parts(tx: Tx) -> list[PartSize]:
    """What each table and index takes, on PostgreSQL."""
    return await tx.all(_PARTS)
