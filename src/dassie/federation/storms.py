"""Storms: which of our posts and people are fetched far more often than usual, for a report afterwards."""

from __future__ import annotations

from dassie.store.counters import Counters
from dassie.store.storms import FETCHED

HOT = 100
"""Fetches of one thing within a minute from which on they are written down."""
WATCHED = 2_000


class Storms:
    """Fetches of this minute, by status or account."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._minute = 0
        self._fetched: dict[int, int] = {}

    def saw(self, id: int, seconds: float) -> None:
        """Somebody fetched this; `seconds` only grow. Only what is hot costs rows."""
        minute = int(seconds // 60)
        if minute != self._minute:
            self._minute = minute
            self._fetched.clear()
        count = self._fetched.get(id, 0) + 1
        if count == 1 and len(self._fetched) >= WATCHED:
            return
        self._fetched[id] = count
        if count >= HOT:
            self._counters.add(f"{FETCHED}{id}", HOT if count == HOT else 1)
