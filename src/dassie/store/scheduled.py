"""Scheduled statuses: what people here want to post later, and what could not be posted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import BigInteger, Text, bindparam, delete, func, null, select, type_coerce, update

from dassie.domain.ids import AccountId
from dassie.domain.paging import Page
from dassie.store.dialect import put
from dassie.store.paging import PagedQuery
from dassie.store.tables import scheduled_statuses
from dassie.store.tx import Query, Statement, Tx
from dassie.store.types import Json, UtcTime

_t = scheduled_statuses


class Scheduled(Struct, frozen=True):
    """A status that waits for its time."""

    id: int
    account_id: AccountId
    draft: dict[str, Any]
    """A `Draft` (services/drafts.py) as JSON has it."""
    scheduled_at: datetime
    error: str | None
    """Why it could not be posted when its time came; then it waits for its author."""
    created_at: datetime


_COLUMNS = [
    type_coerce(_t.c[name], Json(dict[str, Any])) if name == "draft" else _t.c[name]
    for name in Scheduled.__struct_fields__
]
_ID = bindparam("scheduled", type_=BigInteger)
_MINE = _t.c.account_id == bindparam("owner", type_=BigInteger)
_INSERT = Statement(put(_t, "id", "account_id", "draft", "scheduled_at", "created_at"))
_BY_ID = Query(Scheduled, select(*_COLUMNS).where(_t.c.id == _ID))
_HELD_BY_ID = Query(Scheduled, select(*_COLUMNS).where(_t.c.id == _ID).with_for_update())
_NEWEST = PagedQuery(Scheduled, select(*_COLUMNS).where(_MINE), _t.c.id)
_NEXT = Query(Scheduled, select(*_COLUMNS).where(_MINE).order_by(_t.c.scheduled_at, _t.c.id))
_COUNT = Query(int, select(func.count()).where(_MINE))
_COUNT_BETWEEN = Query(
    int,
    select(func.count()).where(
        _MINE,
        _t.c.scheduled_at >= bindparam("since", type_=UtcTime),
        _t.c.scheduled_at < bindparam("until", type_=UtcTime),
    ),
)
_MOVE = Statement(update(_t).where(_t.c.id == _ID).values(scheduled_at=bindparam("at", type_=UtcTime), error=null()))
_FAIL = Statement(update(_t).where(_t.c.id == _ID).values(error=bindparam("why", type_=Text)))
_DELETE = Statement(delete(_t).where(_t.c.id == _ID))
_FORGET = Statement(delete(_t).where(_MINE))


async def insert(tx: Tx, id: int, account_id: AccountId, draft: dict[str, Any], at: datetime) -> None:
    """Add one."""
    await tx.run(_INSERT, id=id, account_id=account_id, draft=draft, scheduled_at=at, created_at=tx.now)


async def by_id(tx: Tx, id: int, *, hold: bool = False) -> Scheduled | None:
    """The one with this id, whosever it is; with `hold` nobody else can change it before this unit ends."""
    return await tx.one(_HELD_BY_ID if hold else _BY_ID, scheduled=id)


async def newest(tx: Tx, account_id: int, page: Page) -> list[Scheduled]:
    """A page of somebody's, the latest made first."""
    return await _NEWEST.read(tx, page, owner=account_id)


async def next_of(tx: Tx, account_id: int) -> list[Scheduled]:
    """All of somebody's, the next one first; their number is bounded."""
    return await tx.all(_NEXT, owner=account_id)


async def count(tx: Tx, account_id: int) -> int:
    """How many somebody has."""
    return await tx.one(_COUNT, owner=account_id) or 0


async def count_between(tx: Tx, account_id: int, since: datetime, until: datetime) -> int:
    """How many of somebody's are to be posted from `since` up to, not including, `until`."""
    return await tx.one(_COUNT_BETWEEN, owner=account_id, since=since, until=until) or 0


async def move(tx: Tx, id: int, at: datetime) -> None:
    """Post it then; what went wrong before is forgotten."""
    await tx.run(_MOVE, scheduled=id, at=at)


async def fail(tx: Tx, id: int, why: str) -> None:
    """It could not be posted."""
    await tx.run(_FAIL, scheduled=id, why=why)


async def delete_row(tx: Tx, id: int) -> None:
    """Take it away; its files are free again."""
    await tx.run(_DELETE, scheduled=id)


async def forget_of(tx: Tx, account_id: int) -> None:
    """Take all of somebody's away."""
    await tx.run(_FORGET, owner=account_id)
