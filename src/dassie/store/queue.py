"""The queue's rows: put in, claim, finish, retry, hold, set aside. Each costs O(batch), whatever the backlog.

A job with an order key is HELD while an earlier one with the same key is unfinished; finishing it makes the
next one READY. So an Update never overtakes its Create, however often that is retried.
"""

from __future__ import annotations

import math
import secrets
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import (
    Integer,
    SmallInteger,
    Text,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    literal_column,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from dassie.domain.ids import next_id
from dassie.domain.jobs import Job, Lane, State
from dassie.store.dialect import any_of, each, put
from dassie.store.tables import jobs
from dassie.store.tx import Query, Statement, Tx, row

LEASE = timedelta(seconds=30)
PARKED_AT_ONCE = 500
PROMOTED_AT_ONCE = 1000

# Partial indexes serve only statements that name the state as a constant.
_is_ready = jobs.c.state == literal_column("0")
_is_due = jobs.c.state == literal_column("1")
_is_running = jobs.c.state == literal_column("2")
_is_held = jobs.c.state == literal_column("3")
_is_set_aside = jobs.c.state == literal_column("4")
_unfinished = jobs.c.state < literal_column("4")


class Claimed(msgspec.Struct, frozen=True):
    """A job that this worker may run until its lease ends."""

    id: int
    kind: str
    args: bytes
    host: str
    attempts: int
    """This try included."""
    order_key: str | None
    created_at: datetime


# Putting in ----------------------------------------------------------------------------------------

_COLUMNS = ("id", "kind", "args", "lane", "state", "host", "run_at", "unique_key", "order_key", "cause", "created_at")
_PUT = Statement(put(jobs, *_COLUMNS).on_conflict_do_nothing())


def _ordered_values() -> list[Any]:
    values: list[Any] = [bindparam(name, type_=jobs.c[name].type) for name in _COLUMNS]
    earlier = exists().where(
        jobs.c.order_key == bindparam("order_key", type_=Text), jobs.c.order_key.is_not(null()), _unfinished
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
        await _lock_order(tx, order)
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
            await _lock_order(tx, key)
        await tx.run_many(
            _PUT_ORDERED,
            [_values(tx, job, host, None, None, key) for (job, host), key in zip(new, keys, strict=True)],
        )
    for lane in {job.lane for job, _ in new}:
        tx.notify_queue(lane)


async def _lock_order(tx: Tx, key: str) -> None:
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
    .where(any_of(jobs.c.order_key, "keys"), jobs.c.order_key.is_not(null()), _unfinished)
    .limit(1),
)


async def under_way(tx: Tx, keys: Sequence[str]) -> bool:
    """Whether an unfinished job has one of these order keys."""
    return bool(keys) and await tx.one(_UNDER_WAY, keys=list(keys)) is not None


# Claiming ------------------------------------------------------------------------------------------


def _next_host(after: Any) -> Any:
    return (
        select(func.min(jobs.c.host))
        .where(_is_ready, jobs.c.lane == bindparam("lane", type_=SmallInteger), jobs.c.host > after)
        .scalar_subquery()
    )


def _hosts_query() -> Query[str]:
    # A skip scan: one index step per host, however many jobs each has.
    found = select(_next_host(bindparam("cursor", type_=Text)).label("host")).cte("found", recursive=True)
    found = found.union_all(select(_next_host(found.c.host)).where(found.c.host.is_not(null())))
    return Query(
        str,
        select(found.c.host).where(found.c.host.is_not(null())).limit(bindparam("limit", type_=Integer)),
    )


_HOSTS = _hosts_query()
_OWN_READY = Query(
    int,
    select(literal_column("1")).where(_is_ready, jobs.c.lane == bindparam("lane"), jobs.c.host == "").limit(1),
)


def _pick(newest_first: bool) -> Any:
    host = each("hosts", Text, alias="chosen")
    inner = jobs.alias("inner_jobs")
    first = (
        select(inner.c.id)
        .where(
            inner.c.state == literal_column("0"),
            inner.c.lane == bindparam("lane", type_=SmallInteger),
            inner.c.host == host.c.value,
        )
        .order_by(inner.c.id.desc() if newest_first else inner.c.id)
        .limit(bindparam("per_host", type_=Integer))
        .correlate(host)
    )
    return select(jobs.c.id).select_from(host.join(jobs, jobs.c.id.in_(first))).limit(bindparam("limit", type_=Integer))


_PICK = {newest_first: Query(int, _pick(newest_first)) for newest_first in (False, True)}
_TAKE = Query(
    Claimed,
    update(jobs)
    .where(any_of(jobs.c.id, "ids"), _is_ready)
    .values(
        state=int(State.RUNNING),
        attempts=jobs.c.attempts + 1,
        lease_until=bindparam("lease", type_=jobs.c.lease_until.type),
        worker=bindparam("worker_id", type_=Text),
    )
    .returning(jobs.c.id, jobs.c.kind, jobs.c.args, jobs.c.host, jobs.c.attempts, jobs.c.order_key, jobs.c.created_at),
)


async def ready_hosts(tx: Tx, lane: int, cursor: str, limit: int) -> list[str]:
    """Hosts with a ready job in `lane`, in order after `cursor`; '' (ours) comes first."""
    own = [""] if await tx.one(_OWN_READY, lane=lane) is not None else []
    return own + await tx.all(_HOSTS, lane=lane, cursor=cursor, limit=limit)


async def claim(
    tx: Tx,
    lane: int,
    hosts: Collection[str],
    *,
    per_host: int,
    limit: int,
    worker: str,
    newest_first: bool = False,
) -> list[Claimed]:
    """Lease up to `limit` ready jobs, oldest (or newest) first, at most `per_host` of each of these hosts."""
    ids = await tx.all(_PICK[newest_first], lane=lane, hosts=list(hosts), per_host=per_host, limit=limit)
    if not ids:
        return []
    taken = await tx.all(_TAKE, ids=ids, lease=tx.now + LEASE, worker_id=worker)
    return sorted(taken, key=lambda job: job.id)


# Ending --------------------------------------------------------------------------------------------

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
    free = update(jobs).where(jobs.c.id.in_(ids), _is_held).values(state=int(State.READY))
    return Query(int, free.returning(jobs.c.lane))


_PROMOTE_NEXT = _promote_next()


async def finish(tx: Tx, done: Sequence[Claimed]) -> None:
    """Remove finished jobs and let their successors run."""
    await tx.run(_FINISH, ids=[job.id for job in done])
    await _let_next_run(tx, done)


async def retry(tx: Tx, job: Claimed, *, at: datetime, why: str, counts: bool = True) -> None:
    """Put a job back to run at `at`. With `counts=False` this try is not counted (it was not the job's fault)."""
    await tx.run(_RETRY, job_id=job.id, at=at, why=why[:1000], back=0 if counts else 1)
    tx.notify_queue(None)


async def set_aside(tx: Tx, job: Claimed, *, why: str) -> None:
    """Give up: keep the job with its last error where the admin sees it, and let its successors run."""
    await tx.run(_SET_ASIDE, job_id=job.id, why=why[:4000])
    await _let_next_run(tx, [job])


async def _let_next_run(tx: Tx, done: Sequence[Claimed]) -> None:
    await _promote(tx, {job.order_key for job in done if job.order_key is not None})


async def _promote(tx: Tx, keys: Collection[str]) -> None:
    """Let the first of those that were held by these keys run."""
    if keys:
        for key in sorted(keys):
            await _lock_order(tx, key)
        for lane in set(await tx.all(_PROMOTE_NEXT, keys=sorted(keys))):
            tx.notify_queue(lane)


def delay(attempts: int, base: float) -> float:
    """Seconds before the next try: the fourth power, jittered, so that a day's outage costs few tries."""
    spread = secrets.randbelow(1000) / 1000
    return base * (1 + spread / 4) + math.pow(attempts, 4) * (1 + spread / 2)


# Time ----------------------------------------------------------------------------------------------


def _some(condition: Any, limit: int) -> Any:
    some = jobs.alias("some")
    return select(some.c.id).where(condition(some)).limit(limit)


_PROMOTE_DUE = Statement(
    update(jobs)
    .where(
        jobs.c.id.in_(
            _some(
                lambda t: (
                    (t.c.state == literal_column("1")) & (t.c.run_at <= bindparam("now_at", type_=jobs.c.run_at.type))
                ),
                PROMOTED_AT_ONCE,
            )
        ),
        _is_due,
    )
    .values(state=int(State.READY))
)
_NEXT_DUE = Query(row, select(jobs.c.run_at).where(_is_due).order_by(jobs.c.run_at).limit(1))
_PARK = Statement(
    update(jobs)
    .where(
        jobs.c.id.in_(
            _some(
                lambda t: (
                    (t.c.state == literal_column("0"))
                    & (t.c.lane == bindparam("lane", type_=SmallInteger))
                    & (t.c.host == bindparam("at_host", type_=Text))
                ),
                PARKED_AT_ONCE,
            )
        ),
        _is_ready,
    )
    .values(state=int(State.SCHEDULED), run_at=bindparam("until", type_=jobs.c.run_at.type))
)
_BRING_FORWARD = Statement(
    update(jobs)
    .where(
        jobs.c.id.in_(
            _some(
                lambda t: (
                    (t.c.state == literal_column("1"))
                    & (t.c.host != literal_column("''"))
                    & (t.c.lane == bindparam("lane", type_=SmallInteger))
                    & (t.c.host == bindparam("at_host", type_=Text))
                ),
                PARKED_AT_ONCE,
            )
        ),
        _is_due,
    )
    .values(state=int(State.READY))
)
_WAITED = Query(
    int,
    select(jobs.c.id)
    .where(
        _is_due,
        jobs.c.kind == bindparam("of_kind", type_=Text),
        jobs.c.created_at < bindparam("before", type_=jobs.c.created_at.type),
    )
    .limit(PARKED_AT_ONCE),
)
_LET_GO = Query(
    Claimed,
    delete(jobs)
    .where(any_of(jobs.c.id, "ids"), _is_due)
    .returning(jobs.c.id, jobs.c.kind, jobs.c.args, jobs.c.host, jobs.c.attempts, jobs.c.order_key, jobs.c.created_at),
)
_EXTEND = Statement(
    update(jobs)
    .where(any_of(jobs.c.id, "ids"), _is_running)
    .values(lease_until=bindparam("lease", type_=jobs.c.lease_until.type))
)
_RECOVER = Statement(
    update(jobs)
    .where(_is_running, jobs.c.lease_until <= bindparam("before", type_=jobs.c.lease_until.type))
    .values(state=int(State.READY), lease_until=null(), worker=null())
)
_RELEASE = Statement(
    update(jobs)
    .where(any_of(jobs.c.id, "ids"), _is_running)
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
    return Statement(update(jobs).where(_is_held, ~earlier).values(state=int(State.READY)))


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
    await _let_next_run(tx, dropped)
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


# Letting go ----------------------------------------------------------------------------------------

_of_strangers = jobs.c.lane == literal_column("5")  # Lane.STRANGERS, said so that its index serves
_STRANGERS_WAITING = Query(int, select(func.count()).where(_of_strangers, _unfinished))


def _drop_oldest(*conditions: Any) -> Query[Any]:
    not_begun = jobs.c.state < literal_column("2")
    oldest = (
        select(jobs.c.id)
        .where(_of_strangers, _unfinished, not_begun, *conditions)
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
    await _promote(tx, {key for key, _ in gone if key is not None})
    return Counter(cause or "" for _, cause in gone)


# Looking -------------------------------------------------------------------------------------------

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
    .where(_is_set_aside)
    .order_by(jobs.c.id.desc())
    .limit(bindparam("limit", type_=Integer)),
)
_REPEAT = Statement(
    update(jobs)
    .where(any_of(jobs.c.id, "ids"), _is_set_aside)
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
