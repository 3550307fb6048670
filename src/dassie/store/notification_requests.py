"""Senders whose notifications are held back, and what is held back of each.

A row says that somebody asks; how much is counted from the notifications themselves, so no count can be wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import BigInteger, Integer, and_, bindparam, delete, func, literal_column, null, select, update

from dassie.domain.ids import AccountId, StatusId, next_id
from dassie.domain.notification_policies import MOST_COUNTED, REQUESTED
from dassie.domain.paging import Page
from dassie.store.dialect import any_of, put_or_set
from dassie.store.paging import PagedQuery
from dassie.store.tables import accounts, notification_requests, notifications
from dassie.store.tx import Query, Statement, Tx, row


class NotificationRequest(Struct, frozen=True):
    """Somebody whose mentions are held back."""

    id: int
    from_account_id: AccountId
    created_at: datetime
    updated_at: datetime
    count: int
    """Mentions and quotes held back, counted up to `MOST_COUNTED`."""
    last_status_id: StatusId | None


class Held(Struct, frozen=True):
    """A notification that was held back."""

    id: int
    type: str
    status_id: StatusId | None


_t, _n = notification_requests, notifications
_me = bindparam("recipient", type_=BigInteger)
_them = bindparam("sender", type_=BigInteger)
_most = bindparam("most", type_=Integer)
_pair = and_(_t.c.account_id == _me, _t.c.from_account_id == _them)
_types: list[Any] = [literal_column(f"'{type}'") for type in sorted(REQUESTED)]
_asking = and_(
    _n.c.account_id == _t.c.account_id,
    _n.c.from_account_id == _t.c.from_account_id,
    _n.c.filtered,
    _n.c.type.in_(_types),
)


def _select() -> Any:
    counted = select(_n.c.id).where(_asking).limit(literal_column(str(MOST_COUNTED))).correlate(_t).subquery()
    count = select(func.count()).select_from(counted).scalar_subquery()
    newest = (
        select(_n.c.status_id)
        .where(_asking)
        .order_by(_n.c.id.desc())
        .limit(literal_column("1"))
        .correlate(_t)
        .scalar_subquery()
    )
    asks = select(_n.c.id).where(_asking).correlate(_t).exists()
    return (
        select(_t.c.id, _t.c.from_account_id, _t.c.created_at, _t.c.updated_at, count, newest)
        .join(accounts, accounts.c.id == _t.c.from_account_id)
        .where(_t.c.account_id == _me, accounts.c.suspended_at.is_(null()), asks)
    )


def _number() -> Query[int]:
    asks = select(_n.c.id).where(_asking).correlate(_t).exists()
    some = (
        select(_t.c.id)
        .join(accounts, accounts.c.id == _t.c.from_account_id)
        .where(_t.c.account_id == _me, accounts.c.suspended_at.is_(null()), asks)
        .limit(literal_column(str(MOST_COUNTED)))
        .subquery()
    )
    return Query(int, select(func.count()).select_from(some))


_NUMBER = _number()
_PAGE = PagedQuery(NotificationRequest, _select(), _t.c.id)
_BY_IDS = Query(NotificationRequest, _select().where(any_of(_t.c.id, "ids")))
_PUT = Statement(
    put_or_set(
        _t, ("id", "account_id", "from_account_id", "created_at", "updated_at"), key=("account_id", "from_account_id")
    )
)
_TOUCH = Statement(
    update(_t)
    .where(_pair, select(_n.c.id).where(_asking, _n.c.id != bindparam("but", type_=BigInteger)).correlate(_t).exists())
    .values(updated_at=bindparam("at", type_=_t.c.updated_at.type))
)
_REMOVE = Statement(delete(_t).where(_pair))
_EMPTY = select(_t.c.id).where(~select(_n.c.id).where(_asking).correlate(_t).exists()).limit(_most)
_REMOVE_EMPTY = Statement(delete(_t).where(_t.c.id.in_(_EMPTY)))
_held = and_(_n.c.account_id == _me, _n.c.from_account_id == _them, _n.c.filtered)
_LET_THROUGH = Query(
    Held,
    update(_n)
    .where(_n.c.id.in_(select(_n.c.id).where(_held).order_by(_n.c.id).limit(_most)))
    .values(filtered=literal_column("false"))
    .returning(_n.c.id, _n.c.type, _n.c.status_id),
)
_DROP = Statement(delete(_n).where(_n.c.id.in_(select(_n.c.id).where(_held).limit(_most))))
_OF = PagedQuery(row, select(_n.c.id, _n.c.status_id).where(_held, _n.c.type.in_(_types)), _n.c.id)


async def ask(tx: Tx, account_id: int, from_account_id: int, notification_id: int) -> None:
    """A mention was held back. A request of which nothing is left counts as none: it begins anew."""
    about = {"recipient": account_id, "sender": from_account_id}
    if await tx.run(_TOUCH, **about, but=notification_id, at=tx.now):
        return
    await tx.run(_REMOVE, **about)
    await tx.run(
        _PUT,
        id=next_id(tx.now),
        account_id=account_id,
        from_account_id=from_account_id,
        created_at=tx.now,
        updated_at=tx.now,
    )


async def newest(tx: Tx, account_id: int, page: Page) -> list[NotificationRequest]:
    """Who asks, newest first."""
    return await _PAGE.read(tx, page, recipient=account_id)


async def by_ids(tx: Tx, account_id: int, ids: Sequence[int]) -> list[NotificationRequest]:
    """Those of these ids that somebody has."""
    return await tx.all(_BY_IDS, recipient=account_id, ids=list(ids))


async def number(tx: Tx, account_id: int) -> int:
    """How many ask, counted up to `MOST_COUNTED`."""
    return await tx.one(_NUMBER, recipient=account_id) or 0


async def summary(tx: Tx, account_id: int) -> tuple[int, int]:
    """How many ask, and how much of theirs is held back; each counted up to `MOST_COUNTED`."""
    found = await newest(tx, account_id, Page(limit=MOST_COUNTED))
    return len(found), min(sum(one.count for one in found), MOST_COUNTED)


async def remove(tx: Tx, account_id: int, from_account_id: int) -> None:
    """Somebody does not ask any more."""
    await tx.run(_REMOVE, recipient=account_id, sender=from_account_id)


async def let_through(tx: Tx, account_id: int, from_account_id: int, most: int) -> list[Held]:
    """Have up to `most` of what is held back of a sender count as any other notification."""
    return await tx.all(_LET_THROUGH, recipient=account_id, sender=from_account_id, most=most)


async def drop(tx: Tx, account_id: int, from_account_id: int, most: int) -> int:
    """Delete up to `most` of what is held back of a sender; how many."""
    return await tx.run(_DROP, recipient=account_id, sender=from_account_id, most=most)


async def held_statuses(tx: Tx, account_id: int, from_account_id: int, page: Page) -> list[tuple[int, StatusId]]:
    """What of a sender's mentions is held back, newest first: (notification, status); cursors are notifications."""
    return await _OF.read(tx, page, recipient=account_id, sender=from_account_id)


async def remove_empty(tx: Tx, most: int) -> int:
    """Delete up to `most` requests of which nothing is left; how many."""
    return await tx.run(_REMOVE_EMPTY, most=most)
