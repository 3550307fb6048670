"""SQLite: one writer that groups commits, and read-only connections used where they are fastest, on the loop.

Writes are units under a savepoint in one shared transaction. A unit runs on the loop (a fraction of a
millisecond); the COMMIT, which waits for the disk, runs in a thread, and every unit that came meanwhile
shares the next one. A unit that fails rolls back alone; a COMMIT that fails fails all its units, and
nobody was told otherwise before. Measured against a thread per write in docs/decisions.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import apsw

from dassie.domain.errors import Busy
from dassie.ports import Clock
from dassie.store.dialect import Name
from dassie.store.tx import OnJobs, Query, Statement, Sum, Sums, Tx, apply, open_write

T = TypeVar("T")

_Waiting = tuple[asyncio.Future[None], list[Callable[[], None]]]
"""Somebody who waits for the commit, and what is to follow it."""

IDLE_READERS = 4
MAX_READ_SECONDS = 5.0
PROGRESS_STEPS = 50_000
BUSY_MS = 5_000
OUR_TROUBLE = (apsw.FullError, apsw.IOError, apsw.ReadOnlyError, apsw.BusyError, apsw.CantOpenError, apsw.NoMemError)
"""What is not the fault of a statement: it may work later."""


def _nothing(lanes: Collection[int | None]) -> None:
    """No worker here to wake."""


def _ignored() -> None:
    """Nobody here wants to know."""


class SqliteTx:
    """A unit of work on one connection."""

    __slots__ = ("_connection", "_lanes", "_on_jobs", "actions", "database", "now", "sums")

    def __init__(self, connection: apsw.Connection, now: datetime, on_jobs: OnJobs = _nothing) -> None:
        self._connection = connection
        self._on_jobs = on_jobs
        self.now = now
        self.database: Name = "sqlite"
        self.actions: list[Callable[[], None]] = []
        self._lanes: set[int | None] = set()
        self.sums: Sums | None = None

    async def all(self, query: Query[T], /, **params: Any) -> list[T]:
        compiled = query.on("sqlite")
        found = self._connection.execute(compiled.sql, compiled.arguments(params)).fetchall()
        return apply(query, compiled.converters, found)

    async def one(self, query: Query[T], /, **params: Any) -> T | None:
        compiled = query.on("sqlite")
        cursor = self._connection.execute(compiled.sql, compiled.arguments(params))
        found = cursor.fetchone()
        cursor.close()
        return apply(query, compiled.converters, (found,))[0] if found is not None else None

    async def run(self, statement: Statement, /, **params: Any) -> int:
        compiled = statement.on("sqlite")
        self._connection.execute(compiled.sql, compiled.arguments(params))
        return self._connection.changes()

    async def run_many(self, statement: Statement, rows: Sequence[dict[str, Any]], /) -> None:
        if rows:
            compiled = statement.on("sqlite")
            self._connection.executemany(compiled.sql, (compiled.arguments(params) for params in rows))

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


class SqliteDatabase:
    """The database file of a home server."""

    name: Name = "sqlite"

    def __init__(self, path: Path, clock: Clock, *, full_sync: bool = True) -> None:
        self._path = str(path)
        self._clock = clock
        self._writer = self._connect(apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
        self._writer.execute("PRAGMA journal_mode=WAL")
        self._writer.execute(f"PRAGMA synchronous={'FULL' if full_sync else 'NORMAL'}")
        self._writer.execute("PRAGMA foreign_keys=ON")
        self.on_jobs: OnJobs = _nothing
        self.on_full: Callable[[], None] = _ignored
        self._lock = asyncio.Lock()
        self._readers: list[apsw.Connection] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="commit")
        self._open = False
        self._waiting: list[_Waiting] = []
        self._committing: asyncio.Task[None] | None = None

    def _connect(self, flags: int) -> apsw.Connection:
        connection = apsw.Connection(self._path, flags=flags, statementcachesize=400)
        connection.set_busy_timeout(BUSY_MS)
        # With statistics of the STAT4 kind SQLite plans anew whenever a parameter changes, which costs as much as
        # running most statements. Plans that do not look at parameters are kept (measured: half the CPU).
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
        connection.execute("PRAGMA cache_size=-8000")
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.execute("PRAGMA mmap_size=268435456")
        connection.execute("PRAGMA wal_autocheckpoint=4000")
        return connection

    def read(self) -> AbstractAsyncContextManager[Tx]:
        return _Reading(self._borrow, self._give_back, self._clock)

    def _borrow(self) -> apsw.Connection:
        return self._readers.pop() if self._readers else self._reader()

    def _give_back(self, connection: apsw.Connection) -> None:
        if len(self._readers) < IDLE_READERS:
            self._readers.append(connection)
        else:
            connection.close()

    def _reader(self) -> apsw.Connection:
        connection = self._connect(apsw.SQLITE_OPEN_READONLY)
        deadline = _Deadline(self._clock)
        connection.set_progress_handler(deadline.passed, PROGRESS_STEPS)
        connection.set_exec_trace(deadline.restart)
        return connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        if open_write.get():
            raise RuntimeError("a write inside a write: pass the tx down instead")
        async with self._lock:
            self._begin()
            tx = SqliteTx(self._writer, self._clock.now(), self.on_jobs)
            self._writer.execute("SAVEPOINT unit")
            token = open_write.set(True)
            kept, trouble = False, None
            try:
                yield tx
                await tx.settle()
                kept = True
            except OUR_TROUBLE as error:
                trouble = error
                raise self._failed(error) from error
            finally:
                open_write.reset(token)
                self._end_unit(kept, trouble)
            durable: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append((durable, tx.actions))
            self._commit_soon()
        await durable

    def _end_unit(self, kept: bool, trouble: apsw.Error | None) -> None:
        """A failed unit alone is undone; but after a full disk SQLite may have undone the whole group already."""
        if self._writer.in_transaction:
            if not kept:
                self._writer.execute("ROLLBACK TO unit")
            self._writer.execute("RELEASE unit")
        else:
            self._open = False
            waiting, self._waiting = self._waiting, []
            self._answer(waiting, trouble or apsw.Error("the transaction ended early"))
        if not kept:
            self._commit_soon()

    def _begin(self) -> None:
        if not self._open:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
            except OUR_TROUBLE as error:
                raise self._failed(error) from error
            self._open = True

    def _commit_soon(self) -> None:
        if self._committing is None or self._committing.done():
            self._committing = asyncio.get_running_loop().create_task(self._commit())

    async def _commit(self) -> None:
        """Commit until nobody waits. Units queue fairly on the lock, so a flood still commits in groups."""
        loop = asyncio.get_running_loop()
        while self._open:
            async with self._lock:
                if not self._open:
                    return  # undone by a full disk while we waited
                waiting, self._waiting = self._waiting, []
                failure: apsw.Error | None = None
                try:
                    await loop.run_in_executor(self._thread, self._writer.execute, "COMMIT")
                except apsw.Error as error:
                    failure = error
                    if self._writer.in_transaction:
                        self._writer.execute("ROLLBACK")
                self._open = False
            self._answer(waiting, failure)

    def _answer(self, waiting: Sequence[_Waiting], failure: apsw.Error | None) -> None:
        """Tell those who wait for a commit what became of it; what was to follow a change follows now."""
        loop = asyncio.get_running_loop()
        for durable, actions in waiting:
            if failure is None:
                for action in actions:
                    loop.call_soon(action)
            if durable.cancelled():
                continue
            if failure is None:
                durable.set_result(None)
            else:
                durable.set_exception(self._failed(failure))

    def _failed(self, error: BaseException) -> Exception:
        if isinstance(error, apsw.FullError):
            self.on_full()
        return _write_failed(error)

    async def script(self, sql: str) -> None:
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            self._writer.execute(sql)
        except BaseException:
            self._writer.execute("ROLLBACK")
            raise
        self._writer.execute("COMMIT")

    async def close(self) -> None:
        if self._committing is not None:
            await self._committing
        for connection in self._readers:
            connection.close()
        self._readers.clear()
        self._thread.shutdown(wait=True)
        self._writer.close()


class _Reading:
    """One snapshot, read until the block ends. A class, since each request has two and a generator costs more."""

    __slots__ = ("_borrow", "_clock", "_connection", "_give_back")

    def __init__(
        self, borrow: Callable[[], apsw.Connection], give_back: Callable[[apsw.Connection], None], clock: Clock
    ) -> None:
        self._borrow = borrow
        self._give_back = give_back
        self._clock = clock

    async def __aenter__(self) -> Tx:
        connection = self._connection = self._borrow()
        try:
            connection.execute("BEGIN")
        except BaseException:
            self._give_back(connection)
            raise
        return SqliteTx(connection, self._clock.now())

    async def __aexit__(self, *_: object) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("COMMIT")
        finally:
            self._give_back(self._connection)


class _Deadline:
    """Stops a statement that runs away, so that one bad query cannot hold up everybody."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until = 0.0

    def restart(self, cursor: Any, sql: str, bindings: Any) -> bool:
        self._until = self._clock.monotonic() + MAX_READ_SECONDS
        return True

    def passed(self) -> bool:
        return self._clock.monotonic() > self._until


def _write_failed(error: BaseException) -> Exception:
    if isinstance(error, apsw.BusyError):
        return Busy("The database is locked by another program. Try again in a moment.")
    if isinstance(error, apsw.FullError):
        return Busy("The disk is full, so nothing can be saved. Free some space and try again.", retry_after=60)
    return Busy(f"The database could not save this ({type(error).__name__}). Try again in a moment.")
