"""Feeds of lists: what members wrote, put in on write as in home feeds (limits_and_rules section 16)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Integer, and_, bindparam, delete, exists, func, literal_column, null, or_, select
from sqlalchemy.dialects.postgresql import insert

from dassie.domain.ids import StatusId
from dassie.domain.paging import Page
from dassie.store.dialect import any_of, led_by
from dassie.store.feeds import KEPT, REPEATS_WITHIN, New, reply_wanted, wanting
from dassie.store.paging import PagedQuery
from dassie.store.tables import follows, home_feed, list_accounts, list_feed, lists, statuses, users
from dassie.store.timelines import original_wanted, wanted
from dassie.store.tx import Query, Statement, Tx

_list = bindparam("list_is", type_=BigInteger)
_me = bindparam("viewer_id", type_=BigInteger)
_most = bindparam("most", type_=Integer)


def _policy(author: Any, reply_to: Any, owner: Any) -> Any:
    """The condition that a list shows a reply of `author` to `reply_to`."""
    inside = list_accounts.alias("inside")
    return or_(
        reply_to == author,
        reply_to == owner,
        lists.c.replies_policy == literal_column("'followed'"),
        and_(
            lists.c.replies_policy == literal_column("'list'"),
            exists().where(inside.c.list_id == lists.c.id, inside.c.account_id == reply_to),
        ),
    )


@cache
def _spread(reblog: bool, reply: bool, addressed_only: bool) -> Query[int]:
    """INSERT into the feeds of those lists that show it; gives the lists."""
    me = lists.c.account_id
    author = bindparam("author_id", type_=BigInteger)
    near = (
        select(list_feed.c.status_id)
        .where(list_feed.c.list_id == lists.c.id)
        .order_by(list_feed.c.status_id.desc())
        .limit(REPEATS_WITHIN)
    )
    outer = (lists, list_accounts, follows)
    conditions = [
        list_accounts.c.account_id == author,
        or_(follows.c.id.is_not(null()), me == author),
        *wanting(me, outer, near, reblog=reblog, addressed_only=addressed_only),
    ]
    if reply:
        reply_to = bindparam("reply_to_id", type_=BigInteger)
        conditions += [reply_wanted(me), _policy(author, reply_to, me)]
    chosen = (
        select(lists.c.id, bindparam("new_status_id", type_=BigInteger))
        .select_from(
            list_accounts.join(lists, lists.c.id == list_accounts.c.list_id)
            .join(users, users.c.account_id == me)
            .outerjoin(follows, and_(follows.c.account_id == me, follows.c.target_id == author))
        )
        .where(and_(*conditions))
    )
    statement = insert(list_feed).from_select(["list_id", "status_id"], chosen).on_conflict_do_nothing()
    return Query(int, statement.returning(list_feed.c.list_id))


def _fill() -> Statement:
    other = or_(statuses.c.in_reply_to_id.is_not(null()), statuses.c.in_reply_to_uri.is_not(null()))
    shown = or_(~other, _policy(statuses.c.account_id, statuses.c.in_reply_to_account_id, lists.c.account_id))
    chosen = (
        select(lists.c.id, statuses.c.id)
        .select_from(lists.join(statuses, any_of(statuses.c.id, "ids")))
        .where(lists.c.id == _list, shown)
    )
    return Statement(insert(list_feed).from_select(["list_id", "status_id"], chosen).on_conflict_do_nothing())


def _excluding() -> tuple[Statement, Statement]:
    """Out of the home feed what members of a list wrote, and in again what the list has."""
    theirs = exists().where(
        statuses.c.id == home_feed.c.status_id,
        statuses.c.account_id != _me,
        list_accounts.c.list_id == _list,
        list_accounts.c.account_id == statuses.c.account_id,
    )
    other, inside = lists.alias("other"), list_accounts.alias("inside")
    elsewhere = exists().where(
        inside.c.account_id == statuses.c.account_id,
        other.c.id == inside.c.list_id,
        other.c.id != _list,
        other.c.account_id == _me,
        other.c.exclusive,
    )
    back = (
        select(lists.c.account_id, list_feed.c.status_id)
        .select_from(list_feed.join(lists, lists.c.id == list_feed.c.list_id).join(statuses))
        .where(list_feed.c.list_id == _list, lists.c.account_id == _me, ~elsewhere)
    )
    return (
        Statement(delete(home_feed).where(home_feed.c.account_id == _me, theirs)),
        Statement(insert(home_feed).from_select(["account_id", "status_id"], back).on_conflict_do_nothing()),
    )


_FILL = _fill()
_OUT_OF_HOME, _BACK_HOME = _excluding()
_PAGE = PagedQuery(
    StatusId,
    select(list_feed.c.status_id)
    .select_from(list_feed.join(statuses, statuses.c.id == led_by(list_feed.c.status_id)))
    .where(list_feed.c.list_id == _list, wanted(statuses.c.account_id), original_wanted()),
    list_feed.c.status_id,
)
_HOLDING = Query(int, select(list_feed.c.list_id).where(any_of(list_feed.c.status_id, "ids")).distinct())
_TAKE_OUT = Statement(
    delete(list_feed).where(
        list_feed.c.list_id == _list,
        exists().where(statuses.c.id == list_feed.c.status_id, any_of(statuses.c.account_id, "ids")),
    )
)
_FULL = Query(int, select(list_feed.c.list_id).group_by(list_feed.c.list_id).having(func.count() > _most))
_kept = (
    select(list_feed.c.status_id)
    .where(list_feed.c.list_id == _list)
    .order_by(list_feed.c.status_id.desc())
    .offset(_most)
    .limit(1)
    .scalar_subquery()
)
_TRIM = Statement(delete(list_feed).where(list_feed.c.list_id == _list, list_feed.c.status_id <= _kept))


async def page(tx: Tx, list_id: int, viewer: int, page: Page) -> list[StatusId]:
    """A page of a list's feed, newest first."""
    return await _PAGE.read(tx, page, list_is=list_id, viewer_id=viewer, at=tx.now)


async def spread(tx: Tx, new: New) -> list[int]:
    """Put a status into the lists here that its author is in, where their owners want it; into which."""
    return await tx.all(_spread(*new.kind), **new.params(tx))


async def holding(tx: Tx, ids: Collection[int]) -> list[int]:
    """Which lists have any of these statuses in their feeds."""
    return await tx.all(_HOLDING, ids=list(ids)) if ids else []


async def fill(tx: Tx, list_id: int, ids: Sequence[int]) -> None:
    """Put statuses of a new member into a list's feed, but for replies that it does not show."""
    if ids:
        await tx.run(_FILL, list_is=list_id, ids=list(ids))


async def take_out(tx: Tx, list_id: int, authors: Collection[int]) -> None:
    """Take what these people wrote out of a list's feed."""
    if authors:
        await tx.run(_TAKE_OUT, list_is=list_id, ids=list(authors))


async def out_of_home(tx: Tx, list_id: int, account_id: int) -> None:
    """Take what members of a list wrote out of its owner's home feed."""
    await tx.run(_OUT_OF_HOME, list_is=list_id, viewer_id=account_id)


async def back_home(tx: Tx, list_id: int, account_id: int) -> None:
    """Put what is in a list's feed into its owner's home feed, but what another exclusive list keeps out."""
    await tx.run(_BACK_HOME, list_is=list_id, viewer_id=account_id)


async def trim(tx: Tx) -> None:
    """Cut feeds of lists to the newest 800 entries."""
    for list_id in await tx.all(_FULL, most=KEPT):
        await tx.run(_TRIM, list_is=list_id, most=KEPT)
