"""What we send to other servers, serialised once, and what became of each delivery: the receipt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import BigInteger, Integer, Text, bindparam, delete, select, update

from dassie.domain.ids import new_id
from dassie.store.dialect import put, put_once
from dassie.store.tables import activities, job_attempts
from dassie.store.tx import Query, Statement, Tx, row

FORGOTTEN_AT_ONCE = 2_000


class Receipt(Struct, frozen=True):
    """One delivery: `waiting`, `delivered` or `gave_up`, with the reason of the last failure."""

    activity_id: int
    inbox: str
    host: str
    state: str
    tries: int
    code: int | None
    error: str | None
    next_at: datetime | None
    updated_at: datetime


_PUT = Statement(put(activities, "id", "account_id", "object_uri", "body", "created_at"))
_BODY = Query(row, select(activities.c.body).where(activities.c.id == bindparam("activity_id")))
_EXPECT = Statement(put_once(job_attempts, "activity_id", "inbox", "host", "state", "updated_at"))
_RECORD = Statement(
    update(job_attempts)
    .where(
        job_attempts.c.activity_id == bindparam("of_activity", type_=BigInteger),
        job_attempts.c.inbox == bindparam("at_inbox", type_=Text),
    )
    .values(
        state=bindparam("new_state", type_=Text),
        tries=bindparam("new_tries", type_=Integer),
        code=bindparam("new_code", type_=Integer),
        error=bindparam("new_error", type_=Text),
        next_at=bindparam("new_next_at", type_=job_attempts.c.next_at.type),
        updated_at=bindparam("at", type_=job_attempts.c.updated_at.type),
    )
)
_RECEIPT = Query(
    Receipt,
    select(*(job_attempts.c[name] for name in Receipt.__struct_fields__))
    .join(activities, activities.c.id == job_attempts.c.activity_id)
    .where(activities.c.object_uri == bindparam("object_is"))
    .order_by(job_attempts.c.activity_id, job_attempts.c.host),
)


async def add(tx: Tx, account_id: int, body: bytes, object_uri: str | None = None) -> int:
    """Keep a serialised activity for its deliveries; its row id."""
    id = new_id(tx.now)
    await tx.run(_PUT, id=id, account_id=account_id, object_uri=object_uri, body=body, created_at=tx.now)
    return id


async def body(tx: Tx, id: int) -> bytes | None:
    """The bytes to send; None where the activity, or the account that sent it, is gone."""
    found = await tx.one(_BODY, activity_id=id)
    return bytes(found[0]) if found else None


async def expect(tx: Tx, id: int, inboxes: Sequence[tuple[str, str]]) -> None:
    """Begin the receipt: these (inbox, host) are waited for."""
    rows = [
        {"activity_id": id, "inbox": inbox, "host": host, "state": "waiting", "updated_at": tx.now}
        for inbox, host in inboxes
    ]
    await tx.run_many(_EXPECT, rows)


async def record(
    tx: Tx,
    id: int,
    inbox: str,
    *,
    state: str,
    tries: int,
    code: int | None = None,
    error: str | None = None,
    next_at: datetime | None = None,
) -> None:
    """Write down how a delivery stands."""
    await tx.run(
        _RECORD,
        of_activity=id,
        at_inbox=inbox,
        new_state=state,
        new_tries=tries,
        new_code=code,
        new_error=error[:500] if error else None,
        new_next_at=next_at,
        at=tx.now,
    )


async def receipt(tx: Tx, object_uri: str) -> list[Receipt]:
    """All deliveries of what was sent about a status, in order of sending."""
    return await tx.all(_RECEIPT, object_is=object_uri)


# Forgetting ------------------------------------------------------------------------------------------

_some = activities.alias("some")
_OLD = Statement(
    delete(activities).where(
        activities.c.id.in_(
            select(_some.c.id)
            .where(_some.c.created_at < bindparam("before", type_=activities.c.created_at.type))
            .order_by(_some.c.created_at)
            .limit(FORGOTTEN_AT_ONCE)
        )
    )
)
_few = job_attempts.alias("few")
_OLD_RECEIPTS = Statement(
    delete(job_attempts).where(
        job_attempts.c.activity_id.in_(
            select(_few.c.activity_id)
            .where(_few.c.updated_at < bindparam("before", type_=job_attempts.c.updated_at.type))
            .order_by(_few.c.updated_at)
            .limit(FORGOTTEN_AT_ONCE)
        ),
        job_attempts.c.updated_at < bindparam("before", type_=job_attempts.c.updated_at.type),
    )
)


async def forget_old(tx: Tx, before: datetime) -> int:
    """Drop some thousand activities and receipts older than `before`; how many. None: all are gone."""
    receipts = await tx.run(_OLD_RECEIPTS, before=before)
    return receipts + await tx.run(_OLD, before=before)
