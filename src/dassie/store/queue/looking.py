"""The queue for people: counts, what gave up, and trying that again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Integer, bindparam, cast, func, null, select, update

from dassie.domain.jobs import Lane, State
from dassie.store.dialect import any_of
from dassie.store.queue.rows import is_set_aside
from dassie.store.tables import jobs
from dassie.store.tx import Query, Statement, Tx, row

_OVERVIEW = Query(
    row,
    select(
        jobs.c.kind,
        jobs.c.state,
        func.count(),
        func.min(jobs.c.created_at, type_=jobs.c.created_at.type),
        cast(func.sum(jobs.c.attempts), Integer),
    ).group_by(jobs.c.kind, jobs.c.state),
)


class KindCount(msgspec.Struct, frozen=True):
    """How many jobs of a kind are in a state, and since when the oldest waits."""

    kind: str
    state: State
    count: int
    oldest: datetime
    failed_tries: int
    """Of all of them, so far. That is another figure than how many gave up."""


class SetAside(msgspec.Struct, frozen=True):
    """A job that gave up."""

    id: int
    kind: str
    host: str
    attempts: int
    error: str | None
    created_at: datetime


_GAVE_UP = Query(
    SetAside,
    select(jobs.c.id, jobs.c.kind, jobs.c.host, jobs.c.attempts, jobs.c.error, jobs.c.created_at)
    .where(is_set_aside)
    .order_by(jobs.c.id.desc())
    .limit(bindparam("limit", type_=Integer)),
)
_REPEAT = Statement(
    update(jobs)
    .where(any_of(jobs.c.id, "ids"), is_set_aside)
    .values(
        state=int(State.READY),
        attempts=0,
        error=null(),
        run_at=bindparam("at", type_=jobs.c.run_at.type),
        created_at=bindparam("at", type_=jobs.c.created_at.type),
    )
)


def wake_all(tx: Tx) -> None:
    """Have every lane look once this unit is durable."""
    for lane in Lane:
        tx.notify_queue(lane)


async def overview(tx: Tx) -> list[KindCount]:
    """Counts by kind and state; reads the whole table, so for people, not for hot paths."""
    found = await tx.all(_OVERVIEW)
    return [
        KindCount(kind, State(state), count, oldest, tries - (count if state == State.RUNNING else 0))
        for kind, state, count, oldest, tries in found
    ]


async def set_aside_jobs(tx: Tx, limit: int = 50) -> list[SetAside]:
    """The newest jobs that gave up."""
    return await tx.all(_GAVE_UP, limit=limit)


async def repeat(tx: Tx, ids: Sequence[int]) -> int:
    """Try jobs that gave up again, from the first try on; how many."""
    count = await tx.run(_REPEAT, ids=list(ids), at=tx.now)
    wake_all(tx)
    return count
