"""The rows of `hosts.py`: how other servers do, as it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, delete, select

from dassie.store.dialect import put_or_set
from dassie.store.tables import job_hosts
from dassie.store.tx import Query, Statement, Tx

LOADED = 5_000


class HostRow(msgspec.Struct, frozen=True):
    """A host as it is kept."""

    host: str
    failures: int = 0
    """In a row."""
    open_until: datetime | None = None
    failing_since: datetime | None = None
    last_success_at: datetime | None = None
    last_error: str | None = None
    reason: str | None = None
    """The last one: a word of `breaking.REASONS`."""
    mean_ms: int | None = None
    """Of the time to the head of its answer."""
    deviation_ms: int | None = None


_NAMES = HostRow.__struct_fields__
_SAVE = Statement(put_or_set(job_hosts, (*_NAMES, "updated_at"), key=("host",)))
_SINCE = Query(
    HostRow,
    select(*(job_hosts.c[name] for name in _NAMES))
    .where(job_hosts.c.updated_at > bindparam("after", type_=job_hosts.c.updated_at.type))
    .order_by(job_hosts.c.updated_at.desc())
    .limit(LOADED),
)
_FORGET = Statement(
    delete(job_hosts).where(job_hosts.c.updated_at < bindparam("before", type_=job_hosts.c.updated_at.type))
)


async def save(tx: Tx, rows: Sequence[HostRow]) -> None:
    """Keep these, in place of what was kept of the same hosts."""
    await tx.run_many(_SAVE, [msgspec.structs.asdict(one) | {"updated_at": tx.now} for one in rows])


async def since(tx: Tx, after: datetime) -> list[HostRow]:
    """Those that changed after this, the oldest change first; of more than some thousand the newest."""
    return list(reversed(await tx.all(_SINCE, after=after)))


async def forget_old(tx: Tx, before: datetime) -> int:
    """Drop what nobody had to do with since; how many. A host that is asked, even in vain, is had to do with."""
    return await tx.run(_FORGET, before=before)
