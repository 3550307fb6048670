"""Follows that ended all at once, with a block of a whole server: how many, told by one notification."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import BigInteger, Integer, Text, and_, bindparam, select, update

from dassie.domain.ids import id_floor
from dassie.store.dialect import any_of, put
from dassie.store.tables import notifications, severances
from dassie.store.tx import Query, Statement, Tx

TOGETHER = timedelta(minutes=10)
"""What ends within is told as one."""


class Severance(Struct, frozen=True):
    """What was lost, and why."""

    id: int
    """Of the notification, too."""
    type: str
    """user_domain_block, domain_block or account_suspension"""
    target_name: str
    followers_count: int
    following_count: int
    created_at: datetime


_t = severances
_NAMES = Severance.__struct_fields__
_BY_IDS = Query(Severance, select(*(_t.c[name] for name in _NAMES)).where(any_of(_t.c.id, "ids")))
_INSERT = Statement(put(_t, *_NAMES))
_OPEN = Query(
    int,
    select(_t.c.id)
    .join(notifications, notifications.c.id == _t.c.id)
    .where(
        and_(
            notifications.c.account_id == bindparam("recipient", type_=BigInteger),
            notifications.c.id >= bindparam("floor", type_=BigInteger),
            _t.c.type == bindparam("type_is", type_=Text),
            _t.c.target_name == bindparam("target_is", type_=Text),
        )
    )
    .limit(1),
)
_ADD = Statement(
    update(_t)
    .where(_t.c.id == bindparam("id_is", type_=BigInteger))
    .values(
        followers_count=_t.c.followers_count + bindparam("followers", type_=Integer),
        following_count=_t.c.following_count + bindparam("following", type_=Integer),
    )
)


async def open_one(tx: Tx, account_id: int, type: str, target_name: str) -> int | None:
    """The one that takes in what ends now."""
    floor = id_floor(tx.now - TOGETHER)
    return await tx.one(_OPEN, recipient=account_id, floor=floor, type_is=type, target_is=target_name)


async def insert(tx: Tx, new: Severance) -> None:
    """Keep one; its notification is there."""
    await tx.run(_INSERT, **{name: getattr(new, name) for name in _NAMES})


async def add(tx: Tx, id: int, *, followers: int, following: int) -> None:
    """More of the same ended."""
    await tx.run(_ADD, id_is=id, followers=followers, following=following)


async def by_ids(tx: Tx, ids: Collection[int]) -> dict[int, Severance]:
    """Those of these notifications, by id."""
    return {one.id: one for one in await tx.all(_BY_IDS, ids=list(ids))} if ids else {}
