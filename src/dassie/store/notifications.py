"""Notifications: what somebody here is told about."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    Integer,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    not_,
    null,
    or_,
    select,
)

from dassie.domain.ids import AccountId, NotificationId, StatusId
from dassie.domain.notification_policies import RULES, NotificationPolicy
from dassie.domain.paging import Page
from dassie.store.dialect import any_of, put_once
from dassie.store.domain_blocks import refused
from dassie.store.notification_policies import permitted
from dassie.store.paging import PagedQuery
from dassie.store.tables import (
    accounts,
    blocks,
    follows,
    mentions,
    mutes,
    notification_policies,
    notifications,
    peers,
    push_subscriptions,
    statuses,
    thread_mutes,
    users,
)
from dassie.store.tx import Query, Statement, Tx
from dassie.store.types import UtcTime


class Notification(Struct, frozen=True):
    """One thing somebody is told."""

    id: NotificationId
    account_id: AccountId
    type: str
    from_account_id: AccountId
    status_id: StatusId | None
    group_key: str
    """What it is told together with; empty where it stands alone."""
    filtered: bool
    created_at: datetime


class Standing(Struct, frozen=True):
    """What stands between a recipient and a sender."""

    local: bool
    """The recipient is ours and not suspended."""
    following: bool
    blocked: bool
    """Also where the recipient blocks the sender's server, and does not follow the sender."""
    muted: bool
    """With notifications."""
    thread_muted: bool
    silenced: bool
    """The sender, by our moderators."""
    suspended: bool
    """The sender, or the whole server."""
    staff: bool
    """The sender is one of our moderators."""
    follower_since: datetime | None
    created_at: datetime
    """The sender."""
    bot: bool
    permitted: bool
    """The recipient let the sender through for good."""
    pushes: bool
    """An app of the recipient wants to be told at once."""
    policy: NotificationPolicy


_me = bindparam("recipient", type_=BigInteger)
_them = bindparam("sender", type_=BigInteger)
_status = bindparam("about", type_=BigInteger)


def _with_policy(*values: Any) -> Standing:
    chosen = values[-len(RULES) :]
    policy = NotificationPolicy(*chosen) if chosen[0] is not None else NotificationPolicy()
    facts: list[Any] = [*values[: -len(RULES)], policy]
    return Standing(*facts)


def _standing() -> Query[Standing]:
    mine = accounts.alias("mine")

    def between(table: Any, *more: Any) -> Any:
        return exists().where(table.c.account_id == _me, table.c.target_id == _them, *more)

    still = or_(mutes.c.expires_at.is_(null()), mutes.c.expires_at > bindparam("at", type_=UtcTime))
    thread = select(statuses.c.thread_id).where(statuses.c.id == _status).scalar_subquery()
    peer_gone = exists().where(peers.c.domain == accounts.c.domain, peers.c.suspended_at.is_not(null()))
    staff = exists().where(
        users.c.account_id == accounts.c.id,
        users.c.role.in_([literal_column(f"'{role}'") for role in ("Owner", "Admin", "Moderator")]),
    )
    return Query(
        _with_policy,
        select(
            and_(mine.c.domain == literal_column("''"), mine.c.suspended_at.is_(null())),
            between(follows),
            or_(between(blocks), and_(refused(_me, _them), not_(between(follows)))),
            between(mutes, mutes.c.hide_notifications, still),
            exists().where(thread_mutes.c.account_id == _me, thread_mutes.c.thread_id == thread),
            accounts.c.silenced_at.is_not(null()),
            or_(accounts.c.suspended_at.is_not(null()), peer_gone),
            staff,
            select(follows.c.created_at)
            .where(follows.c.account_id == _them, follows.c.target_id == _me)
            .scalar_subquery(),
            accounts.c.created_at,
            accounts.c.actor_type.in_([literal_column("'Service'"), literal_column("'Application'")]),
            permitted(_me, _them),
            exists().where(push_subscriptions.c.account_id == _me),
            *(notification_policies.c[rule] for rule in RULES),
        )
        .select_from(
            mine.join(accounts, accounts.c.id == _them).outerjoin(
                notification_policies, notification_policies.c.account_id == mine.c.id
            )
        )
        .where(mine.c.id == _me),
    )


def _unasked() -> Query[int]:
    # Upwards from what the message answers, as far as the recipient's private mention of the sender may be.
    earlier = statuses.alias("earlier")
    first = select(statuses.c.in_reply_to_id.label("id"), literal_column("1", Integer).label("depth")).where(
        statuses.c.id == _status, statuses.c.in_reply_to_id.is_not(null())
    )
    thread = first.cte("thread", recursive=True)
    thread = thread.union_all(
        select(earlier.c.in_reply_to_id, thread.c.depth + 1).where(
            earlier.c.id == thread.c.id, earlier.c.in_reply_to_id.is_not(null()), thread.c.depth < literal_column("100")
        )
    )
    asked = (
        exists()
        .where(
            earlier.c.id == thread.c.id,
            earlier.c.account_id == _me,
            earlier.c.visibility == literal_column("'direct'"),
            mentions.c.status_id == earlier.c.id,
            mentions.c.account_id == _them,
            not_(mentions.c.silent),
        )
        .correlate(None)
    )
    return Query(
        int,
        select(statuses.c.id).where(
            statuses.c.id == _status, statuses.c.visibility == literal_column("'direct'"), not_(asked)
        ),
    )


_STANDING = _standing()
_UNASKED = _unasked()
_COLUMNS = Notification.__struct_fields__
_INSERT = Statement(put_once(notifications, *_COLUMNS))
_same = and_(
    notifications.c.account_id == _me,
    notifications.c.type == bindparam("type_is", type_=Text),
    notifications.c.from_account_id == _them,
)
_without_status = notifications.c.status_id.is_(null())
_with_status = notifications.c.status_id == _status
_THERE = Query(int, select(notifications.c.id).where(_same, _without_status).limit(1))
_FORGET = {
    True: Statement(delete(notifications).where(_same, _with_status)),
    False: Statement(delete(notifications).where(_same, _without_status)),
}


async def standing(tx: Tx, recipient: int, sender: int, status_id: int | None) -> Standing | None:
    """What stands between the two; None where one of them is gone."""
    return await tx.one(_STANDING, recipient=recipient, sender=sender, about=status_id, at=tx.now)


async def is_unasked(tx: Tx, recipient: int, sender: int, status_id: int) -> bool:
    """Whether this is a private mention that answers none of the recipient's, as far as a hundred posts up."""
    return await tx.one(_UNASKED, recipient=recipient, sender=sender, about=status_id) is not None


async def insert(tx: Tx, new: Notification) -> bool:
    """Keep a notification; False where the same is there already."""
    if new.status_id is None:  # NULLs are all different to a unique key
        known = await tx.one(_THERE, recipient=new.account_id, sender=new.from_account_id, type_is=new.type)
        if known is not None:
            return False
    return await tx.run(_INSERT, **{name: getattr(new, name) for name in _COLUMNS}) > 0


async def insert_event(tx: Tx, new: Notification) -> None:
    """Keep a notification of an event: each is told, however many of them there are."""
    await tx.run(_INSERT, **{name: getattr(new, name) for name in _COLUMNS})


async def forget(tx: Tx, type: str, account_id: int, from_account_id: int, status_id: int | None = None) -> None:
    """Take back what is no longer so."""
    params: dict[str, Any] = {"recipient": account_id, "sender": from_account_id, "type_is": type}
    if status_id is not None:
        params["about"] = status_id
    await tx.run(_FORGET[status_id is not None], **params)


# Reading -------------------------------------------------------------------------------------------

_columns = [notifications.c[name] for name in _COLUMNS]


@cache
def conditions(only: bool, without: bool, sender: bool, filtered: bool) -> tuple[Any, ...]:
    found: list[Any] = [notifications.c.account_id == _me]
    if only:
        found.append(any_of(notifications.c.type, "only"))
    if without:
        found.append(not_(any_of(notifications.c.type, "without")))
    if sender:
        found.append(notifications.c.from_account_id == _them)
    if not filtered:
        found.append(not_(notifications.c.filtered))
    return tuple(found)


@cache
def _listed(*variant: bool) -> PagedQuery:
    return PagedQuery(Notification, select(*_columns).where(*conditions(*variant)), notifications.c.id)


@cache
def _counted(*variant: bool) -> Query[int]:
    newer = notifications.c.id > bindparam("above", type_=BigInteger)
    inner = (
        select(notifications.c.id)
        .where(*conditions(*variant), newer)
        .limit(bindparam("most", type_=Integer))
        .subquery()
    )
    return Query(int, select(func.count()).select_from(inner))


_BY_ID = Query(
    Notification, select(*_columns).where(notifications.c.id == bindparam("id_is"), notifications.c.account_id == _me)
)
_BY_IDS = Query(
    Notification, select(*_columns).where(any_of(notifications.c.id, "ids"), notifications.c.account_id == _me)
)
_NEWEST_ABOUT = Query(
    Notification,
    select(*_columns)
    .where(
        notifications.c.account_id == _me,
        notifications.c.id >= bindparam("at_least", type_=BigInteger),
        notifications.c.type == bindparam("type_is", type_=Text),
        notifications.c.status_id == _status,
        not_(notifications.c.filtered),
    )
    .order_by(notifications.c.id.desc())
    .limit(literal_column("1")),
)
_DISMISS = Statement(
    delete(notifications).where(
        notifications.c.id == bindparam("id_is", type_=BigInteger), notifications.c.account_id == _me
    )
)
_CLEAR = Statement(delete(notifications).where(notifications.c.account_id == _me))
_CLEAR_FROM = Statement(
    delete(notifications).where(notifications.c.account_id == _me, notifications.c.from_account_id == _them)
)


# What was reported stays the business of the staff, whoever reported it.
_FORGET_SENDERS = Statement(
    delete(notifications).where(
        any_of(notifications.c.from_account_id, "senders"), notifications.c.type != literal_column("'admin.report'")
    )
)


class Wanted(Struct, frozen=True):
    """Which notifications are asked for."""

    types: Collection[str] = ()
    """Only these; empty: all."""
    exclude_types: Collection[str] = ()
    from_account_id: int | None = None
    filtered: bool = False
    """Also those that a rule hides."""

    def variant(self) -> tuple[bool, bool, bool, bool]:
        return bool(self.types), bool(self.exclude_types), self.from_account_id is not None, self.filtered

    def params(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.types:
            found["only"] = list(self.types)
        if self.exclude_types:
            found["without"] = list(self.exclude_types)
        if self.from_account_id is not None:
            found["sender"] = self.from_account_id
        return found


async def newest(tx: Tx, account_id: int, wanted: Wanted, page: Page) -> list[Notification]:
    """What somebody was told, newest first."""
    return await _listed(*wanted.variant()).read(tx, page, recipient=account_id, **wanted.params())


async def count_above(tx: Tx, account_id: int, wanted: Wanted, above: int, most: int) -> int:
    """How many are newer than the one with id `above`, counted up to `most`."""
    query = _counted(*wanted.variant())
    return await tx.one(query, recipient=account_id, above=above, most=most, **wanted.params()) or 0


async def newest_about(tx: Tx, account_id: int, type: str, status_id: int, *, since: int) -> Notification | None:
    """The newest of this type about a status, where it has at least the id `since`; nothing that a rule hides."""
    return await tx.one(_NEWEST_ABOUT, recipient=account_id, type_is=type, about=status_id, at_least=since)


async def by_ids(tx: Tx, account_id: int, ids: Collection[int]) -> list[Notification]:
    """Several of somebody's notifications, in no order."""
    return await tx.all(_BY_IDS, recipient=account_id, ids=list(ids))


async def by_id(tx: Tx, account_id: int, id: int) -> Notification | None:
    """One of somebody's notifications."""
    return await tx.one(_BY_ID, recipient=account_id, id_is=id)


async def dismiss(tx: Tx, account_id: int, id: int) -> bool:
    """Delete one; False where there is none."""
    return await tx.run(_DISMISS, recipient=account_id, id_is=id) > 0


async def clear(tx: Tx, account_id: int) -> None:
    """Delete all that somebody was told."""
    await tx.run(_CLEAR, recipient=account_id)


async def forget_senders(tx: Tx, ids: Collection[int]) -> None:
    """Delete what anybody here was told about these, who are hidden now: it could not be shown, but would count."""
    if ids:
        await tx.run(_FORGET_SENDERS, senders=list(ids))


async def clear_from(tx: Tx, account_id: int, from_account_id: int) -> None:
    """Delete all that somebody was told about one sender."""
    await tx.run(_CLEAR_FROM, recipient=account_id, sender=from_account_id)
