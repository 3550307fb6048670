"""What was fetched in storms: figures of single statuses and accounts, kept only where they were large."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from sqlalchemy import Integer, bindparam, func, literal_column, select, type_coerce

from dassie.store.counters import floor
from dassie.store.tables import counters
from dassie.store.tx import Query, Tx, row

FETCHED = "surge.fetched."
"""Begins the names of such figures; the id follows."""

_sum = func.sum(counters.c.value)
_HOTTEST = Query(
    row,
    select(
        counters.c.name,
        type_coerce(_sum, Integer),
        func.min(counters.c.at, type_=counters.c.at.type),
        func.max(counters.c.at, type_=counters.c.at.type),
    )
    .where(
        counters.c.span == literal_column("'minute'"),
        counters.c.at >= bindparam("since", type_=counters.c.at.type),
        func.substr(counters.c.name, 1, len(FETCHED)) == literal_column(f"'{FETCHED}'"),
    )
    .group_by(counters.c.name)
    .order_by(_sum.desc())
    .limit(bindparam("most", type_=Integer)),
)


class Storm(Struct, frozen=True):
    """A status or account that many servers fetched."""

    id: int
    fetched: int
    """How often, in the minutes in which it was often."""
    began: datetime
    last: datetime
    """The last of those minutes."""


async def hottest(tx: Tx, since: datetime, most: int = 20) -> list[Storm]:
    """What was fetched most since then (two days are kept), the most fetched first."""
    found = await tx.all(_HOTTEST, since=floor(since, "minute"), most=most)
    return [Storm(int(name[len(FETCHED) :]), int(fetched), began, last) for name, fetched, began, last in found]
