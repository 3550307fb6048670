"""Fixtures for all tests. Every test that asks for `world` runs on SQLite, and again on PostgreSQL where PG_URL is set."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from worlds import PG_URL, MovableClock, World, new_world

from dassie.store.migrate import migrate
from dassie.store.postgres import PostgresDatabase
from dassie.store.sqlite import SqliteDatabase
from dassie.store.tx import Database

DATABASES = ["sqlite", "postgresql"]


@pytest.fixture(params=DATABASES)
async def database_url(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """Empty for SQLite; a fresh PostgreSQL database, dropped afterwards."""
    if request.param == "sqlite":
        yield ""
        return
    if not PG_URL:
        reason = "PG_URL is not set: no PostgreSQL to test on"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    import asyncpg

    name = f"test_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(PG_URL)
    try:
        await admin.execute(f"CREATE DATABASE {name}")
        parts = urlsplit(PG_URL)
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await admin.close()


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """A fresh server with its jobs running."""
    async with new_world(tmp_path, database_url=database_url) as made:
        yield made


@pytest.fixture
async def db(tmp_path: Path, database_url: str) -> AsyncIterator[Database]:
    """A bare, migrated database."""
    clock = MovableClock()
    opened: Database
    if database_url:
        opened = await PostgresDatabase.connect(database_url, clock)
    else:
        opened = SqliteDatabase(tmp_path / "dassie.db", clock, full_sync=False)
    await migrate(opened)
    yield opened
    await opened.close()
