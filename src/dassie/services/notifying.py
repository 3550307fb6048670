"""Telling people here what concerns them, unless they do not want to know."""

from __future__ import annotations

from dassie.domain.ids import AccountId, NotificationId, StatusId, next_id
from dassie.domain.notification_groups import GROUPABLE
from dassie.ports import Event
from dassie.server import Server
from dassie.services import mailing_news, pushing, screening, surging
from dassie.store import collections, notification_groups, notifications
from dassie.store.notifications import Notification, Standing
from dassie.store.tx import Tx

ABOUT_ONESELF = frozenset({"poll", "severed_relationships", "moderation_warning", "annual_report"})
"""Also told when it is one's own doing."""

IN_CROWDS = frozenset({"favourite", "reblog"})
"""When very many come about one status, watchers are told of one in a second."""


async def notify(
    tx: Tx,
    server: Server,
    account_id: int,
    type: str,
    from_account_id: int,
    status_id: int | None = None,
    *,
    collection_id: int | None = None,
) -> bool:
    """Tell `account_id` once, if that is one of ours and nothing stands between the two.

    Whether the recipient may see the status is for the caller to know. Of one collection only the last is kept.
    False where the recipient's policy held it back or dropped it.
    """
    if account_id == from_account_id and type not in ABOUT_ONESELF:
        return True
    between = await notifications.standing(tx, account_id, from_account_id, status_id)
    if between is None or _unwanted(between, type):
        return True
    verdict = await screening.judge(tx, between, account_id, type, from_account_id, status_id)
    if verdict == "drop":
        return False
    filtered = verdict == "filter"
    grouped = type in GROUPABLE and not filtered
    new = Notification(
        id=NotificationId(next_id(tx.now)),
        account_id=AccountId(account_id),
        type=type,
        from_account_id=AccountId(from_account_id),
        status_id=StatusId(status_id) if status_id is not None else None,
        group_key=await notification_groups.key_for(tx, account_id, type, status_id, tx.now) if grouped else "",
        filtered=filtered,
        created_at=tx.now,
    )
    if collection_id is not None:
        await collections.forget_told(tx, account_id, type, collection_id)
        await notifications.insert_event(tx, new)
        await collections.notice(tx, new.id, collection_id)
    elif not await notifications.insert(tx, new):
        return not filtered
    if filtered:
        await screening.hold_back(tx, new)
    elif type in IN_CROWDS and status_id is not None and surging.is_hot(server, status_id):
        await surging.settle_soon(tx, status_id)  # then the newest is told for all
    else:
        await publish(tx, server, new, pushes=between.pushes)
    return not filtered


async def forget(tx: Tx, type: str, account_id: int, from_account_id: int, status_id: int | None = None) -> None:
    """Take back what is no longer so: an unfavourite, an unfollow."""
    await notifications.forget(tx, type, account_id, from_account_id, status_id)


def _unwanted(between: Standing, type: str) -> bool:
    if not between.local or between.suspended:
        return True
    if between.staff and type == "mention":
        return False  # a moderator who writes to somebody must reach them
    return between.blocked or between.muted or between.thread_muted


async def publish(tx: Tx, server: Server, new: Notification, *, pushes: bool = True) -> None:
    """Tell those who watch, once the change is durable, and apps that want to be told at once.

    `pushes`: False where it is known that there are none.
    """
    channels = [f"user:{new.account_id}", f"notifications:{new.account_id}"]
    server.tell(tx, channels, Event("notification", new.id, account_id=new.from_account_id))
    if pushes:
        await pushing.push(tx, new)
    await mailing_news.plan(tx, server, new)
