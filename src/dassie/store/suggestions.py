"""Whom somebody here might like to follow, by what is known here: whom their people follow and boost, who is read
here. Only people who want to be discovered, and nobody the viewer avoids, follows or has waved away."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, Integer, bindparam, exists, func, literal_column, null, select

from dassie.domain.ids import AccountId
from dassie.store.dialect import any_of, put_once
from dassie.store.tables import (
    accounts,
    dismissed_suggestions,
    follow_requests,
    follows,
    home_feed,
    statuses,
    users,
)
from dassie.store.timelines import wanted
from dassie.store.tx import Query, Statement, Tx, row

_me = bindparam("viewer_id", type_=BigInteger)
_most = bindparam("most", type_=Integer)


def listed() -> Any:
    """The condition that an account may be shown to people who do not look for it."""
    return (
        accounts.c.discoverable
        & accounts.c.suspended_at.is_(null())
        & accounts.c.silenced_at.is_(null())
        & accounts.c.moved_to_uri.is_(null())
        & (accounts.c.id > literal_column("0"))
    )


def _of_friends() -> Query[tuple[Any, ...]]:
    theirs, known = follows.alias("theirs"), follows.alias("known")
    return Query(
        row,
        select(theirs.c.target_id, func.count())
        .select_from(follows.join(theirs, theirs.c.account_id == follows.c.target_id))
        .where(
            follows.c.account_id == _me,
            theirs.c.target_id != _me,
            ~exists().where(known.c.account_id == _me, known.c.target_id == theirs.c.target_id),
        )
        .group_by(theirs.c.target_id)
        .order_by(func.count().desc(), theirs.c.target_id.desc())
        .limit(_most),
    )


def _boosted() -> Query[tuple[Any, ...]]:
    original, known = statuses.alias("original"), follows.alias("known")
    boosters = func.count(statuses.c.account_id.distinct())
    return Query(
        row,
        select(original.c.account_id, boosters)
        .select_from(
            home_feed.join(statuses, statuses.c.id == home_feed.c.status_id).join(
                original, original.c.id == statuses.c.reblog_of_id
            )
        )
        .where(
            home_feed.c.account_id == _me,
            original.c.account_id != _me,
            ~exists().where(known.c.account_id == _me, known.c.target_id == original.c.account_id),
        )
        .group_by(original.c.account_id)
        .order_by(boosters.desc(), original.c.account_id.desc())
        .limit(_most),
    )


_OF_FRIENDS = _of_friends()
_BOOSTED = _boosted()
_READ_HERE = Query(
    row,
    select(follows.c.target_id, func.count())
    .join(users, users.c.account_id == follows.c.account_id)
    .group_by(follows.c.target_id)
    .order_by(func.count().desc(), follows.c.target_id.desc())
    .limit(_most),
)
_FIT = Query(
    AccountId,
    select(accounts.c.id).where(
        any_of(accounts.c.id, "ids"),
        listed(),
        accounts.c.id != _me,
        wanted(accounts.c.id),
        ~exists().where(follows.c.account_id == _me, follows.c.target_id == accounts.c.id),
        ~exists().where(follow_requests.c.account_id == _me, follow_requests.c.target_id == accounts.c.id),
        ~exists().where(dismissed_suggestions.c.account_id == _me, dismissed_suggestions.c.target_id == accounts.c.id),
    ),
)
_DISMISS = Statement(put_once(dismissed_suggestions, "account_id", "target_id", "created_at"))


async def of_friends(tx: Tx, viewer: int, most: int) -> dict[int, int]:
    """Account ids that people the viewer follows follow, with by how many of them; the most first."""
    return dict(await tx.all(_OF_FRIENDS, viewer_id=viewer, most=most))


async def boosted(tx: Tx, viewer: int, most: int) -> dict[int, int]:
    """Account ids whose posts came into the viewer's home as boosts, with by how many people."""
    return dict(await tx.all(_BOOSTED, viewer_id=viewer, most=most))


async def read_here(tx: Tx, most: int) -> dict[int, int]:
    """Account ids that people of this server follow, with how many of them do."""
    return dict(await tx.all(_READ_HERE, most=most))


async def fit(tx: Tx, viewer: int, ids: Collection[int]) -> set[AccountId]:
    """Those of `ids` that may be suggested to the viewer."""
    return set(await tx.all(_FIT, viewer_id=viewer, ids=list(ids), at=tx.now)) if ids else set()


async def dismiss(tx: Tx, account_id: int, target_id: int) -> None:
    """Never suggest this one to that one again."""
    await tx.run(_DISMISS, account_id=account_id, target_id=target_id, created_at=tx.now)
