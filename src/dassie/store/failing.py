"""Other servers that do not answer, as the queue keeps count of them (`jobs/hosts.py`)."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from sqlalchemy import select

from dassie.store.tables import job_hosts
from dassie.store.tx import Query, Tx


class FailingHost(Struct, frozen=True):
    """A server that fails."""

    host: str
    failures: int
    failing_since: datetime
    last_error: str | None


_HOSTS = Query(
    FailingHost,
    select(job_hosts.c.host, job_hosts.c.failures, job_hosts.c.failing_since, job_hosts.c.last_error)
    .where(job_hosts.c.failures > 0, job_hosts.c.failing_since.is_not(None))
    .order_by(job_hosts.c.failing_since)
    .limit(1000),
)
_ANSWERED = Query(
    str,
    select(job_hosts.c.host)
    .where(job_hosts.c.last_success_at.is_not(None))
    .order_by(job_hosts.c.last_success_at.desc())
    .limit(1),
)


async def hosts(tx: Tx) -> list[FailingHost]:
    """Servers that fail, those that do so longest first; at most a thousand."""
    return await tx.all(_HOSTS)


async def answered_last(tx: Tx) -> str | None:
    """The server that answered us last."""
    return await tx.one(_ANSWERED)
