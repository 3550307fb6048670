"""What an account leaves behind when it goes, taken away in small portions: relations, marks, notifications, files."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from sqlalchemy import BigInteger, ColumnElement, Integer, Table, bindparam, delete, literal_column, or_, select, update

from dassie.domain.ids import StatusId
from dassie.store import arrivals
from dassie.store.changes import changed
from dassie.store.dialect import any_of, greatest
from dassie.store.tables import (
    account_domain_blocks,
    account_keys,
    account_notes,
    accounts,
    announcement_reactions,
    announcement_reads,
    annual_reports,
    blocks,
    bookmarks,
    dismissed_suggestions,
    email_subscriptions,
    endorsements,
    favourites,
    featured_tags,
    filters,
    follow_requests,
    follows,
    home_feed,
    idempotency_keys,
    list_accounts,
    lists,
    media_attachments,
    mentions,
    mutes,
    notification_permissions,
    notification_policies,
    notification_requests,
    notifications,
    pins,
    poll_votes,
    statuses,
    thread_mutes,
    users,
)
from dassie.store.tx import Query, Statement, Tx, row

_who = bindparam("gone", type_=BigInteger)
_most = bindparam("most", type_=Integer)


class LeftFile(Struct, frozen=True):
    """An attachment with the keys of its files."""

    id: int
    file_key: str | None
    small_key: str | None


_STATUSES = Query(
    StatusId, select(statuses.c.id).where(statuses.c.account_id == _who).order_by(statuses.c.id).limit(_most)
)
_FILES = Query(
    LeftFile,
    select(media_attachments.c.id, media_attachments.c.file_key, media_attachments.c.small_key)
    .where(media_attachments.c.account_id == _who)
    .limit(_most),
)
_FOLLOWED = Query(row, select(follows.c.id, follows.c.target_id).where(follows.c.account_id == _who).limit(_most))
_FOLLOWERS = Query(row, select(follows.c.id, follows.c.account_id).where(follows.c.target_id == _who).limit(_most))
_REMOVE_FOLLOWS = Statement(delete(follows).where(any_of(follows.c.id, "ids")))
_FAVOURITES = Query(
    row, select(favourites.c.id, favourites.c.status_id).where(favourites.c.account_id == _who).limit(_most)
)
_REMOVE_FAVOURITES = Statement(delete(favourites).where(any_of(favourites.c.id, "ids")))


def _less(table: Table, name: str) -> Statement:
    values: dict[Any, Any] = {name: greatest(table.c[name] - 1, literal_column("0")), "rev": table.c.rev + 1}
    return Statement(update(table).where(any_of(table.c.id, "ids")).values(values))


_FEWER_FOLLOWERS = _less(accounts, "followers_count")
_FEWER_FOLLOWED = _less(accounts, "following_count")
_FEWER_FAVOURITES = _less(statuses, "favourites_count")


def _portion(table: Table, condition: ColumnElement[bool]) -> Statement:
    """DELETE of at most `most` rows; the table has an id."""
    return Statement(delete(table).where(table.c.id.in_(select(table.c.id).where(condition).limit(_most))))


def _both(table: Table) -> ColumnElement[bool]:
    return or_(table.c.account_id == _who, table.c.target_id == _who)


def _told_or_telling(table: Table) -> ColumnElement[bool]:
    return or_(table.c.account_id == _who, table.c.from_account_id == _who)


_PORTIONS = (
    _portion(follow_requests, _both(follow_requests)),
    _portion(blocks, _both(blocks)),
    _portion(mutes, _both(mutes)),
    _portion(bookmarks, bookmarks.c.account_id == _who),
    _portion(pins, pins.c.account_id == _who),
    _portion(poll_votes, poll_votes.c.account_id == _who),
    _portion(notifications, _told_or_telling(notifications)),
    _portion(notification_requests, _told_or_telling(notification_requests)),
)
# Few rows each, or read by a key that begins with the account.
_REST = (
    Statement(delete(account_notes).where(_both(account_notes))),
    Statement(delete(endorsements).where(_both(endorsements))),
    Statement(delete(dismissed_suggestions).where(_both(dismissed_suggestions))),
    Statement(delete(account_domain_blocks).where(account_domain_blocks.c.account_id == _who)),
    Statement(delete(featured_tags).where(featured_tags.c.account_id == _who)),
    Statement(delete(announcement_reactions).where(announcement_reactions.c.account_id == _who)),
    Statement(delete(announcement_reads).where(announcement_reads.c.account_id == _who)),
    Statement(delete(notification_permissions).where(_told_or_telling(notification_permissions))),
    Statement(delete(notification_policies).where(notification_policies.c.account_id == _who)),
    Statement(delete(thread_mutes).where(thread_mutes.c.account_id == _who)),
    Statement(delete(home_feed).where(home_feed.c.account_id == _who)),
    Statement(delete(lists).where(lists.c.account_id == _who)),
    Statement(delete(list_accounts).where(list_accounts.c.account_id == _who)),
    Statement(delete(filters).where(filters.c.account_id == _who)),
    Statement(delete(idempotency_keys).where(idempotency_keys.c.account_id == _who)),
    Statement(delete(mentions).where(mentions.c.account_id == _who)),
    Statement(delete(annual_reports).where(annual_reports.c.account_id == _who)),
    Statement(delete(email_subscriptions).where(email_subscriptions.c.account_id == _who)),
    Statement(delete(account_keys).where(account_keys.c.account_id == _who)),
)
_LOGIN = Statement(delete(users).where(users.c.account_id == _who))
_HOLD = Query(row, select(accounts.c.id).where(accounts.c.id == _who).with_for_update())
_HOLD_STATUSES: Query[int] = Query(
    int, select(statuses.c.id).where(statuses.c.account_id == _who).order_by(statuses.c.id).with_for_update()
)
_ROW = Statement(delete(accounts).where(accounts.c.id == _who))


async def statuses_of(tx: Tx, account_id: int, most: int) -> list[StatusId]:
    """Some of the account's statuses and reblogs."""
    return await tx.all(_STATUSES, gone=account_id, most=most)


async def files_of(tx: Tx, account_id: int, most: int) -> list[LeftFile]:
    """Some of its attachments."""
    return await tx.all(_FILES, gone=account_id, most=most)


async def remove_some(tx: Tx, account_id: int, most: int) -> bool:
    """Take away up to `most` of each kind of relation, with the counters of the others; False where none is left."""
    left = await _counted(tx, _FOLLOWED, _REMOVE_FOLLOWS, _FEWER_FOLLOWERS, account_id, most)
    left |= await _counted(tx, _FOLLOWERS, _REMOVE_FOLLOWS, _FEWER_FOLLOWED, account_id, most)
    left |= await _counted(tx, _FAVOURITES, _REMOVE_FAVOURITES, _FEWER_FAVOURITES, account_id, most)
    for statement in _PORTIONS:
        left |= await tx.run(statement, gone=account_id, most=most) > 0
    return left


async def remove_rest(tx: Tx, account_id: int) -> None:
    """Take away what is little."""
    for statement in _REST:
        await tx.run(statement, gone=account_id)


async def remove_login(tx: Tx, account_id: int) -> None:
    """Delete the login with its tokens, sessions and markers."""
    await tx.run(_LOGIN, gone=account_id)


async def remove_row(tx: Tx, account_id: int) -> None:
    """Delete the account itself, with statuses that came at the last moment."""
    await tx.one(_HOLD, gone=account_id)
    await arrivals.leave(tx, await tx.all(_HOLD_STATUSES, gone=account_id))
    await tx.run(_ROW, gone=account_id)


async def _counted(tx: Tx, query: Query[Any], remove: Statement, fewer: Statement, account_id: int, most: int) -> bool:
    found = await tx.all(query, gone=account_id, most=most)
    if found:
        await tx.run(remove, ids=[id for id, _ in found])
        await tx.run(fewer, ids=[other for _, other in found])
        changed(tx, *(other for _, other in found))
    return bool(found)
