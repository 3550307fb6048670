"""Letting go of jobs untried: the oldest of strangers where there are too many, and what is called off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Text, bindparam, delete, func, literal_column, null, select

from dassie.store.queue.ending import promote
from dassie.store.queue.rows import unfinished
from dassie.store.tables import jobs
from dassie.store.tx import Query, Tx, row

_of_strangers = jobs.c.lane == literal_column("5")  # Lane.STRANGERS, said so that its index serves
_STRANGERS_WAITING = Query(int, select(func.count()).where(_of_strangers, unfinished))


def _drop_oldest(*conditions: Any) -> Query[Any]:
    not_begun = jobs.c.state < literal_column("2")
    oldest = (
        select(jobs.c.id)
        .where(_of_strangers, unfinished, not_begun, *conditions)
        .order_by(jobs.c.id)
        .limit(bindparam("most", type_=Integer))
    )
    dropped = delete(jobs).where(jobs.c.id.in_(oldest), not_begun)
    return Query(row, dropped.returning(jobs.c.order_key, jobs.c.cause))


_SHED = _drop_oldest()
_EXPIRE = _drop_oldest(jobs.c.created_at < bindparam("before", type_=jobs.c.created_at.type))
_CALL_OFF = Query(
    row,
    delete(jobs)
    .where(
        jobs.c.cause == bindparam("of_cause", type_=Text),
        jobs.c.cause.is_not(null()),
        jobs.c.state != literal_column("2"),
    )
    .returning(jobs.c.order_key, jobs.c.cause),
)


async def strangers_waiting(tx: Tx) -> int:
    """How many unfinished jobs the lane of strangers has."""
    return await tx.one(_STRANGERS_WAITING) or 0


async def shed_strangers(tx: Tx, most: int) -> Counter[str]:
    """Drop the oldest jobs of strangers that do not run yet; how many by cause."""
    return await _dropped(tx, await tx.all(_SHED, most=most))


async def expire_strangers(tx: Tx, before: datetime, most: int) -> Counter[str]:
    """Drop jobs of strangers that were put in before this and do not run yet; how many by cause."""
    return await _dropped(tx, await tx.all(_EXPIRE, before=before, most=most))


async def call_off(tx: Tx, cause: str) -> int:
    """Drop all jobs with this cause but those that run already; how many."""
    return (await _dropped(tx, await tx.all(_CALL_OFF, of_cause=cause))).total()


async def _dropped(tx: Tx, gone: Sequence[Any]) -> Counter[str]:
    await promote(tx, {key for key, _ in gone if key is not None})
    return Counter(cause or "" for _, cause in gone)
