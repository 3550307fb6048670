"""Why statuses of other servers are here, what they weigh, and when somebody last saw them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from msgspec import Struct
from sqlalchemy import BigInteger, Integer, SmallInteger, bindparam, cast, func, select, type_coerce, union, update

from dassie.domain.arrivals import HEAD_START, STRANGERS, Reason
from dassie.domain.ids import StatusId
from dassie.domain.storage import POST
from dassie.store import usage
from dassie.store.dialect import any_of, greatest, put_once
from dassie.store.tables import accounts, arrivals, statuses
from dassie.store.tx import Query, Statement, Tx, row
from dassie.store.types import Json


class Arrival(Struct, frozen=True):
    """What is known about a status that came from elsewhere."""

    status_id: StatusId
    reason: int
    bytes: int
    seen: bool
    mentioned: list[str] | None


_COLUMNS = [
    type_coerce(arrivals.c.mentioned, Json(list[str])) if name == "mentioned" else arrivals.c[name]
    for name in Arrival.__struct_fields__
]
_PUT = Statement(put_once(arrivals, "status_id", "reason", "bytes", "arrived_at", "ranked_at", "mentioned"))
_OF = Query(Arrival, select(*_COLUMNS).where(any_of(arrivals.c.status_id, "ids")))
_reason = bindparam("new_reason", type_=SmallInteger)
_STRENGTHEN = Statement(
    update(arrivals)
    .where(arrivals.c.status_id == bindparam("of_status", type_=BigInteger), arrivals.c.reason < _reason)
    .values(
        reason=_reason,
        ranked_at=type_coerce(
            greatest(arrivals.c.ranked_at, bindparam("rank", type_=arrivals.c.ranked_at.type)),
            arrivals.c.ranked_at.type,
        ),
    )
)
_SEEN = Query(
    StatusId,
    update(arrivals)
    .where(any_of(arrivals.c.status_id, "ids"))
    .values(seen=True, ranked_at=bindparam("at", type_=arrivals.c.ranked_at.type))
    .returning(arrivals.c.status_id),
)
_UNSEEN = Query(StatusId, select(arrivals.c.status_id).where(any_of(arrivals.c.status_id, "ids"), ~arrivals.c.seen))
_RESOLVED = Statement(
    update(arrivals)
    .where(arrivals.c.status_id == bindparam("of_status", type_=BigInteger))
    .values(mentioned=bindparam("left", type_=arrivals.c.mentioned.type))
)
_of_status = bindparam("of_status", type_=BigInteger)
_WEIGHT = Query(int, select(arrivals.c.bytes).where(arrivals.c.status_id == _of_status).with_for_update())
_REWEIGH = Statement(
    update(arrivals).where(arrivals.c.status_id == _of_status).values(bytes=bindparam("new_bytes", type_=Integer))
)
_gone = union(  # apart, so that each half is read by its index
    select(statuses.c.id, statuses.c.account_id).where(any_of(statuses.c.id, "ids")),
    select(statuses.c.id, statuses.c.account_id).where(any_of(statuses.c.reblog_of_id, "ids")),
).subquery()
_WEIGHED = Query(
    row,
    select(accounts.c.domain, func.count(), cast(func.sum(arrivals.c.bytes), BigInteger))
    .select_from(_gone)
    .join(arrivals, arrivals.c.status_id == _gone.c.id)
    .join(accounts, accounts.c.id == _gone.c.account_id)
    .group_by(accounts.c.domain),
)
ROW_BYTES = 500
"""Of a status besides its texts: its columns, entries in indexes, and the words in the search index."""


def weight(*texts: str | None, media: int = 0, tags: int = 0) -> int:
    """About how many bytes of the database a status takes with its texts, attachments and tags."""
    return ROW_BYTES + sum(2 * len(text.encode("utf-8", "replace")) for text in texts if text) + 400 * media + 60 * tags


async def arrive(
    tx: Tx, status_id: StatusId, host: str, reason: Reason, bytes: int, mentioned: Sequence[str] | None = None
) -> None:
    """Remember why a status of an author of `host` came."""
    added = await tx.run(
        _PUT,
        status_id=status_id,
        reason=int(reason),
        bytes=bytes,
        arrived_at=tx.now,
        ranked_at=tx.now - HEAD_START if reason in STRANGERS else tx.now,
        mentioned=list(mentioned) if mentioned else None,
    )
    usage.add(tx, POST, host, added, added * bytes)


async def reweigh(tx: Tx, status_id: int, host: str, bytes: int) -> None:
    """It was edited, and weighs so much now."""
    before = await tx.one(_WEIGHT, of_status=status_id)
    if before is not None and before != bytes:
        await tx.run(_REWEIGH, of_status=status_id, new_bytes=bytes)
        usage.add(tx, POST, host, 0, bytes - before)


async def leave(tx: Tx, ids: Collection[int]) -> int:
    """Count these statuses and their reblogs as gone, in the unit that deletes them (locked before); their bytes."""
    gone = 0
    for host, posts, bytes in await tx.all(_WEIGHED, ids=list(ids)):
        usage.add(tx, POST, host, -posts, -bytes)
        gone += bytes
    return gone


async def strengthen(tx: Tx, status_id: StatusId, reason: Reason) -> None:
    """There is a stronger reason now; a weaker one changes nothing."""
    rank = tx.now - HEAD_START if reason in STRANGERS else tx.now
    await tx.run(_STRENGTHEN, of_status=status_id, new_reason=int(reason), rank=rank)


async def of(tx: Tx, ids: Collection[int]) -> dict[StatusId, Arrival]:
    """Arrivals by status id; our own statuses have none."""
    return {found.status_id: found for found in await tx.all(_OF, ids=list(ids))} if ids else {}


async def see(tx: Tx, ids: Collection[int]) -> list[StatusId]:
    """Somebody saw these now; those that nobody had seen before."""
    if not ids:
        return []
    fresh = await tx.all(_UNSEEN, ids=list(ids))
    await tx.all(_SEEN, ids=list(ids), at=tx.now)
    return fresh


async def resolved(tx: Tx, status_id: StatusId, left: Sequence[str] = ()) -> None:
    """Whom it mentions was looked up, but for those who are `left` to the next look."""
    await tx.run(_RESOLVED, of_status=status_id, left=list(left) or None)
