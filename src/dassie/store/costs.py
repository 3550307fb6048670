"""What each source costs and gives: counted in memory, written now and then (design section 6).

A source is a relay, a followed account, a followed tag, or a host; its name is an id, a tag or a host name.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Literal

from msgspec import Struct
from sqlalchemy import bindparam, delete, func, select

from dassie.store.counters import floor
from dassie.store.dialect import add_up
from dassie.store.tables import source_costs
from dassie.store.tx import Query, Statement, Tx

Source = Literal["relay", "tag", "account", "host"]
FIELDS = ("offered", "admitted", "requests", "bytes", "jobs", "cpu_us", "seen")
MOST_WAITING = 20_000
"""Sources counted between two flushes; what comes above is left out of the ledger, never of the work."""


class Cost(Struct, frozen=True):
    """What a source cost and gave in some days."""

    source: str
    name: str
    offered: int
    admitted: int
    requests: int
    """Made to other servers because of it."""
    bytes: int
    """Received: activities and what was fetched for them."""
    jobs: int
    cpu_us: int
    """Microseconds of CPU in its jobs."""
    seen: int
    """Of what was admitted, how much somebody here has seen."""


_ADD = Statement(add_up(source_costs, key=("day", "source", "name"), values=FIELDS))
_sums = [func.sum(source_costs.c[name]).label(name) for name in FIELDS]
_SINCE = Query(
    lambda source, name, *sums: Cost(source, name, *(int(value) for value in sums)),
    select(source_costs.c.source, source_costs.c.name, *_sums)
    .where(source_costs.c.day >= bindparam("since"), source_costs.c.source == bindparam("source_is"))
    .group_by(source_costs.c.source, source_costs.c.name)
    .order_by(func.sum(source_costs.c.bytes).desc())
    .limit(bindparam("most")),
)
_OF = Query(
    lambda source, name, *sums: Cost(source, name, *(int(value) for value in sums)),
    select(source_costs.c.source, source_costs.c.name, *_sums)
    .where(
        source_costs.c.day >= bindparam("since"),
        source_costs.c.source == bindparam("source_is"),
        source_costs.c.name == bindparam("name_is"),
    )
    .group_by(source_costs.c.source, source_costs.c.name),
)
_FORGET = Statement(delete(source_costs).where(source_costs.c.day < bindparam("before")))


class Ledger:
    """What happened since the last flush."""

    def __init__(self) -> None:
        self._counts: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * len(FIELDS))

    def book(
        self,
        source: Source,
        name: str | int,
        *,
        offered: int = 0,
        admitted: int = 0,
        requests: int = 0,
        bytes: int = 0,
        jobs: int = 0,
        cpu_us: int = 0,
        seen: int = 0,
    ) -> None:
        """Add to the account of a source."""
        key = (source, str(name))
        if key not in self._counts and len(self._counts) >= MOST_WAITING:
            return
        counts = self._counts[key]
        for i, value in enumerate((offered, admitted, requests, bytes, jobs, cpu_us, seen)):
            counts[i] += value

    @property
    def waiting(self) -> bool:
        return bool(self._counts)

    async def flush(self, tx: Tx) -> None:
        """Write what was booked into the day's rows."""
        counts, self._counts = self._counts, defaultdict(lambda: [0] * len(FIELDS))
        day = floor(tx.now, "day")
        await tx.run_many(
            _ADD,
            [
                {"day": day, "source": source, "name": name, **dict(zip(FIELDS, values, strict=True))}
                for (source, name), values in sorted(counts.items())
            ],
        )


async def since(tx: Tx, source: Source, start: datetime, most: int = 100) -> list[Cost]:
    """Sums by source from the day of `start` on, the dearest in bytes first."""
    return await tx.all(_SINCE, since=floor(start, "day"), source_is=source, most=most)


async def of(tx: Tx, source: Source, name: str | int, start: datetime) -> Cost:
    """The sums of one source from the day of `start` on."""
    found = await tx.one(_OF, since=floor(start, "day"), source_is=source, name_is=str(name))
    return found or Cost(source, str(name), 0, 0, 0, 0, 0, 0, 0)


async def forget_old(tx: Tx, before: datetime) -> None:
    """Drop days before this."""
    await tx.run(_FORGET, before=before)
