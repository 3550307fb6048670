"""PostgreSQL: a pool of connections behind the same unit of work."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar

import asyncpg

from dassie.domain.errors import Busy
from dassie.ports import Clock
from dassie.store.dialect import Name
from dassie.store.tx import OnJobs, Query, Statement, Sum, Sums, Tx, apply, open_write

T = TypeVar("T")


def _nothing(lanes: Collection[int | None]) -> None:
    """No worker here to wake."""


def _ignored() -> None:
    """Nobody here wants to know."""


async def _as_it_is(connection: Any) -> None:
    """Nothing of a session is changed by a unit, so nothing has to be undone at its end: a round trip is spared."""


OPTIONS: dict[str, Any] = {
    # A generic plan once read 21,000 statuses for a page of 20 (stack.md section 2).
    "server_settings": {
        "plan_cache_mode": "force_custom_plan",
        # Disks that turn are gone; with the default of 4 a page of 20 was sometimes read through a hash of all.
        "random_page_cost": "1.1",
        "application_name": "dassie",
        "jit": "off",
    },
    "statement_cache_size": 500,
    "command_timeout": 30,
    "reset": _as_it_is,  # what a failed unit left open is rolled back all the same
}
"""Of every pool of connections."""


class PostgresTx:
    """A unit of work on one pooled connection."""

    __slots__ = ("_connection", "_lanes", "_on_jobs", "actions", "database", "now", "sums")

    def __init__(self, connection: Any, now: datetime, on_jobs: OnJobs = _nothing) -> None:
        self._connection = connection
        self._on_jobs = on_jobs
        self.now = now
        self.database: Name = "postgresql"
        self.actions: list[Callable[[], None]] = []
        self._lanes: set[int | None] = set()
        self.sums: Sums | None = None

    async def all(self, query: Query[T], /, **params: Any) -> list[T]:
        compiled = query.on("postgresql")
        found = await self._connection.fetch(compiled.sql, *compiled.arguments(params))
        return apply(query, compiled.converters, found)

    async def one(self, query: Query[T], /, **params: Any) -> T | None:
        compiled = query.on("postgresql")
        found = await self._connection.fetchrow(compiled.sql, *compiled.arguments(params))
        return apply(query, compiled.converters, (found,))[0] if found is not None else None

    async def run(self, statement: Statement, /, **params: Any) -> int:
        compiled = statement.on("postgresql")
        done = await self._connection.execute(compiled.sql, *compiled.arguments(params))
        return int(done.rsplit(" ", 1)[-1]) if done[-1].isdigit() else 0

    async def run_many(self, statement: Statement, rows: Sequence[dict[str, Any]], /) -> None:
        if rows:
            compiled = statement.on("postgresql")
            await self._connection.executemany(compiled.sql, [compiled.arguments(params) for params in rows])

    def add_up(self, sum: Sum, key: tuple[str, ...], *amounts: int) -> None:
        if self.sums is None:
            self.sums = Sums()
        self.sums.add(sum, key, amounts)

    async def settle(self) -> None:
        """Write what was summed up: the last thing before the unit ends."""
        if self.sums is not None:
            await self.sums.settle(self)

    def after_commit(self, action: Callable[[], None]) -> None:
        self.actions.append(action)

    def notify_queue(self, lane: int | None) -> None:
        if not self._lanes:
            self.actions.append(lambda: self._on_jobs(self._lanes))
        self._lanes.add(lane)


class PostgresDatabase:
    """The database of a server that outgrew one file."""

    name: Name = "postgresql"

    def __init__(self, pool: Any, clock: Clock) -> None:
        self.on_jobs: OnJobs = _nothing
        self.on_full: Callable[[], None] = _ignored
        self._pool = pool
        self._clock = clock

    @classmethod
    async def connect(cls, url: str, clock: Clock, *, size: int = 10) -> PostgresDatabase:
        """Open the pool. `url` as libpq takes it: postgresql://user:password@host:port/name."""
        pool = await asyncpg.create_pool(url, min_size=1, max_size=size, **OPTIONS)
        return cls(pool, clock)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        async with self._pool.acquire() as connection:
            yield PostgresTx(connection, self._clock.now())

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        if open_write.get():
            raise RuntimeError("a write inside a write: pass the tx down instead")
        async with self._pool.acquire() as connection:
            tx = PostgresTx(connection, self._clock.now(), self.on_jobs)
            token = open_write.set(True)
            try:
                async with connection.transaction():
                    yield tx
                    await tx.settle()
            except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError) as error:
                raise Busy("Two changes met each other here. Try again in a moment.", retry_after=1) from error
            except (asyncpg.DiskFullError, asyncpg.OutOfMemoryError) as error:
                self.on_full()
                raise Busy("The database server is out of room, so nothing can be saved.", retry_after=60) from error
            finally:
                open_write.reset(token)
        for action in tx.actions:
            action()

    async def script(self, sql: str) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(sql)

    async def close(self) -> None:
        await self._pool.close()
