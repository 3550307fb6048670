"""Lists of people: whose they are, what is in them, and which of them keep their people out of the home feed."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from msgspec import Struct
from sqlalchemy import BigInteger, bindparam, delete, exists, func, null, or_, select, update

from dassie.domain.ids import AccountId
from dassie.domain.paging import Page
from dassie.store.dialect import any_of, put, put_once
from dassie.store.paging import PagedQuery
from dassie.store.tables import accounts, follow_requests, follows, list_accounts, list_feed, lists, statuses
from dassie.store.tx import Query, Statement, Tx


class UserList(Struct, frozen=True):
    """A list that somebody here made."""

    id: int
    account_id: AccountId
    title: str
    replies_policy: str
    """Which replies to others it shows: to anybody its owner follows (followed), to its members (list), none."""
    exclusive: bool
    """Its members are not in the home feed."""


_me = bindparam("account_is", type_=BigInteger)
_them = bindparam("target_is", type_=BigInteger)
_list = bindparam("list_is", type_=BigInteger)
_columns = [lists.c[name] for name in UserList.__struct_fields__]
_mine = select(*_columns).where(lists.c.account_id == _me)
_OF = Query(UserList, _mine.order_by(lists.c.id))
_FIND = Query(UserList, _mine.where(lists.c.id == _list))
_COUNT = Query(int, select(func.count()).where(lists.c.account_id == _me))
_ADD = Statement(put(lists, "id", "account_id", "title", "replies_policy", "exclusive", "created_at"))
_REMOVE = Statement(delete(lists).where(lists.c.account_id == _me, lists.c.id == _list))
_WITH = Query(
    UserList,
    _mine.join(list_accounts, list_accounts.c.list_id == lists.c.id)
    .where(list_accounts.c.account_id == _them)
    .order_by(lists.c.id),
)
_MEMBERS = PagedQuery(
    AccountId,
    select(list_accounts.c.account_id)
    .join(accounts, accounts.c.id == list_accounts.c.account_id)
    .where(list_accounts.c.list_id == _list, accounts.c.suspended_at.is_(null())),
    list_accounts.c.account_id,
)
_AMONG = Query(
    AccountId,
    select(list_accounts.c.account_id).where(
        list_accounts.c.list_id == _list, any_of(list_accounts.c.account_id, "ids")
    ),
)


def _takable() -> Query[AccountId]:
    """Those who may be put into a list: followed, asked, or oneself."""
    followed = exists().where(follows.c.account_id == _me, follows.c.target_id == accounts.c.id)
    asked = exists().where(follow_requests.c.account_id == _me, follow_requests.c.target_id == accounts.c.id)
    return Query(
        AccountId, select(accounts.c.id).where(any_of(accounts.c.id, "ids"), or_(accounts.c.id == _me, followed, asked))
    )


_TAKABLE = _takable()
_PUT = Statement(put_once(list_accounts, "list_id", "account_id"))
_DROP = Query(
    AccountId,
    delete(list_accounts)
    .where(list_accounts.c.list_id == _list, any_of(list_accounts.c.account_id, "ids"))
    .returning(list_accounts.c.account_id),
)
_of_me = select(lists.c.id).where(lists.c.account_id == _me)
_by_them = exists().where(statuses.c.id == list_feed.c.status_id, statuses.c.account_id == _them)
_FORGET = (
    Statement(
        delete(list_feed).where(
            list_feed.c.list_id.in_(
                select(list_accounts.c.list_id)
                .join(lists, lists.c.id == list_accounts.c.list_id)
                .where(list_accounts.c.account_id == _them, lists.c.account_id == _me)
            ),
            _by_them,
        )
    ),
    Statement(delete(list_accounts).where(list_accounts.c.account_id == _them, list_accounts.c.list_id.in_(_of_me))),
)
_EXCLUDED = Query(
    int,
    select(lists.c.id)
    .join(list_accounts, list_accounts.c.list_id == lists.c.id)
    .where(list_accounts.c.account_id == _them, lists.c.account_id == _me, lists.c.exclusive)
    .limit(1),
)


async def of(tx: Tx, account_id: int) -> list[UserList]:
    """Somebody's lists, the oldest first."""
    return await tx.all(_OF, account_is=account_id)


async def find(tx: Tx, account_id: int, id: int) -> UserList | None:
    """One of somebody's lists."""
    return await tx.one(_FIND, account_is=account_id, list_is=id)


async def count(tx: Tx, account_id: int) -> int:
    """How many lists somebody has."""
    return await tx.one(_COUNT, account_is=account_id) or 0


async def containing(tx: Tx, account_id: int, target_id: int) -> list[UserList]:
    """Those of somebody's lists that another is in."""
    return await tx.all(_WITH, account_is=account_id, target_is=target_id)


async def add(tx: Tx, new: UserList) -> None:
    """Keep a list."""
    values = {name: getattr(new, name) for name in UserList.__struct_fields__}
    await tx.run(_ADD, **values, created_at=tx.now)


@cache
def _update(*names: str) -> Statement:
    values: dict[str, Any] = {name: bindparam(f"new_{name}", type_=lists.c[name].type) for name in names}
    return Statement(update(lists).where(lists.c.id == _list).values(**values))


async def change(tx: Tx, id: int, **values: Any) -> None:
    """Set columns of a list: title, replies_policy, exclusive."""
    if values:
        names = sorted(values)
        await tx.run(_update(*names), list_is=id, **{f"new_{name}": values[name] for name in names})


async def remove(tx: Tx, account_id: int, id: int) -> bool:
    """Delete a list with its feed; False where there was none."""
    return await tx.run(_REMOVE, account_is=account_id, list_is=id) > 0


# Members ---------------------------------------------------------------------------------------------


async def members(tx: Tx, id: int, page: Page) -> list[AccountId]:
    """Who is in a list, by account id, without the suspended."""
    return await _MEMBERS.read(tx, page, list_is=id)


async def among(tx: Tx, id: int, ids: Collection[int]) -> set[AccountId]:
    """Those of these accounts that are in the list."""
    return set(await tx.all(_AMONG, list_is=id, ids=list(ids)))


async def takable(tx: Tx, account_id: int, ids: Collection[int]) -> set[AccountId]:
    """Those of these accounts that somebody may put into lists."""
    return set(await tx.all(_TAKABLE, account_is=account_id, ids=list(ids)))


async def put_in(tx: Tx, id: int, ids: Collection[int]) -> None:
    """Put accounts into a list."""
    await tx.run_many(_PUT, [{"list_id": id, "account_id": account} for account in ids])


async def drop(tx: Tx, id: int, ids: Collection[int]) -> list[AccountId]:
    """Take accounts out of a list; which of them were in it."""
    return await tx.all(_DROP, list_is=id, ids=list(ids))


async def forget(tx: Tx, account_id: int, target_id: int) -> None:
    """Take somebody, and what they wrote, out of all lists of another."""
    for statement in _FORGET:
        await tx.run(statement, account_is=account_id, target_is=target_id)


async def excluded(tx: Tx, account_id: int, target_id: int) -> bool:
    """Whether a list of somebody keeps another out of the home feed."""
    return await tx.one(_EXCLUDED, account_is=account_id, target_is=target_id) is not None
