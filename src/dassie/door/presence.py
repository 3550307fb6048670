"""When to note that somebody is here: once an hour, so that reading does not write each time."""

from __future__ import annotations

from datetime import datetime, timedelta

EVERY = timedelta(hours=1)
REMEMBERED = 10_000


class Presence:
    """Who was noted when, in memory."""

    def __init__(self) -> None:
        self._noted: dict[int, datetime] = {}

    def due(self, who: int, now: datetime) -> bool:
        """Whether to note this one now; then it is not due again for an hour."""
        before = self._noted.get(who)
        if before is not None and now - before < EVERY:
            return False
        if len(self._noted) >= REMEMBERED:
            self._noted.clear()
        self._noted[who] = now
        return True
