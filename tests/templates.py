"""Migrated databases to copy from, made once per test process: migrating takes longer than most tests."""

from __future__ import annotations

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

from dassie.adapters.clock import SystemClock
from dassie.store.migrate import migrate
from dassie.store.postgres import PostgresDatabase
from dassie.store.sqlite import SqliteDatabase

_made: dict[str, str] = {}


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
    """The address of a migrated database of one's own; dropped afterwards."""
    name = f"test_{os.getpid()}_{secrets.token_hex(4)}"
    admin = await asyncpg.connect(admin_url)
    try:
        template = await _template(admin, admin_url)
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield _beside(admin_url, name)
    finally:
        await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await admin.close()


async def _template(admin: asyncpg.Connection, admin_url: str) -> str:
    if "postgresql" not in _made:
        name = f"template_{os.getpid()}_{secrets.token_hex(4)}"
        await admin.execute(f"CREATE DATABASE {name}")
        db = await PostgresDatabase.connect(_beside(admin_url, name), SystemClock(), size=1)
        await migrate(db)
        await db.close()
        _made["postgresql"] = name
    return _made["postgresql"]


def _beside(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
