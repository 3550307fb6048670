"""Units of work: what is read or written together.

`Tx` runs statements; `Database` (sqlite.py, postgres.py) opens them. Statements are SQLAlchemy Core, compiled
once per database, run on the bare driver. Inside a write nothing but the database may be awaited (house rule 4).
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from itertools import starmap
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import ClauseElement

from dassie.store.dialect import Compiled, Name

T = TypeVar("T")
Row = tuple[Any, ...]
OnJobs = Callable[[Collection[int | None]], None]

open_write: contextvars.ContextVar[bool] = contextvars.ContextVar("open_write", default=False)
"""True inside a write; adapters refuse to wait for other machines then."""


class Statement:
    """A statement that is compiled when first used, once per database."""

    __slots__ = ("_compiled", "clause")

    def __init__(self, clause: ClauseElement) -> None:
        self.clause = clause
        self._compiled: dict[str, Compiled] = {}

    def on(self, name: Name) -> Compiled:
        """Its text and converters for the database `name`."""
        found = self._compiled.get(name)
        if found is None:
            found = self._compiled[name] = Compiled(self.clause, name)
        return found


class Query(Statement, Generic[T]):
    """A SELECT (or RETURNING) whose rows become `shape(*columns)`.

    `shape` is a struct whose fields stand in the order of the columns, or a function of one column's value
    such as `int`, or `row` for plain tuples.
    """

    __slots__ = ("shape",)

    def __init__(self, shape: Callable[..., T], clause: ClauseElement) -> None:
        super().__init__(clause)
        self.shape = shape


class Sum(Statement):
    """Sums by key that units add to: an INSERT that adds up where the row is there.

    Added at the very end of a unit, and in the order of the keys: two units that add to the same rows wait for each
    other only while the first one commits, and never in a circle.
    """

    __slots__ = ("names",)

    def __init__(self, clause: ClauseElement, key: Sequence[str], values: Sequence[str]) -> None:
        super().__init__(clause)
        self.names = (*key, *values)


class Sums:
    """What one unit adds to sums."""

    __slots__ = ("_sums",)

    def __init__(self) -> None:
        self._sums: dict[Sum, dict[tuple[str, ...], list[int]]] = {}

    def add(self, sum: Sum, key: tuple[str, ...], amounts: Sequence[int]) -> None:
        sums = self._sums.setdefault(sum, {}).setdefault(key, [0] * len(amounts))
        for place, amount in enumerate(amounts):
            sums[place] += amount

    async def settle(self, tx: Tx) -> None:
        """Write them; the last thing in a unit."""
        for sum, added in self._sums.items():
            rows = [
                dict(zip(sum.names, (*key, *amounts), strict=True))
                for key, amounts in sorted(added.items())
                if any(amounts)
            ]
            await tx.run_many(sum, rows)


def row(*values: Any) -> Row:
    """The shape of a row that is read as a plain tuple."""
    return values


class Tx(Protocol):
    """One unit of work."""

    now: datetime
    """The same for everything in this unit."""
    database: Name

    async def all(self, query: Query[T], /, **params: Any) -> list[T]: ...

    async def one(self, query: Query[T], /, **params: Any) -> T | None:
        """The first row, or None."""
        ...

    async def run(self, statement: Statement, /, **params: Any) -> int:
        """Change rows; how many."""
        ...

    async def run_many(self, statement: Statement, rows: Sequence[dict[str, Any]], /) -> None:
        """The same change for many sets of parameters."""
        ...

    def add_up(self, sum: Sum, key: tuple[str, ...], *amounts: int) -> None:
        """Add to the row of `key`, as the last thing in this unit."""
        ...

    def after_commit(self, action: Callable[[], None]) -> None:
        """Call `action` once the change is durable; never when it is rolled back."""
        ...

    def notify_queue(self, lane: int | None) -> None:
        """Wake the workers of a lane once the change is durable; None: something is due at another time now."""
        ...


class Database(Protocol):
    """An open database."""

    name: Name
    on_jobs: OnJobs
    """Called after a commit that put jobs in, with what `notify_queue` was told."""
    on_full: Callable[[], None]
    """Called where a change failed for want of room on the disk."""

    def read(self) -> AbstractAsyncContextManager[Tx]:
        """Read what is committed. Reading sees one moment on SQLite."""
        ...

    def write(self) -> AbstractAsyncContextManager[Tx]:
        """Change things; leaving the block returns once the change is durable, or raises."""
        ...

    async def script(self, sql: str) -> None:
        """Run several statements in one transaction: for migrations."""
        ...

    async def close(self) -> None: ...


def apply(query: Query[T], converters: tuple[tuple[int, Callable[[Any], Any]], ...], found: Sequence[Any]) -> list[T]:
    """Rows of the driver as the query's shape. By columns, which takes half the time for a page of 20."""
    if not converters or not found:
        return list(map(tuple, found) if query.shape is row else starmap(query.shape, found))  # type: ignore[arg-type]
    columns: list[Sequence[Any]] = list(zip(*found, strict=True))
    for i, convert in converters:
        columns[i] = [None if value is None else convert(value) for value in columns[i]]
    return list(starmap(query.shape, zip(*columns, strict=True)))
