"""Taking jobs: by turns of hosts, so many of each, for as long as a lease lasts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Integer, SmallInteger, Text, bindparam, func, literal_column, null, select, update

from dassie.domain.jobs import State
from dassie.store.dialect import any_of, each
from dassie.store.queue.rows import LEASE, Claimed, is_ready
from dassie.store.tables import jobs
from dassie.store.tx import Query, Tx


def _next_host(after: Any) -> Any:
    return (
        select(func.min(jobs.c.host))
        .where(is_ready, jobs.c.lane == bindparam("lane", type_=SmallInteger), jobs.c.host > after)
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
    select(literal_column("1")).where(is_ready, jobs.c.lane == bindparam("lane"), jobs.c.host == "").limit(1),
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
    .where(any_of(jobs.c.id, "ids"), is_ready)
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
