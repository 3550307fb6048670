"""Jobs that wait for their time, are put off with their host, or whose worker died."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import SmallInteger, Text, bindparam, delete, exists, literal_column, null, select, update

from dassie.domain.jobs import State
from dassie.store.dialect import any_of
from dassie.store.queue.ending import let_next_run
from dassie.store.queue.rows import LEASE, Claimed, is_due, is_held, is_running
from dassie.store.tables import jobs
from dassie.store.tx import Query, Statement, Tx, row

PARKED_AT_ONCE = 500
PROMOTED_AT_ONCE = 1000


def _move(old: State, wanted: Callable[[Any], Any], most: int, new: State, **values: Any) -> Statement:
    """Put some of the jobs in one state into another; it is named as a constant twice, so that its index serves."""
    some = jobs.alias("some")
    there: Any = literal_column(str(int(old)))
    ids = select(some.c.id).where(some.c.state == there, wanted(some.c)).limit(most)
    return Statement(update(jobs).where(jobs.c.id.in_(ids), jobs.c.state == there).values(state=int(new), **values))


def _at_host(c: Any) -> Any:
    return (c.lane == bindparam("lane", type_=SmallInteger)) & (c.host == bindparam("at_host", type_=Text))


def _time_has_come(c: Any) -> Any:
    return c.run_at <= bindparam("now_at", type_=jobs.c.run_at.type)


def _at_another(c: Any) -> Any:
    return (c.host != literal_column("''")) & _at_host(c)


_PROMOTE_DUE = _move(State.SCHEDULED, _time_has_come, PROMOTED_AT_ONCE, State.READY)
_NEXT_DUE = Query(row, select(jobs.c.run_at).where(is_due).order_by(jobs.c.run_at).limit(1))
_PARK = _move(
    State.READY, _at_host, PARKED_AT_ONCE, State.SCHEDULED, run_at=bindparam("until", type_=jobs.c.run_at.type)
)
_BRING_FORWARD = _move(State.SCHEDULED, _at_another, PARKED_AT_ONCE, State.READY)
_WAITED = Query(
    int,
    select(jobs.c.id)
    .where(
        is_due,
        jobs.c.kind == bindparam("of_kind", type_=Text),
        jobs.c.created_at < bindparam("before", type_=jobs.c.created_at.type),
    )
    .limit(PARKED_AT_ONCE),
)
_LET_GO = Query(
    Claimed,
    delete(jobs)
    .where(any_of(jobs.c.id, "ids"), is_due)
    .returning(jobs.c.id, jobs.c.kind, jobs.c.args, jobs.c.host, jobs.c.attempts, jobs.c.order_key, jobs.c.created_at),
)
_EXTEND = Statement(
    update(jobs)
    .where(any_of(jobs.c.id, "ids"), is_running)
    .values(lease_until=bindparam("lease", type_=jobs.c.lease_until.type))
)
_RECOVER = Statement(
    update(jobs)
    .where(is_running, jobs.c.lease_until <= bindparam("before", type_=jobs.c.lease_until.type))
    .values(state=int(State.READY), lease_until=null(), worker=null())
)
_RELEASE = Statement(
    update(jobs)
    .where(any_of(jobs.c.id, "ids"), is_running)
    .values(state=int(State.READY), attempts=jobs.c.attempts - 1, lease_until=null(), worker=null())
)


def _free_orphans() -> Statement:
    before = jobs.alias("before")
    earlier = exists().where(
        before.c.order_key == jobs.c.order_key,
        before.c.order_key.is_not(null()),
        before.c.state < literal_column("4"),
        before.c.id < jobs.c.id,
    )
    return Statement(update(jobs).where(is_held, ~earlier).values(state=int(State.READY)))


_FREE_ORPHANS = _free_orphans()


async def promote_due(tx: Tx) -> int:
    """Make scheduled jobs whose time has come ready; how many (at most 1000 a call)."""
    return await tx.run(_PROMOTE_DUE, now_at=tx.now)


async def next_due(tx: Tx) -> datetime | None:
    """When the next scheduled job is due."""
    found = await tx.one(_NEXT_DUE)
    return found[0] if found else None


async def park(tx: Tx, lane: int, host: str, until: datetime) -> int:
    """Put a host's ready jobs of a lane off while it is not asked; no try is counted."""
    return await tx.run(_PARK, lane=lane, at_host=host, until=until)


async def bring_forward(tx: Tx, lane: int, host: str) -> int:
    """Make waiting jobs of a host ready before their time; how many (at most `PARKED_AT_ONCE` a call)."""
    moved = await tx.run(_BRING_FORWARD, lane=lane, at_host=host)
    if moved:
        tx.notify_queue(lane)
    return moved


async def waited_since(tx: Tx, kind: str, before: datetime) -> list[int]:
    """Some jobs of a kind that were put in before this and still wait for their time."""
    return await tx.all(_WAITED, of_kind=kind, before=before)


async def let_go(tx: Tx, ids: Sequence[int]) -> list[Claimed]:
    """Drop those of these jobs that still wait, and let their successors run; what was dropped."""
    dropped = await tx.all(_LET_GO, ids=list(ids))
    await let_next_run(tx, dropped)
    return dropped


async def extend(tx: Tx, ids: Sequence[int]) -> None:
    """Heartbeat: these jobs are still being worked on."""
    await tx.run(_EXTEND, ids=list(ids), lease=tx.now + LEASE)


async def release(tx: Tx, ids: Sequence[int]) -> None:
    """Give leases back untried, when the server is stopped."""
    await tx.run(_RELEASE, ids=list(ids))


async def recover(tx: Tx, *, all_leases: bool) -> int:
    """Return the jobs of workers that died: those whose lease ran out, or every lease (one process only)."""
    before = tx.now + LEASE * 2 if all_leases else tx.now
    return await tx.run(_RECOVER, before=before)


async def free_orphans(tx: Tx) -> int:
    """Let held jobs run that have no predecessor any more; reads all jobs, so only at the start."""
    return await tx.run(_FREE_ORPHANS)
