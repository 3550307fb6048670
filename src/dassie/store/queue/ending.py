"""What becomes of a job that ran: done, tried again, set aside; and who waited for it goes on."""

from __future__ import annotations

import math
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import SmallInteger, Text, bindparam, delete, func, literal_column, null, select, update

from dassie.domain.jobs import State
from dassie.store.dialect import any_of
from dassie.store.queue.entering import lock_order
from dassie.store.queue.rows import Claimed, is_held
from dassie.store.tables import jobs
from dassie.store.tx import Query, Statement, Tx

_FINISH = Statement(delete(jobs).where(any_of(jobs.c.id, "ids")))
_RETRY = Statement(
    update(jobs)
    .where(jobs.c.id == bindparam("job_id"))
    .values(
        state=int(State.SCHEDULED),
        run_at=bindparam("at", type_=jobs.c.run_at.type),
        error=bindparam("why", type_=Text),
        attempts=jobs.c.attempts - bindparam("back", type_=SmallInteger),
        lease_until=null(),
        worker=null(),
    )
)
_SET_ASIDE = Statement(
    update(jobs)
    .where(jobs.c.id == bindparam("job_id"))
    .values(state=int(State.SET_ASIDE), error=bindparam("why", type_=Text), lease_until=null(), worker=null())
)


def _promote_next() -> Query[int]:
    first = jobs.alias("first")
    ids = (
        select(func.min(first.c.id))
        .where(
            any_of(first.c.order_key, "keys"),
            first.c.order_key.is_not(null()),
            first.c.state < literal_column("4"),  # said so that the partial index serves
            first.c.state == literal_column("3"),
        )
        .group_by(first.c.order_key)
    )
    free = update(jobs).where(jobs.c.id.in_(ids), is_held).values(state=int(State.READY))
    return Query(int, free.returning(jobs.c.lane))


_PROMOTE_NEXT = _promote_next()


async def finish(tx: Tx, done: Sequence[Claimed]) -> None:
    """Remove finished jobs and let their successors run."""
    await tx.run(_FINISH, ids=[job.id for job in done])
    await let_next_run(tx, done)


async def retry(tx: Tx, job: Claimed, *, at: datetime, why: str, counts: bool = True) -> None:
    """Put a job back to run at `at`. With `counts=False` this try is not counted (it was not the job's fault)."""
    await tx.run(_RETRY, job_id=job.id, at=at, why=why[:1000], back=0 if counts else 1)
    tx.notify_queue(None)


async def set_aside(tx: Tx, job: Claimed, *, why: str) -> None:
    """Give up: keep the job with its last error where the admin sees it, and let its successors run."""
    await tx.run(_SET_ASIDE, job_id=job.id, why=why[:4000])
    await let_next_run(tx, [job])


async def let_next_run(tx: Tx, done: Sequence[Claimed]) -> None:
    await promote(tx, {job.order_key for job in done if job.order_key is not None})


async def promote(tx: Tx, keys: Collection[str]) -> None:
    """Let the first of those that were held by these keys run."""
    if keys:
        for key in sorted(keys):
            await lock_order(tx, key)
        for lane in set(await tx.all(_PROMOTE_NEXT, keys=sorted(keys))):
            tx.notify_queue(lane)


def delay(attempts: int, base: float) -> float:
    """Seconds before the next try: the fourth power, jittered, so that a day's outage costs few tries."""
    spread = secrets.randbelow(1000) / 1000
    return base * (1 + spread / 4) + math.pow(attempts, 4) * (1 + spread / 2)
