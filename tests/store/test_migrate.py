"""Migrations: an empty database becomes exactly what store/tables says, on both databases, once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from sqlalchemy import literal_column, select, table

from dassie.domain.errors import Invalid
from dassie.store import migrate
from dassie.store.sqlite import SqliteDatabase
from dassie.store.tables import metadata
from dassie.store.tx import Database, Query, Statement, row
from worlds import MovableClock

_SQLITE_TABLES = Query(
    row,
    select(literal_column("name"), literal_column("sql")).select_from(table("sqlite_master")),
)
_COLUMNS = Query(
    row,
    select(literal_column("table_name"), literal_column("column_name"))
    .select_from(table("columns", schema="information_schema"))
    .where(literal_column("table_schema") == literal_column("'public'")),
)


def test_the_revision_in_the_code_is_the_newest_script() -> None:
    config = AlembicConfig()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [migrate.HEAD]


async def test_an_empty_database_becomes_what_the_tables_say(db: Database) -> None:
    expected = {(name, column.name) for name, made in metadata.tables.items() for column in made.columns}
    async with db.read() as tx:
        if db.name == "postgresql":
            found = {(name, column) for name, column in await tx.all(_COLUMNS)}
        else:
            found = set()
            for name, _ in await tx.all(_SQLITE_TABLES):
                if name in metadata.tables:
                    info = Query(row, select(literal_column("name")).select_from(_pragma(name)))
                    found |= {(name, column) for (column,) in await tx.all(info)}
    search = {"status_search", "account_search", "alembic_version"}
    assert {pair for pair in found if pair[0] not in search and not pair[0].startswith("pg_")} == expected


async def test_every_index_is_there(tmp_path: Path) -> None:
    db = SqliteDatabase(tmp_path / "a.db", MovableClock())
    await migrate.migrate(db)
    async with db.read() as tx:
        found: dict[str, str] = dict(await tx.all(_SQLITE_TABLES))
    await db.close()
    for made in metadata.tables.values():
        for index in made.indexes:
            assert index.name in found, f"{index.name} is missing: regenerate the migration"
            partial = index.dialect_options["sqlite"]["where"]
            assert (partial is not None) == (" WHERE " in (found[str(index.name)] or "").upper())


async def test_migrating_again_changes_nothing(db: Database) -> None:
    assert await migrate.current(db) == migrate.HEAD
    assert not await migrate.migrate(db)


async def test_a_database_of_a_newer_dassie_is_refused_with_a_sentence(db: Database) -> None:
    from sqlalchemy import column, update

    version = table("alembic_version", column("version_num"))
    async with db.write() as tx:
        await tx.run(Statement(update(version).values(version_num="9999")))
    with pytest.raises(Invalid, match="newer dassie"):
        await migrate.migrate(db)
    async with db.write() as tx:  # the database is used by other tests too
        await tx.run(Statement(update(version).values(version_num=migrate.HEAD)))


def _pragma(name: str) -> Any:
    from sqlalchemy import func

    return func.pragma_table_info(name).table_valued("name")
