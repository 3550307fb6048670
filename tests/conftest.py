"""Fixtures for all tests: every test that asks for `world` or `db` runs on SQLite, and again on PostgreSQL."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import templates
from dassie.domain import ids
from dassie.door import forms
from dassie.store.migrate import migrate
from dassie.store.postgres import PostgresDatabase
from dassie.store.sqlite import SqliteDatabase
from dassie.store.tx import Database
from lending import lent_media_tools
from mailbox_server import Mailbox
from worlds import PG_URL, MovableClock, World, new_world

DATABASES = ["sqlite", "postgresql"]
# A call of the API that reads what its route does not declare fails.
forms.CHECKED = True


@pytest.fixture(autouse=True)
async def alone() -> AsyncIterator[None]:
    """All tests share one event loop, and what one left running ends with it; ids begin anew, since clocks move."""
    ids.forget_last()
    yield
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


@pytest.fixture(scope="session")
async def lent() -> AsyncIterator[None]:
    """Connections to PostgreSQL, and workers for pictures, for all tests."""
    async with templates.lending(PG_URL), lent_media_tools():
        yield


@pytest.fixture(params=DATABASES)
async def database_url(request: pytest.FixtureRequest, lent: None) -> AsyncIterator[str]:
    """Empty for SQLite; a fresh, migrated PostgreSQL database, dropped afterwards."""
    if request.param == "sqlite":
        yield ""
        return
    if not PG_URL:
        reason = "PG_URL is not set: no PostgreSQL to test on"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    async with templates.postgres_copy(PG_URL) as url:
        yield url


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """A fresh server with its jobs running."""
    if not database_url:
        await templates.sqlite_copy(tmp_path / "dassie.db")
    async with new_world(tmp_path, database_url=database_url) as made:
        yield made


@pytest.fixture
async def idle_world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """A fresh server that runs no jobs: what is put into the queue stays there to be looked at."""
    if not database_url:
        await templates.sqlite_copy(tmp_path / "dassie.db")
    async with new_world(tmp_path, database_url=database_url, run_jobs=False) as made:
        yield made


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    """A mail server that keeps what it is given."""
    async with Mailbox() as made:
        yield made


@pytest.fixture
async def mail_world(tmp_path: Path, database_url: str, box: Mailbox) -> AsyncIterator[World]:
    """A fresh server that sends its letters to `box`."""
    if not database_url:
        await templates.sqlite_copy(tmp_path / "dassie.db")
    async with new_world(tmp_path, database_url=database_url, **box.settings) as made:
        yield made


@pytest.fixture
async def db(tmp_path: Path, database_url: str) -> AsyncIterator[Database]:
    """A bare, migrated database."""
    clock = MovableClock()
    opened: Database
    if database_url:
        opened = await PostgresDatabase.connect(database_url, clock)
    else:
        await templates.sqlite_copy(tmp_path / "dassie.db")
        opened = SqliteDatabase(tmp_path / "dassie.db", clock, full_sync=False)
    await migrate(opened)
    yield opened
    await opened.close()
