"""Addresses to which somebody's public posts go, and what is due to be sent there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    Integer,
    Text,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    null,
    or_,
    select,
    update,
)

from dassie.domain.ids import StatusId, id_floor, next_id
from dassie.store.dialect import put_once
from dassie.store.tables import accounts, email_subscriptions, statuses
from dassie.store.tx import Query, Statement, Tx
from dassie.store.types import UtcTime

UNCONFIRMED_FOR = timedelta(days=7)
"""So long an address that nobody confirmed is remembered."""


class Subscription(Struct, frozen=True):
    """One address that gets somebody's posts."""

    id: int
    account_id: int
    email: str
    locale: str
    confirmed_at: datetime | None
    created_at: datetime
    sent_at: datetime | None
    last_status_id: int
    """Up to which posts were sent."""


class Due(Struct, frozen=True):
    """A subscription with posts to send, up to this one."""

    id: int
    email: str
    locale: str
    after: int
    upto: int


_t = email_subscriptions
_NAMES = Subscription.__struct_fields__
_columns = [_t.c[name] for name in _NAMES]
_id = bindparam("subscription", type_=BigInteger)
_of = _t.c.account_id == bindparam("of_account", type_=BigInteger)
_BY_ID = Query(Subscription, select(*_columns).where(_t.c.id == _id))
_FIND = Query(Subscription, select(*_columns).where(_of, _t.c.email == bindparam("email_is", type_=Text)))
_COUNT = Query(int, select(func.count()).where(_of))
_READERS = Query(int, select(func.count()).where(_of, _t.c.confirmed_at.is_not(null())))
_ADD = Statement(put_once(_t, "id", "account_id", "email", "locale", "created_at"))
_CONFIRM = Statement(
    update(_t)
    .where(_t.c.id == _id, _t.c.confirmed_at.is_(null()))
    .values(
        confirmed_at=bindparam("at", type_=UtcTime),
        last_status_id=bindparam("newest", type_=BigInteger),
    )
)
_SENT = Statement(
    update(_t)
    .where(_t.c.id == _id)
    .values(sent_at=bindparam("at", type_=UtcTime), last_status_id=bindparam("newest", type_=BigInteger))
)
_REMOVE = Statement(delete(_t).where(_t.c.id == _id))
_FORGET = Statement(
    delete(_t).where(_t.c.confirmed_at.is_(null()), _t.c.created_at < bindparam("before", type_=UtcTime))
)

_sendable: Any = and_(
    statuses.c.account_id == _t.c.account_id,
    statuses.c.id > _t.c.last_status_id,
    statuses.c.id < bindparam("ceiling", type_=BigInteger),
    statuses.c.visibility == literal_column("'public'"),
    statuses.c.reblog_of_id.is_(null()),
    statuses.c.in_reply_to_id.is_(null()),
    statuses.c.in_reply_to_uri.is_(null()),
)
_newest = select(func.max(statuses.c.id)).where(_sendable).correlate(_t).scalar_subquery()
_DUE = Query(
    Due,
    select(_t.c.id, _t.c.email, _t.c.locale, _t.c.last_status_id, _newest)
    .join(accounts, accounts.c.id == _t.c.account_id)
    .where(
        _t.c.confirmed_at.is_not(null()),
        accounts.c.email_subscriptions,
        accounts.c.suspended_at.is_(null()),
        or_(_t.c.sent_at.is_(null()), _t.c.sent_at <= bindparam("before", type_=UtcTime)),
        _t.c.id > bindparam("after_id", type_=BigInteger),
        _newest.is_not(null()),
    )
    .order_by(_t.c.id)
    .limit(bindparam("most", type_=Integer)),
)
_POSTS = Query(
    StatusId,
    select(statuses.c.id)
    .where(
        statuses.c.account_id == bindparam("of_account", type_=BigInteger),
        statuses.c.id > bindparam("after", type_=BigInteger),
        statuses.c.id <= bindparam("upto", type_=BigInteger),
        statuses.c.visibility == literal_column("'public'"),
        statuses.c.reblog_of_id.is_(null()),
        statuses.c.in_reply_to_id.is_(null()),
        statuses.c.in_reply_to_uri.is_(null()),
    )
    .order_by(statuses.c.id.desc())
    .limit(bindparam("most", type_=Integer)),
)


async def by_id(tx: Tx, id: int) -> Subscription | None:
    """One subscription."""
    return await tx.one(_BY_ID, subscription=id)


async def find(tx: Tx, account_id: int, email: str) -> Subscription | None:
    """That of an address to somebody's posts."""
    return await tx.one(_FIND, of_account=account_id, email_is=email)


async def number(tx: Tx, account_id: int) -> int:
    """How many addresses were given for somebody's posts, confirmed or not."""
    return await tx.one(_COUNT, of_account=account_id) or 0


async def readers(tx: Tx, account_id: int) -> int:
    """How many get somebody's posts by mail."""
    return await tx.one(_READERS, of_account=account_id) or 0


async def add(tx: Tx, account_id: int, email: str, locale: str) -> None:
    """Keep an address that is still to be confirmed; once."""
    values = {"id": next_id(tx.now), "account_id": account_id, "email": email, "locale": locale}
    await tx.run(_ADD, **values, created_at=tx.now)


async def confirm(tx: Tx, id: int) -> None:
    """From now on posts go there."""
    await tx.run(_CONFIRM, subscription=id, at=tx.now, newest=id_floor(tx.now))


async def sent(tx: Tx, id: int, newest: int) -> None:
    """Posts up to this one are on their way."""
    await tx.run(_SENT, subscription=id, at=tx.now, newest=newest)


async def remove(tx: Tx, id: int) -> None:
    """Nothing goes there any more, and the address is forgotten."""
    await tx.run(_REMOVE, subscription=id)


async def forget_unconfirmed(tx: Tx) -> int:
    """Forget addresses that nobody confirmed within a week; how many."""
    return await tx.run(_FORGET, before=tx.now - UNCONFIRMED_FOR)


async def due(tx: Tx, *, pause: timedelta, settled: timedelta, after_id: int, most: int) -> list[Due]:
    """Subscriptions with public posts that are at least `settled` old, to which nothing went for `pause`."""
    return await tx.all(_DUE, before=tx.now - pause, ceiling=id_floor(tx.now - settled), after_id=after_id, most=most)


async def posts(tx: Tx, account_id: int, after: int, upto: int, most: int) -> list[StatusId]:
    """The public posts between, without replies and boosts, the newest first."""
    return await tx.all(_POSTS, of_account=account_id, after=after, upto=upto, most=most)
