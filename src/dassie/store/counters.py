"""Figures per minute, hour and day: counted in memory, written now and then in one statement."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select

from dassie.domain.ids import from_ms, to_ms
from dassie.store.dialect import add_up, starts_with
from dassie.store.tables import counters
from dassie.store.tx import Query, Statement, Tx, row

SPANS = {"minute": 60_000, "hour": 3_600_000, "day": 86_400_000}
KEPT = {"minute": timedelta(hours=48), "hour": timedelta(days=60), "day": timedelta(days=5 * 365)}

_ADD = Statement(add_up(counters, key=("span", "at", "name"), values=("value",)))
_SINCE = Query(
    row,
    select(counters.c.at, counters.c.name, counters.c.value)
    .where(counters.c.span == bindparam("span"), counters.c.at >= bindparam("since"))
    .order_by(counters.c.at),
)
_BEGINNING = Query(
    row,
    select(counters.c.at, counters.c.name, counters.c.value)
    .where(
        counters.c.span == bindparam("span"),
        counters.c.at >= bindparam("since"),
        starts_with(counters.c.name, "beginning"),
    )
    .order_by(counters.c.at),
)
_FORGET = Statement(delete(counters).where(counters.c.span == bindparam("span"), counters.c.at < bindparam("before")))


class Counters:
    """What happened since the last flush."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, name: str, amount: int = 1) -> None:
        """Count something, such as `inbox.accepted` or `jobs.done.Deliver`."""
        self._counts[name] += amount

    async def flush(self, tx: Tx) -> None:
        """Write what was counted into its minute, hour and day."""
        counts, self._counts = self._counts, Counter()
        await tx.run_many(
            _ADD,
            [
                {"span": span, "at": floor(tx.now, span), "name": name, "value": value}
                for name, value in counts.items()
                for span in SPANS
            ],
        )

    @property
    def waiting(self) -> bool:
        return bool(self._counts)


def floor(at: datetime, span: str) -> datetime:
    """The start of the minute, hour or day (UTC) that `at` lies in."""
    length = SPANS[span]
    return from_ms(to_ms(at) // length * length)


async def since(tx: Tx, span: str, start: datetime) -> list[tuple[datetime, str, int]]:
    """(start of span, name, value), oldest first."""
    return [(at, name, value) for at, name, value in await tx.all(_SINCE, span=span, since=start)]


async def beginning_with(tx: Tx, span: str, start: datetime, beginning: str) -> list[tuple[datetime, str, int]]:
    """The same of the names that begin so."""
    found = await tx.all(_BEGINNING, span=span, since=start, beginning=beginning)
    return [(at, name, value) for at, name, value in found]


async def forget_old(tx: Tx) -> None:
    """Drop figures past their keeping time."""
    for span, kept in KEPT.items():
        await tx.run(_FORGET, span=span, before=tx.now - kept)
