"""What may go when room is needed, least recently seen first, what never does, and taking it away in one go.

Kept is what somebody here favourited, bookmarked, boosted, voted in or was told of, what speaks to somebody here, and
every thread with a status of ours. What goes for room is not deleted by its author: it leaves no tombstone, and comes
back when somebody looks for it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import BigInteger, Integer, and_, bindparam, delete, exists, literal_column, null, or_, select, update

from dassie.domain.ids import EPOCH, AccountId, StatusId
from dassie.store import arrivals as arrival_store
from dassie.store import search, uploads
from dassie.store import statuses as status_store
from dassie.store.changes import changed
from dassie.store.dialect import any_of
from dassie.store.tables import (
    account_notes,
    accounts,
    arrivals,
    blocks,
    bookmarks,
    conversations,
    favourites,
    follow_requests,
    follows,
    home_feed,
    media_attachments,
    mentions,
    mutes,
    notifications,
    poll_votes,
    polls,
    quotes,
    relays,
    statuses,
)
from dassie.store.tx import Query, Statement, Tx, row

_ours: Any = literal_column("''")
_one: Any = literal_column("1")


class OldPost(Struct, frozen=True):
    """A status of another server, as those see it who make room."""

    id: StatusId
    ranked_at: datetime
    bytes: int
    host: str


class Taken(Struct, frozen=True):
    """What was taken away."""

    ids: list[StatusId]
    """Their reblogs by others included."""
    bytes: int
    authors: list[AccountId]
    shown: list[tuple[AccountId, StatusId]]
    """In whose home feed which of them was."""


def _local(column: Any) -> Any:
    """The account in `column` is one of ours."""
    someone = accounts.alias()
    return exists().where(someone.c.id == column, someone.c.domain == _ours)


def _kept() -> Any:
    one = statuses
    other, boost, original, answer = (statuses.alias(name) for name in ("other", "boost", "original", "answer"))
    told = exists().where(notifications.c.status_id == boost.c.id)
    return or_(
        one.c.local,
        one.c.visibility == literal_column("'direct'"),
        exists().where(bookmarks.c.status_id == one.c.id),
        exists().where(notifications.c.status_id == one.c.id),
        exists().where(conversations.c.last_status_id == one.c.id),
        exists().where(mentions.c.status_id == one.c.id, _local(mentions.c.account_id)),
        exists().where(favourites.c.status_id == one.c.id, _local(favourites.c.account_id)),
        exists().where(boost.c.reblog_of_id == one.c.id, or_(boost.c.local, told)),
        exists().where(original.c.id == one.c.reblog_of_id, original.c.local),
        exists().where(answer.c.in_reply_to_id == one.c.id, answer.c.local),
        exists().where(quotes.c.quoted_id == one.c.id, _local(quotes.c.account_id)),
        exists().where(quotes.c.status_id == one.c.id, _local(quotes.c.quoted_account_id)),
        exists().where(
            polls.c.status_id == one.c.id, poll_votes.c.poll_id == polls.c.id, _local(poll_votes.c.account_id)
        ),
        exists().where(other.c.thread_id == one.c.thread_id, other.c.local),
    )


_OLDEST = Query(
    OldPost,
    select(arrivals.c.status_id, arrivals.c.ranked_at, arrivals.c.bytes, accounts.c.domain)
    .join(statuses, statuses.c.id == arrivals.c.status_id)
    .join(accounts, accounts.c.id == statuses.c.account_id)
    .where(
        arrivals.c.ranked_at >= bindparam("since", type_=arrivals.c.ranked_at.type),
        or_(
            arrivals.c.ranked_at > bindparam("since", type_=arrivals.c.ranked_at.type),
            arrivals.c.status_id > bindparam("after", type_=BigInteger),
        ),
    )
    .order_by(arrivals.c.ranked_at, arrivals.c.status_id)
    .limit(bindparam("most", type_=Integer)),
)
_KEPT = Query(StatusId, select(statuses.c.id).where(any_of(statuses.c.id, "ids"), _kept()))
_OLDEST_RANK: Query[datetime] = Query(
    lambda at: at, select(arrivals.c.ranked_at).order_by(arrivals.c.ranked_at, arrivals.c.status_id).limit(1)
)


async def oldest_posts(tx: Tx, most: int, after: tuple[datetime, int] | None = None) -> list[OldPost]:
    """Statuses of other servers, those of the lowest rank first, after this (rank, id); kept ones among them."""
    since, id = after or (EPOCH, 0)
    return await tx.all(_OLDEST, most=most, since=since, after=id)


async def oldest_rank(tx: Tx) -> datetime | None:
    """The lowest rank of all."""
    return await tx.one(_OLDEST_RANK)


async def kept(tx: Tx, ids: Collection[int]) -> set[StatusId]:
    """Which of these statuses never go for room."""
    return set(await tx.all(_KEPT, ids=list(ids))) if ids else set()


# Files -----------------------------------------------------------------------------------------------

_WHOSE = [
    Query(
        row,
        select(column, media_attachments.c.status_id).where(
            any_of(column, "urls"), column.is_not(null()), media_attachments.c.status_id.is_not(null())
        ),
    )
    for column in (media_attachments.c.remote_url, media_attachments.c.small_remote_url)
]
_me, _them = accounts.alias("me"), accounts.alias("them")


def _friends(here: Any, there: Any) -> Query[Any]:
    """Pictures of the accounts at `there` of a follow, with one of ours at `here`."""
    return Query(
        row,
        select(_them.c.avatar_remote_url, _them.c.header_remote_url)
        .select_from(follows.join(_me, _me.c.id == here).join(_them, _them.c.id == there))
        .where(
            _me.c.domain == _ours,
            or_(any_of(_them.c.avatar_remote_url, "urls"), any_of(_them.c.header_remote_url, "urls")),
        ),
    )


_FRIENDS = (
    _friends(follows.c.account_id, follows.c.target_id),
    _friends(follows.c.target_id, follows.c.account_id),
)


async def kept_urls(tx: Tx, urls: Collection[str]) -> set[str]:
    """Which of these addresses are of files of kept statuses."""
    whose = [found for query in _WHOSE for found in await tx.all(query, urls=list(urls))] if urls else []
    staying = await kept(tx, {status_id for _, status_id in whose})
    return {url for url, status_id in whose if status_id in staying}


async def friends_urls(tx: Tx, urls: Collection[str]) -> set[str]:
    """Which of these addresses are pictures of people whom somebody here follows, or who follow somebody here."""
    found = [pair for query in _FRIENDS for pair in await tx.all(query, urls=list(urls))] if urls else []
    return {url for pair in found for url in pair if url} & set(urls)


# Taking statuses away --------------------------------------------------------------------------------

_HOLD = Query(
    row,
    select(
        statuses.c.id, statuses.c.account_id, statuses.c.in_reply_to_id, statuses.c.visibility, statuses.c.reblog_of_id
    )
    .where(any_of(statuses.c.id, "ids"))
    .order_by(statuses.c.id)
    .with_for_update(skip_locked=True),
)
_BOOSTS = Query(row, select(statuses.c.id, statuses.c.account_id).where(any_of(statuses.c.reblog_of_id, "ids")))
_OUT = Query(
    row,
    delete(home_feed)
    .where(any_of(home_feed.c.status_id, "ids"))
    .returning(home_feed.c.account_id, home_feed.c.status_id),
)
_ORPHANS = Statement(
    update(statuses)
    .where(any_of(statuses.c.in_reply_to_id, "ids"))
    .values(in_reply_to_id=null(), rev=statuses.c.rev + 1)
)
_DELETE = Statement(delete(statuses).where(any_of(statuses.c.id, "ids")))


async def take_away(tx: Tx, ids: Sequence[int]) -> Taken:
    """Remove those of these statuses that are not kept, with all that hangs on them.

    What their own servers counted stays as it is; replies stay, without their parent.
    """
    held = await tx.all(_HOLD, ids=list(ids))
    staying = await kept(tx, [found[0] for found in held])
    going = [found for found in held if found[0] not in staying]
    if not going:
        return Taken([], 0, [], [])
    gone = [found[0] for found in going]
    boosts = await tx.all(_BOOSTS, ids=gone)
    every = [*gone, *(id for id, _ in boosts)]
    shown = [(account_id, id) for account_id, id in await tx.all(_OUT, ids=every)]
    await _count_less(tx, going, set(every))
    for id in gone:
        await search.forget_status(tx, id)
    bytes = await arrival_store.leave(tx, gone)
    await uploads.delete_remote(tx, every)
    await tx.run(_ORPHANS, ids=gone)
    await tx.run(_DELETE, ids=gone)
    changed(tx, *every)
    authors = [AccountId(found[1]) for found in going] + [AccountId(account_id) for _, account_id in boosts]
    return Taken([StatusId(id) for id in every], bytes, list(dict.fromkeys(authors)), shown)


async def _count_less(tx: Tx, going: Sequence[Any], gone: set[int]) -> None:
    """What we counted ourselves at those that stay: replies and boosts that are counted again when they come back."""
    for _, _, parent, visibility, original in going:
        if parent is not None and parent not in gone and visibility in ("public", "unlisted"):
            await status_store.count(tx, parent, "replies_count", -1)
        if original is not None and original not in gone:
            await status_store.count(tx, original, "reblogs_count", -1)


# Accounts of which nothing is left -------------------------------------------------------------------


def _lonely() -> Any:
    id = accounts.c.id
    used = [
        (statuses, "account_id"),
        *((table, name) for table in (follows, follow_requests, blocks, mutes) for name in ("account_id", "target_id")),
        (account_notes, "target_id"),
        (mentions, "account_id"),
        (favourites, "account_id"),
        (poll_votes, "account_id"),
        (notifications, "from_account_id"),
    ]
    return and_(
        accounts.c.domain != _ours,
        accounts.c.suspended_at.is_(null()),
        accounts.c.silenced_at.is_(null()),
        id > literal_column("0"),
        ~exists().where(relays.c.actor_uri == accounts.c.uri),
        *(~exists().where(table.c[name] == id) for table, name in used),
    )


_HOLD_ACCOUNTS = Query(
    AccountId,
    select(accounts.c.id).where(any_of(accounts.c.id, "ids")).order_by(accounts.c.id).with_for_update(skip_locked=True),
)
_LONELY = Query(AccountId, select(accounts.c.id).where(any_of(accounts.c.id, "ids"), _lonely()))
_DELETE_ACCOUNTS = Statement(delete(accounts).where(any_of(accounts.c.id, "ids")))
_STRANGERS = Query(
    AccountId,
    select(accounts.c.id)
    .where(
        accounts.c.id > bindparam("after", type_=BigInteger),
        accounts.c.domain != _ours,
        or_(
            accounts.c.fetched_at.is_(null()),
            accounts.c.fetched_at < bindparam("before", type_=accounts.c.fetched_at.type),
        ),
    )
    .order_by(accounts.c.id)
    .limit(bindparam("most", type_=Integer)),
)


async def strangers(tx: Tx, before: datetime, most: int, after: int = 0) -> list[AccountId]:
    """Accounts of other servers that were not read since `before`, in the order of their ids."""
    return await tx.all(_STRANGERS, before=before, most=most, after=after)


async def take_away_lonely(tx: Tx, ids: Collection[int]) -> list[AccountId]:
    """Remove those of these accounts, with their keys, of which nothing else is here; which."""
    held = await tx.all(_HOLD_ACCOUNTS, ids=sorted(ids))
    gone = await tx.all(_LONELY, ids=held) if held else []
    if gone:
        for id in gone:
            await search.forget_account(tx, id)
        await tx.run(_DELETE_ACCOUNTS, ids=gone)
        changed(tx, *gone)
    return gone
