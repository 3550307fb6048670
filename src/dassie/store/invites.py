"""Invitations: links by which people bring others here."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from sqlalchemy import BigInteger, Integer, Text, bindparam, func, null, or_, select, update

from dassie.domain.ids import UserId
from dassie.store.dialect import put
from dassie.store.tables import invites
from dassie.store.tx import Query, Statement, Tx
from dassie.store.types import UtcTime


class Invite(Struct, frozen=True):
    """One link."""

    id: int
    user_id: UserId
    """Whose."""
    code: str
    max_uses: int | None
    uses: int
    autofollow: bool
    """Who comes with it follows who made it."""
    expires_at: datetime | None
    created_at: datetime

    def is_open(self, now: datetime) -> bool:
        """Whether somebody may still come with it."""
        left = self.max_uses is None or self.uses < self.max_uses
        return left and (self.expires_at is None or self.expires_at > now)


_who = bindparam("user_is", type_=BigInteger)
_id = bindparam("invite_is", type_=BigInteger)
_now = bindparam("at", type_=UtcTime)
_COLUMNS = [invites.c[name] for name in Invite.__struct_fields__]
_OPEN = [
    or_(invites.c.max_uses.is_(null()), invites.c.uses < invites.c.max_uses),
    or_(invites.c.expires_at.is_(null()), invites.c.expires_at > _now),
]
_BY_CODE = Query(Invite, select(*_COLUMNS).where(invites.c.code == bindparam("code_is", type_=Text)))
_BY_ID = Query(Invite, select(*_COLUMNS).where(invites.c.id == _id))
_OF_USER = Query(
    Invite,
    select(*_COLUMNS)
    .where(invites.c.user_id == _who)
    .order_by(invites.c.id.desc())
    .limit(bindparam("most", type_=Integer)),
)
_COUNT_OPEN = Query(int, select(func.count()).select_from(invites).where(invites.c.user_id == _who, *_OPEN))
_INSERT = Statement(put(invites, *Invite.__struct_fields__))
_USE = Statement(update(invites).where(invites.c.id == _id, *_OPEN).values(uses=invites.c.uses + 1))
_END = Statement(update(invites).where(invites.c.id == _id, invites.c.user_id == _who).values(expires_at=_now))


async def by_code(tx: Tx, code: str) -> Invite | None:
    """The invitation with this code, open or not."""
    return await tx.one(_BY_CODE, code_is=code)


async def by_id(tx: Tx, id: int) -> Invite | None:
    """The invitation with this id."""
    return await tx.one(_BY_ID, invite_is=id)


async def of_user(tx: Tx, user_id: int, limit: int) -> list[Invite]:
    """Somebody's invitations, newest first."""
    return await tx.all(_OF_USER, user_is=user_id, most=limit)


async def count_open(tx: Tx, user_id: int) -> int:
    """With how many of theirs somebody may still come."""
    return await tx.one(_COUNT_OPEN, user_is=user_id, at=tx.now) or 0


async def insert(tx: Tx, new: Invite) -> None:
    """Keep a new one."""
    await tx.run(_INSERT, **{name: getattr(new, name) for name in Invite.__struct_fields__})


async def use(tx: Tx, id: int) -> bool:
    """Somebody comes with it; False where it is used up or has run out."""
    return await tx.run(_USE, invite_is=id, at=tx.now) > 0


async def end(tx: Tx, user_id: int, id: int) -> bool:
    """Nobody comes with it any more. False where it is not this person's."""
    return await tx.run(_END, invite_is=id, user_is=user_id, at=tx.now) > 0
