"""What outlives the servers of single tests: connections to PostgreSQL, and the subprocess that opens pictures.

A new connection reads the whole catalogue, which took more time than what a test did with it; a new subprocess loads
libraries for half a second. All tests run in one event loop, so each server can borrow those of the server before it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from dassie import app
from dassie.adapters.media_tools import WorkerMediaTools
from dassie.ports import Clock
from dassie.store.postgres import OPTIONS, PostgresDatabase

_EMPTY = "SELECT empty_all()"
_END_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND (state <> 'idle' OR pid <> ALL($1))
"""


class Lender:
    """Lends connections to one database, to whoever opens it in the loop of the tests."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._loop = asyncio.get_running_loop()
        self.pids: set[int] = set()
        """Processes of PostgreSQL that serve these connections."""
        self._pools: dict[int, Any] = {}
        self._admin: Any = None

    def lends(self, url: str) -> bool:
        """Whether it is our database, and our loop."""
        return url == self._url and asyncio.get_running_loop() is self._loop

    async def connect(self, clock: Clock, size: int) -> PostgresDatabase:
        """As `PostgresDatabase.connect`."""
        if size not in self._pools:
            self._pools[size] = await asyncpg.create_pool(
                self._url, min_size=1, max_size=size, init=self._opened, **OPTIONS
            )
        return _Borrowed(self._pools[size], clock)

    async def _opened(self, connection: Any) -> None:
        self.pids.add(connection.get_server_pid())

    async def empty(self, *, kept: Collection[int] = ()) -> None:
        """Delete all rows; whoever still works on the database, or came from elsewhere, is cut off first.

        Not so our own that are idle, nor those of the processes `kept`.
        """
        if self._admin is None or self._admin.is_closed():
            self._admin = await asyncpg.connect(self._url)
            await self._opened(self._admin)
        await self._admin.execute(_END_OTHERS, [*self.pids, *kept])
        await self._admin.execute(_EMPTY)

    async def close(self) -> None:
        for pool in self._pools.values():
            await pool.close()
        if self._admin is not None:
            await self._admin.close()


class _Borrowed(PostgresDatabase):
    """Closing it gives nothing up."""

    async def close(self) -> None:
        """The next one goes on with the same connections."""


class _BorrowedTools(WorkerMediaTools):
    """As above."""

    async def close(self) -> None:
        """The next one goes on with the same subprocesses."""


@asynccontextmanager
async def lent_media_tools() -> AsyncIterator[None]:
    """While this runs, servers of this loop share the subprocesses that open pictures."""
    loop, shared = asyncio.get_running_loop(), _BorrowedTools()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            app, "WorkerMediaTools", lambda: shared if asyncio.get_running_loop() is loop else WorkerMediaTools()
        )
        yield
    await WorkerMediaTools.close(shared)
