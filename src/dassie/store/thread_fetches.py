"""Threads of other servers that were, or are being, read as a whole: one row for each, with how far that is."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from sqlalchemy import BigInteger, Text, bindparam, delete, func, select, update

from dassie.domain.ids import StatusId
from dassie.domain.threads import AGAIN, GIVEN_UP
from dassie.store.dialect import put_once
from dassie.store.tables import thread_fetches
from dassie.store.tx import Query, Statement, Tx
from dassie.store.types import UtcTime

KEPT_FOR = 96 * AGAIN
"""A day: apps may ask so long how it ended."""


class ThreadFetch(Struct, frozen=True):
    """One reading of what answers a status."""

    status_id: StatusId
    token: str
    started_at: datetime
    finished_at: datetime | None
    found: int
    """So many posts came by it."""

    def running(self, now: datetime) -> bool:
        """Whether more may come."""
        return self.finished_at is None and now - self.started_at < GIVEN_UP


_t = thread_fetches
_all = select(*(_t.c[name] for name in ThreadFetch.__struct_fields__))
_of_status = _t.c.status_id == bindparam("of_status", type_=BigInteger)
_mine = (_of_status, _t.c.token == bindparam("by_token", type_=Text))
_before = bindparam("before", type_=UtcTime)
_OF = Query(ThreadFetch, _all.where(_of_status))
_BY_TOKEN = Query(ThreadFetch, _all.where(_t.c.token == bindparam("by_token", type_=Text)))
_PUT = Statement(put_once(_t, "status_id", "token", "started_at"))
_AGAIN = Statement(
    update(_t)
    .where(_of_status, _t.c.started_at <= _before)
    .values(
        token=bindparam("new_token", type_=Text),
        started_at=bindparam("at", type_=UtcTime),
        finished_at=None,
        found=0,
    )
)
_FOUND = Statement(update(_t).where(*_mine).values(found=bindparam("so_many")))
_FINISH = Statement(
    update(_t).where(*_mine).values(found=bindparam("so_many"), finished_at=bindparam("at", type_=UtcTime))
)
_RUNNING = Query(int, select(func.count()).where(_t.c.started_at > _before, _t.c.finished_at.is_(None)))
_FORGET = Statement(delete(_t).where(_t.c.started_at < _before))


async def of(tx: Tx, status_id: int) -> ThreadFetch | None:
    """The last reading of what answers this status."""
    return await tx.one(_OF, of_status=status_id)


async def by_token(tx: Tx, token: str) -> ThreadFetch | None:
    """The one that apps were told of by this word."""
    return await tx.one(_BY_TOKEN, by_token=token)


async def begin(tx: Tx, status_id: StatusId, token: str) -> bool:
    """Note that it begins; False where the last one began too short a time ago."""
    if await tx.run(_PUT, status_id=status_id, token=token, started_at=tx.now):
        return True
    return await tx.run(_AGAIN, of_status=status_id, before=tx.now - AGAIN, new_token=token, at=tx.now) > 0


async def came(tx: Tx, status_id: int, token: str, found: int) -> None:
    """So many posts have come so far."""
    await tx.run(_FOUND, of_status=status_id, by_token=token, so_many=found)


async def finish(tx: Tx, status_id: int, token: str, found: int) -> None:
    """It is over; so many posts came."""
    await tx.run(_FINISH, of_status=status_id, by_token=token, so_many=found, at=tx.now)


async def under_way(tx: Tx) -> int:
    """How many are not over."""
    return await tx.one(_RUNNING, before=tx.now - GIVEN_UP) or 0


async def forget_old(tx: Tx) -> None:
    """Drop what nobody asks for any more."""
    await tx.run(_FORGET, before=tx.now - KEPT_FOR)
