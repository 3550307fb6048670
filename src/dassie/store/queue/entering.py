"""Putting jobs in, with the change that causes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import SmallInteger, Text, bindparam, case, cast, exists, func, literal_column, null, select
from sqlalchemy.dialects.postgresql import insert

from dassie.domain.ids import next_id
from dassie.domain.jobs import Job, State
from dassie.store.dialect import any_of, put
from dassie.store.queue.rows import unfinished
from dassie.store.tables import jobs
from dassie.store.tx import Query, Statement, Tx, row

_COLUMNS = ("id", "kind", "args", "lane", "state", "host", "run_at", "unique_key", "order_key", "cause", "created_at")
_PUT = Statement(put(jobs, *_COLUMNS).on_conflict_do_nothing())


def _ordered_values() -> list[Any]:
    values: list[Any] = [bindparam(name, type_=jobs.c[name].type) for name in _COLUMNS]
    earlier = exists().where(
        jobs.c.order_key == bindparam("order_key", type_=Text), jobs.c.order_key.is_not(null()), unfinished
    )
    at = _COLUMNS.index("state")
    values[at] = case((earlier, cast(literal_column(str(int(State.HELD))), SmallInteger)), else_=values[at])
    return values


_PUT_ORDERED = Statement(
    insert(jobs)
    .from_select(list(_COLUMNS), select(*_ordered_values()).where(literal_column("1 = 1")))
    .on_conflict_do_nothing()
)
_LOCK_ORDER = Query(row, select(func.pg_advisory_xact_lock(func.hashtext(bindparam("key", type_=Text)))))


async def enqueue(
    tx: Tx,
    job: Job,
    *,
    host: str = "",
    run_at: datetime | None = None,
    unique: str | None = None,
    order: str | None = None,
    cause: str | None = None,
) -> bool:
    """Put a job in with the change that causes it. False where an unfinished one has the same unique key.

    `host` is the server it concerns: fairness, pauses and breakers go by it. Jobs with the same `order` run
    one after the other, in the order they were put in. What has the same `cause` can be called off together.
    """
    values = _values(tx, job, host, run_at, unique, order, cause)
    if order is None:
        added = await tx.run(_PUT, **values)
    else:
        await lock_order(tx, order)
        added = await tx.run(_PUT_ORDERED, **values)
    if added:
        tx.notify_queue(values["lane"] if values["state"] == State.READY else None)
    return added > 0


async def enqueue_many(tx: Tx, new: Sequence[tuple[Job, str]], *, order: str | None = None) -> None:
    """Put in many (job, host) pairs at once. With `order`, each host gets a sequence of its own."""
    if order is None:
        await tx.run_many(_PUT, [_values(tx, job, host, None, None, None) for job, host in new])
    else:
        keys = [f"{order} {host}" for _, host in new]
        for key in sorted(set(keys)):
            await lock_order(tx, key)
        await tx.run_many(
            _PUT_ORDERED,
            [_values(tx, job, host, None, None, key) for (job, host), key in zip(new, keys, strict=True)],
        )
    for lane in {job.lane for job, _ in new}:
        tx.notify_queue(lane)


async def lock_order(tx: Tx, key: str) -> None:
    # SQLite has one writer. On PostgreSQL an insert could miss a predecessor that finishes meanwhile.
    if tx.database == "postgresql":
        await tx.all(_LOCK_ORDER, key=key)


def _values(
    tx: Tx,
    job: Job,
    host: str,
    run_at: datetime | None,
    unique: str | None,
    order: str | None,
    cause: str | None = None,
) -> dict[str, Any]:
    later = run_at is not None and run_at > tx.now
    return {
        "id": next_id(tx.now),
        "kind": type(job).__name__,
        "args": msgspec.json.encode(job),
        "lane": int(job.lane),
        "state": int(State.SCHEDULED if later else State.READY),
        "host": host,
        "run_at": run_at if run_at is not None else tx.now,
        "unique_key": unique,
        "order_key": order,
        "cause": cause,
        "created_at": tx.now,
    }


_UNDER_WAY = Query(
    int,
    select(literal_column("1"))
    .where(any_of(jobs.c.order_key, "keys"), jobs.c.order_key.is_not(null()), unfinished)
    .limit(1),
)


async def under_way(tx: Tx, keys: Sequence[str]) -> bool:
    """Whether an unfinished job has one of these order keys."""
    return bool(keys) and await tx.one(_UNDER_WAY, keys=list(keys)) is not None
