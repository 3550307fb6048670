"""Answers that cost more than they change: kept for a while, per database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from dassie.store.tx import Database, Tx

T = TypeVar("T")


class Kept(Generic[T]):
    """What `find` gave, asked again once it is older than `lasts`."""

    def __init__(self, find: Callable[[Tx], Awaitable[T]], lasts: timedelta) -> None:
        self._find = find
        self._lasts = lasts
        self._found: WeakKeyDictionary[Database, tuple[datetime, T]] = WeakKeyDictionary()

    async def get(self, db: Database) -> T:
        """The answer, at most `lasts` old."""
        kept = self._found.get(db)
        async with db.read() as tx:
            if kept is not None and timedelta() <= tx.now - kept[0] < self._lasts:
                return kept[1]
            found = await self._find(tx)
            self._found[db] = (tx.now, found)
            return found
