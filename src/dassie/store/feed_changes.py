"""Feeds when people begin or cease to read each other: a newcomer's posts in, somebody's posts out."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Table,
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

from dassie.domain.ids import AccountId, StatusId
from dassie.store.domain_blocks import refused
from dassie.store.statuses import visible_to
from dassie.store.tables import blocks, follows, home_feed, list_feed, lists, mentions, mutes, statuses
from dassie.store.tx import Query, Statement, Tx
from dassie.store.types import UtcTime

_me = bindparam("viewer_id", type_=BigInteger)
_them = bindparam("target_is", type_=BigInteger)


def _newest() -> Query[StatusId]:
    original = statuses.alias("original")
    theirs, mine = follows.alias("theirs"), follows.alias("mine")
    about = func.coalesce(original.c.account_id, statuses.c.account_id)
    lasting = or_(mutes.c.expires_at.is_(null()), mutes.c.expires_at > bindparam("at", type_=UtcTime))
    kept = type_coerce(mine.c.languages, Text())
    return Query(
        StatusId,
        select(statuses.c.id)
        .select_from(
            statuses.join(mine, and_(mine.c.account_id == _me, mine.c.target_id == statuses.c.account_id)).outerjoin(
                original, original.c.id == statuses.c.reblog_of_id
            )
        )
        .where(
            statuses.c.account_id == _them,
            visible_to(AccountId(0)),
            or_(statuses.c.reblog_of_id.is_(null()), and_(mine.c.show_reblogs, visible_to(AccountId(0), original))),
            or_(  # an answer to somebody I do not read says little to me
                and_(statuses.c.in_reply_to_id.is_(null()), statuses.c.in_reply_to_uri.is_(null())),
                statuses.c.in_reply_to_account_id.in_([_them, _me]),
                exists().where(theirs.c.account_id == _me, theirs.c.target_id == statuses.c.in_reply_to_account_id),
            ),
            or_(kept.is_(null()), statuses.c.language.is_(null()), kept.contains('"' + statuses.c.language + '"')),
            ~exists().where(mutes.c.account_id == _me, mutes.c.target_id.in_([about, _them]), lasting),
            ~exists().where(blocks.c.account_id == _me, blocks.c.target_id == about),
            ~refused(_me, about),
        )
        .order_by(statuses.c.id.desc())
        .limit(bindparam("most", type_=Integer)),
    )


def _out(feed: Table, mine: ColumnElement[bool], *, concerned: bool) -> Statement:
    original = statuses.alias("original")
    found = exists().where(statuses.c.id == feed.c.status_id, statuses.c.account_id == _them)
    if concerned:
        reblogs = exists().where(
            statuses.c.id == feed.c.status_id,
            original.c.id == statuses.c.reblog_of_id,
            original.c.account_id == _them,
        )
        named = exists().where(mentions.c.status_id == feed.c.status_id, mentions.c.account_id == _them)
        named_in_reblog = exists().where(
            statuses.c.id == feed.c.status_id,
            mentions.c.status_id == statuses.c.reblog_of_id,
            mentions.c.account_id == _them,
        )
        return Statement(delete(feed).where(mine, or_(found, reblogs, named, named_in_reblog)))
    return Statement(delete(feed).where(mine, found))


_NEWEST = _newest()
_at_home = home_feed.c.account_id == _me
_OUT = {concerned: _out(home_feed, _at_home, concerned=concerned) for concerned in (True, False)}
_OUT_OF_LISTS = _out(
    list_feed, list_feed.c.list_id.in_(select(lists.c.id).where(lists.c.account_id == _me)), concerned=True
)


async def newest(tx: Tx, viewer: int, target: int, most: int) -> list[StatusId]:
    """The newest statuses of a followed account that `viewer` wants to see, newest first."""
    return await tx.all(_NEWEST, viewer_id=viewer, target_is=target, at=tx.now, most=most)


async def take_out(tx: Tx, viewer: int, target: int, *, concerned: bool = False) -> None:
    """Take an account's statuses out of a home feed; with `concerned` also boosts of it and what names it, and all
    that out of lists too."""
    await tx.run(_OUT[concerned], viewer_id=viewer, target_is=target)
    if concerned:
        await tx.run(_OUT_OF_LISTS, viewer_id=viewer, target_is=target)
