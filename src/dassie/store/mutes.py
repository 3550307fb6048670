"""Mutes: whom somebody does not want to read, perhaps only for a while. One that ran out counts as none."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from sqlalchemy import BigInteger, Integer, and_, bindparam, delete, null, or_, select

from dassie.domain.ids import AccountId
from dassie.domain.paging import Page
from dassie.store.dialect import put_or_set
from dassie.store.paging import PagedQuery
from dassie.store.tables import mutes
from dassie.store.tx import Query, Statement, Tx, row
from dassie.store.types import UtcTime


class Mute(Struct, frozen=True):
    """`account_id` does not read `target_id`."""

    id: int
    target_id: AccountId
    hide_notifications: bool
    expires_at: datetime | None


_a = bindparam("account_is", type_=BigInteger)
_b = bindparam("target_is", type_=BigInteger)
_at = bindparam("at", type_=UtcTime)
_pair = and_(mutes.c.account_id == _a, mutes.c.target_id == _b)
_lasting = or_(mutes.c.expires_at.is_(null()), mutes.c.expires_at > _at)
_columns = [mutes.c[name] for name in Mute.__struct_fields__]
_FIND = Query(Mute, select(*_columns).where(_pair, _lasting))
_OF = PagedQuery(Mute, select(*_columns).where(mutes.c.account_id == _a, _lasting), mutes.c.id)
_PUT = Statement(
    put_or_set(
        mutes,
        ("id", "account_id", "target_id", "hide_notifications", "expires_at", "created_at"),
        key=("account_id", "target_id"),
    )
)
_REMOVE = Statement(delete(mutes).where(_pair))
_expired = select(mutes.c.id).where(mutes.c.expires_at <= _at).limit(bindparam("most", type_=Integer))
_RUN_OUT = Query(row, delete(mutes).where(mutes.c.id.in_(_expired)).returning(mutes.c.account_id, mutes.c.target_id))


_LOCAL_MUTERS = Query(AccountId, select(mutes.c.account_id).where(mutes.c.target_id == _b, _lasting))


async def local_muters(tx: Tx, target_id: int) -> list[AccountId]:
    """Those who mute an account; only people here mute."""
    return await tx.all(_LOCAL_MUTERS, target_is=target_id, at=tx.now)


async def find(tx: Tx, account_id: int, target_id: int) -> Mute | None:
    """The mute of one account by another."""
    return await tx.one(_FIND, account_is=account_id, target_is=target_id, at=tx.now)


async def put(
    tx: Tx, *, id: int, account_id: int, target_id: int, hide_notifications: bool, expires_at: datetime | None
) -> None:
    """Keep a mute; one that is there gets these settings."""
    await tx.run(
        _PUT,
        id=id,
        account_id=account_id,
        target_id=target_id,
        hide_notifications=hide_notifications,
        expires_at=expires_at,
        created_at=tx.now,
    )


async def remove(tx: Tx, account_id: int, target_id: int) -> bool:
    """Lift a mute; False where there was none."""
    return await tx.run(_REMOVE, account_is=account_id, target_is=target_id) > 0


async def of(tx: Tx, account_id: int, page: Page) -> list[Mute]:
    """Whom somebody mutes, newest first."""
    return await _OF.read(tx, page, account_is=account_id, at=tx.now)


async def remove_run_out(tx: Tx, most: int) -> list[tuple[AccountId, AccountId]]:
    """Delete up to `most` mutes that ran out; (who, whom) of each."""
    return [(account, target) for account, target in await tx.all(_RUN_OUT, at=tx.now, most=most)]
