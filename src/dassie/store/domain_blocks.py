"""Servers that people here want nothing to do with: each for themselves."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from sqlalchemy import BigInteger, Integer, Text, bindparam, delete, exists, func, select, union

from dassie.domain.ids import AccountId, new_id
from dassie.domain.paging import Page
from dassie.store.dialect import put_once
from dassie.store.paging import PagedQuery
from dassie.store.tables import account_domain_blocks as blocked
from dassie.store.tables import accounts, follow_requests, follows, notification_requests, notifications
from dassie.store.tx import Query, Statement, Tx, row


class Ties(Struct, frozen=True):
    """Between somebody here and one server."""

    following: int
    followers: int


_me = bindparam("account_is", type_=BigInteger)
_domain = bindparam("domain_is", type_=Text)


def refused(me: Any, account: Any) -> Any:
    """The condition that `me` (an account's id) blocks the server of `account` (an id).

    Most people block no server: that is asked first, and only once for a whole page where `me` is a parameter.
    """
    some, theirs = blocked.alias("some_blocked"), accounts.alias("of_blocked")
    has_any = exists().where(some.c.account_id == me)
    this = exists().where(blocked.c.account_id == me, blocked.c.domain == theirs.c.domain, theirs.c.id == account)
    return has_any & this


_PUT = Statement(put_once(blocked, "id", "account_id", "domain", "created_at"))
_REMOVE = Statement(delete(blocked).where(blocked.c.account_id == _me, blocked.c.domain == _domain))
_FIND = Query(int, select(blocked.c.id).where(blocked.c.account_id == _me, blocked.c.domain == _domain))
_OF = PagedQuery(row, select(blocked.c.id, blocked.c.domain).where(blocked.c.account_id == _me), blocked.c.id)


def _followed(table: Any) -> Any:
    return (
        select(table.c.target_id)
        .join(accounts, accounts.c.id == table.c.target_id)
        .where(table.c.account_id == _me, accounts.c.domain == _domain)
    )


def _following(table: Any) -> Any:
    return (
        select(table.c.account_id)
        .join(accounts, accounts.c.id == table.c.account_id)
        .where(table.c.target_id == _me, accounts.c.domain == _domain)
    )


_COUNTS = Query(
    Ties,
    select(
        select(func.count()).select_from(_followed(follows).subquery()).scalar_subquery(),
        select(func.count()).select_from(_following(follows).subquery()).scalar_subquery(),
    ),
)
_TIED = Query(
    AccountId,
    union(_followed(follows), _following(follows), _followed(follow_requests), _following(follow_requests)).limit(
        bindparam("most", type_=Integer)
    ),
)
_there = select(accounts.c.id).where(accounts.c.domain == _domain)
_FORGET = tuple(
    Statement(delete(table).where(table.c.account_id == _me, table.c.from_account_id.in_(_there)))
    for table in (notifications, notification_requests)
)


async def add(tx: Tx, account_id: int, domain: str) -> bool:
    """Keep a block; False where it is there already."""
    values = {"id": new_id(tx.now), "account_id": account_id, "domain": domain, "created_at": tx.now}
    return await tx.run(_PUT, **values) > 0


async def remove(tx: Tx, account_id: int, domain: str) -> bool:
    """Lift a block; False where there was none."""
    return await tx.run(_REMOVE, account_is=account_id, domain_is=domain) > 0


async def blocking(tx: Tx, account_id: int, domain: str) -> bool:
    """Whether somebody blocks this server."""
    return bool(domain) and await tx.one(_FIND, account_is=account_id, domain_is=domain) is not None


async def of(tx: Tx, account_id: int, page: Page) -> list[tuple[int, str]]:
    """(row id, domain) of what somebody blocks, newest first."""
    return await _OF.read(tx, page, account_is=account_id)


async def ties(tx: Tx, account_id: int, domain: str) -> Ties:
    """How many follows a block would end, each way."""
    found = await tx.one(_COUNTS, account_is=account_id, domain_is=domain)
    return found or Ties(0, 0)


async def tied(tx: Tx, account_id: int, domain: str, most: int) -> list[AccountId]:
    """Some accounts of that server who follow somebody here, or are followed, or asked to be."""
    return await tx.all(_TIED, account_is=account_id, domain_is=domain, most=most)


async def forget_notifications(tx: Tx, account_id: int, domain: str) -> None:
    """Delete what somebody was told of people there."""
    for statement in _FORGET:
        await tx.run(statement, account_is=account_id, domain_is=domain)
