"""Home feeds: what the people somebody follows wrote, put in on write (limits_and_rules section 16)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    func,
    null,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import insert

from dassie.domain.ids import AccountId
from dassie.store.dialect import any_of, put_once
from dassie.store.domain_blocks import refused
from dassie.store.tables import blocks, follows, home_feed, list_accounts, lists, mutes, statuses, users
from dassie.store.tx import Query, Statement, Tx

KEPT = 800
REPEATS_WITHIN = 40
"""A boost of what stands among the newest so many entries is not put in again."""


class New(Struct, frozen=True, kw_only=True):
    """A new status, as feeds see it."""

    status_id: int
    author_id: int
    people: list[int]
    """All concerned (author, mentioned, original's author): who mutes or blocks one of them does not get it."""
    language: str | None = None
    original: tuple[int, int] | None = None
    """(id, author) of what it reblogs."""
    reply_to_id: int | None = None
    """Somebody else whom it answers: only for those who follow that person too."""
    addressed: list[int] | None = None
    """Only for these."""

    @property
    def kind(self) -> tuple[bool, bool, bool]:
        """Which statement puts it into feeds: whether it is a reblog, a reply to another, for some people only."""
        return self.original is not None, self.reply_to_id is not None, self.addressed is not None

    def params(self, tx: Tx) -> dict[str, Any]:
        """The parameters of that statement."""
        params: dict[str, Any] = {
            "author_id": self.author_id,
            "new_status_id": self.status_id,
            "people": self.people,
            "language": f'"{self.language}"' if self.language else None,
            "at": tx.now,
        }
        if self.original is not None:
            params |= {"original_id": self.original[0], "original_author_id": self.original[1]}
        if self.reply_to_id is not None:
            params["reply_to_id"] = self.reply_to_id
        if self.addressed is not None:
            params["addressed"] = self.addressed
        return params


def _big(name: str) -> Any:
    return bindparam(name, type_=BigInteger)


def wanting(
    me: Any, outer: Sequence[FromClause], near: Any, *, reblog: bool, addressed_only: bool
) -> list[ColumnElement[bool]]:
    """What a follower here (column `me`, with their `follows` in the query) wants of a status. `outer`: the tables
    of the query; `near`: the ids of the newest entries of the feed."""
    conditions: list[ColumnElement[bool]] = [
        # A mute or block of anybody concerned hides it.
        ~exists().where(
            mutes.c.account_id == me,
            any_of(mutes.c.target_id, "people"),
            or_(mutes.c.expires_at.is_(null()), mutes.c.expires_at > bindparam("at", type_=mutes.c.expires_at.type)),
        ),
        ~exists().where(blocks.c.account_id == me, any_of(blocks.c.target_id, "people")),
        or_(
            follows.c.languages.is_(null()),
            bindparam("language", type_=Text).is_(null()),
            type_coerce(follows.c.languages, Text()).contains(bindparam("language", type_=Text)),
        ),
    ]
    if reblog:
        same = statuses.alias("same")
        conditions += [
            or_(follows.c.show_reblogs, follows.c.id.is_(null())),
            ~exists()
            .where(
                or_(same.c.id == _big("original_id"), same.c.reblog_of_id == _big("original_id")),
                same.c.id.in_(near.correlate(*outer)),
            )
            .correlate(*outer),
            ~exists().where(blocks.c.account_id == _big("original_author_id"), blocks.c.target_id == me),
            ~refused(me, _big("original_author_id")),
        ]
    if addressed_only:
        conditions.append(any_of(me, "addressed"))
    return conditions


def reply_wanted(me: Any) -> ColumnElement[bool]:
    """A reply to somebody else is wanted by those who follow that person too, and by that person."""
    theirs = follows.alias("theirs")
    return or_(
        me == _big("reply_to_id"),
        exists().where(theirs.c.account_id == me, theirs.c.target_id == _big("reply_to_id")),
    )


@cache
def _spread(reblog: bool, reply: bool, addressed_only: bool) -> Query[AccountId]:
    """INSERT into the feeds of those followers who want to see it; gives the accounts that got it."""
    me = follows.c.account_id
    near = (
        select(home_feed.c.status_id)
        .where(home_feed.c.account_id == me)
        .order_by(home_feed.c.status_id.desc())
        .limit(REPEATS_WITHIN)
    )
    listed = exists().where(
        list_accounts.c.account_id == _big("author_id"),
        lists.c.id == list_accounts.c.list_id,
        lists.c.account_id == me,
        lists.c.exclusive,
    )
    conditions = [
        follows.c.target_id == _big("author_id"),
        ~listed,
        *wanting(me, [follows], near, reblog=reblog, addressed_only=addressed_only),
    ]
    if reply:
        conditions.append(reply_wanted(me))
    chosen = (
        select(users.c.account_id, _big("new_status_id"))
        .select_from(follows.join(users, users.c.account_id == me))
        .where(and_(*conditions))
    )
    statement = insert(home_feed).from_select(["account_id", "status_id"], chosen).on_conflict_do_nothing()
    return Query(AccountId, statement.returning(home_feed.c.account_id))


_PUT = Statement(put_once(home_feed, "account_id", "status_id"))
_OUT = Query(AccountId, delete(home_feed).where(any_of(home_feed.c.status_id, "ids")).returning(home_feed.c.account_id))
_FULL = Query(
    AccountId,
    select(home_feed.c.account_id)
    .group_by(home_feed.c.account_id)
    .having(func.count() > bindparam("most", type_=Integer)),
)


def _trim() -> Statement:
    kept = (
        select(home_feed.c.status_id)
        .where(home_feed.c.account_id == _big("of_account"))
        .order_by(home_feed.c.status_id.desc())
        .offset(bindparam("most", type_=Integer))
        .limit(1)
        .scalar_subquery()
    )
    return Statement(
        delete(home_feed).where(home_feed.c.account_id == _big("of_account"), home_feed.c.status_id <= kept)
    )


_TRIM = _trim()


async def spread(tx: Tx, new: New) -> list[AccountId]:
    """Put a status into the feeds of the author's followers here who want it; who got it."""
    return await tx.all(_spread(*new.kind), **new.params(tx))


async def put(tx: Tx, account_id: int, ids: Sequence[int]) -> None:
    """Put statuses into one feed."""
    await tx.run_many(_PUT, [{"account_id": account_id, "status_id": id} for id in ids])


async def put_into(tx: Tx, accounts: Sequence[int], status_id: int) -> None:
    """Put one status into these feeds."""
    await tx.run_many(_PUT, [{"account_id": account, "status_id": status_id} for account in accounts])


async def take_out(tx: Tx, ids: Sequence[int]) -> list[AccountId]:
    """Take statuses out of every feed; whose they were in."""
    return list(dict.fromkeys(await tx.all(_OUT, ids=list(ids)))) if ids else []


async def trim(tx: Tx) -> None:
    """Cut feeds to the newest 800 entries."""
    for account_id in await tx.all(_FULL, most=KEPT):
        await tx.run(_TRIM, of_account=account_id, most=KEPT)
