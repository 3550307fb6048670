"""Other servers that do not answer: what people are shown of `hosts.py`."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from sqlalchemy import bindparam, func, null, select

from dassie.store.tables import job_hosts
from dassie.store.tx import Query, Tx, row

SHOWN = 1000


class FailingHost(Struct, frozen=True):
    """A server that fails."""

    host: str
    failures: int
    """Tries that failed, in a row."""
    failing_since: datetime
    last_success_at: datetime | None
    reason: str | None
    """One word of `breaking.REASONS`."""
    last_error: str | None
    """A sentence."""
    next_try_at: datetime | None
    """It is not asked before this; None: whenever something is wanted of it."""


_HOSTS = Query(
    FailingHost,
    select(
        job_hosts.c.host,
        job_hosts.c.failures,
        job_hosts.c.failing_since,
        job_hosts.c.last_success_at,
        job_hosts.c.reason,
        job_hosts.c.last_error,
        job_hosts.c.open_until,
    )
    .where(job_hosts.c.failures > 0, job_hosts.c.failing_since.is_not(null()))
    .order_by(job_hosts.c.failing_since, job_hosts.c.host)
    .limit(bindparam("limit")),
)
_BY_REASON = Query(
    row, select(job_hosts.c.reason, func.count()).where(job_hosts.c.failures > 0).group_by(job_hosts.c.reason)
)
_ANSWERED = Query(
    str,
    select(job_hosts.c.host)
    .where(job_hosts.c.last_success_at.is_not(null()), job_hosts.c.failures == 0)
    .order_by(job_hosts.c.last_success_at.desc())
    .limit(1),
)


async def hosts(tx: Tx, limit: int = SHOWN) -> list[FailingHost]:
    """Servers that fail, those that do so longest first; at most a thousand."""
    return await tx.all(_HOSTS, limit=limit)


async def by_reason(tx: Tx) -> dict[str, int]:
    """How many servers fail, by reason."""
    return {reason or "unknown": count for reason, count in await tx.all(_BY_REASON)}


async def answered_last(tx: Tx) -> str | None:
    """The server that answered us last."""
    return await tx.one(_ANSWERED)
