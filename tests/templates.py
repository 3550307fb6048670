"""Migrated databases to copy from, made once per test process: migrating takes longer than most tests."""

from __future__ import annotations

import asyncio
import atexit
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from dassie.adapters.clock import SystemClock
from dassie.ports import Clock
from dassie.store.migrate import migrate
from dassie.store.postgres import PostgresDatabase
from dassie.store.sqlite import SqliteDatabase
from dassie.store.tables import metadata
from lending import Lender

_EMPTYING = "CREATE FUNCTION empty_all() RETURNS void LANGUAGE plpgsql AS $$ BEGIN {} END $$"
"""A function, since it keeps its plans: a hundred statements on empty tables are then done in a millisecond."""
_made: dict[str, str] = {}
_lender: Lender | None = None


async def sqlite_copy(path: Path) -> None:
    """Put a migrated database file at `path`."""
    if "sqlite" not in _made:
        folder = Path(tempfile.mkdtemp(prefix="dassie-template-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        db = SqliteDatabase(folder / "dassie.db", SystemClock(), full_sync=False)
        await migrate(db)
        await db.close()
        _made["sqlite"] = str(folder / "dassie.db")
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_made["sqlite"], path)


@asynccontextmanager
async def postgres_copy(admin_url: str) -> AsyncIterator[str]:
    """The address of a migrated, empty database of this process; emptied again afterwards.

    Emptying takes a few milliseconds, making a database a quarter of a second.
    """
    url = await _own_postgres(admin_url)
    yield url
    if _lender is not None and _lender.lends(url):
        await _lender.empty()
        return
    other = Lender(url)  # of a test with a loop of its own
    await other.empty(kept=_lender.pids if _lender is not None else ())
    await other.close()


@asynccontextmanager
async def lending(admin_url: str) -> AsyncIterator[None]:
    """While this runs, servers of this loop borrow connections to `postgres_copy`; without address none do."""
    global _lender
    if not admin_url:
        yield
        return
    own = PostgresDatabase.connect

    async def connect(url: str, clock: Clock, *, size: int = 10) -> PostgresDatabase:
        if _lender is not None and _lender.lends(url):
            return await _lender.connect(clock, size)
        return await own(url, clock, size=size)

    _lender = Lender(await _own_postgres(admin_url))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PostgresDatabase, "connect", connect)
        yield
    await _lender.close()
    _lender = None


async def _own_postgres(admin_url: str) -> str:
    if "postgresql" not in _made:
        name = f"test_{os.getpid()}_{secrets.token_hex(4)}"
        admin = await asyncpg.connect(admin_url)
        await admin.execute(f"CREATE DATABASE {name}")
        await admin.close()
        db = await PostgresDatabase.connect(_beside(admin_url, name), SystemClock(), size=1)
        await migrate(db)
        await db.script(_EMPTYING.format("".join(f"DELETE FROM {table};" for table in _tables())))
        await db.close()
        _made["postgresql"] = _beside(admin_url, name)
        atexit.register(lambda: asyncio.run(_drop(admin_url, name)))
    return _made["postgresql"]


async def _drop(admin_url: str, name: str) -> None:
    admin = await asyncpg.connect(admin_url)
    await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await admin.close()


def _tables() -> list[str]:
    """Children first, so that nothing is deleted by way of its parent."""
    own = [table.name for table in reversed(metadata.sorted_tables)]
    return [*own, "status_search", "account_search"]


def _beside(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
