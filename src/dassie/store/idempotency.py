"""Keys by which an app says that it repeats a request: the same key gives the status that is there."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import BigInteger, Text, bindparam, delete, select, update

from dassie.domain.ids import StatusId
from dassie.store.dialect import put_once
from dassie.store.tables import idempotency_keys
from dassie.store.tx import Query, Statement, Tx
from dassie.store.types import UtcTime

KEPT = timedelta(hours=1)

_t = idempotency_keys
_mine = (_t.c.account_id == bindparam("by_account", type_=BigInteger), _t.c.key == bindparam("key_is", type_=Text))
_PUT = Statement(put_once(_t, "account_id", "key", "status_id", "created_at"))
_FIND = Query(StatusId, select(_t.c.status_id).where(*_mine))
_EXPIRE = Statement(delete(_t).where(*_mine, _t.c.created_at < bindparam("before", type_=UtcTime)))
_MOVE = Statement(update(_t).where(*_mine).values(status_id=bindparam("new_status", type_=BigInteger)))
_FORGET = Statement(delete(_t).where(_t.c.created_at < bindparam("before", type_=UtcTime)))


async def claim(tx: Tx, account_id: int, key: str, status_id: StatusId) -> StatusId:
    """`status_id` where the key is new; else the id of the status that it was used for within the hour."""
    await tx.run(_EXPIRE, by_account=account_id, key_is=key, before=tx.now - KEPT)
    if await tx.run(_PUT, account_id=account_id, key=key, status_id=status_id, created_at=tx.now):
        return status_id
    found = await tx.one(_FIND, by_account=account_id, key_is=key)
    return found if found is not None else status_id


async def move(tx: Tx, account_id: int, key: str, status_id: StatusId) -> None:
    """Have a key stand for this status: the one before it is gone."""
    await tx.run(_MOVE, by_account=account_id, key_is=key, new_status=status_id)


async def forget_old(tx: Tx) -> None:
    """Drop keys that are past their time."""
    await tx.run(_FORGET, before=tx.now - KEPT)
