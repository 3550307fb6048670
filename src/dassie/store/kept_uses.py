"""How often something was used on each of the last days, counted anew now and then where that is often.

Counting is to look at every post behind it: ten hashtags of twenty thousand posts took half a second, each time that
anybody looked at what is talked of. What is used rarely is always counted, so that one's own post shows at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from dassie.domain.latest import Latest
from dassie.store.tag_uses import DayOfUse, no_uses
from dassie.store.tx import Tx

OFTEN = 300
"""Uses in all these days together."""
LASTS = timedelta(minutes=5)
MOST = 1_000

Read = Callable[[Tx, Sequence[int]], Awaitable[dict[int, list[DayOfUse]]]]
Counted = dict[int, list[DayOfUse]]


class KeptUses:
    """What `read` gave of those that are used often; those not asked for longest are the first to go."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._kept: Latest[tuple[int, str], tuple[datetime, list[DayOfUse]]] = Latest(MOST)

    async def of(self, tx: Tx, ids: Sequence[int], place: str) -> Counted:
        """The days of each, today first. `place`: the server whose ids these are."""
        known = {id: days for id in ids if (days := self._still(tx, (id, place))) is not None}
        missing = [id for id in dict.fromkeys(ids) if id not in known]
        for id, days in (await self._read(tx, missing)).items():
            known[id] = days
            if sum(day.uses for day in days) >= OFTEN:
                self._kept.put((id, place), (tx.now, days))
        return known

    def _still(self, tx: Tx, key: tuple[int, str]) -> list[DayOfUse] | None:
        kept = self._kept.get(key)
        if kept is None:
            return None
        at, days = kept
        fresh = timedelta() <= tx.now - at < LASTS and days[0].day == no_uses(tx.now)[0].day
        return days if fresh else None
