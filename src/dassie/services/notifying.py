"""Telling people here what concerns them, unless they do not want to know."""

from __future__ import annotations

from dassie.domain.ids import AccountId, NotificationId, StatusId, new_id
from dassie.domain.notification_groups import GROUPABLE
from dassie.ports import Event
from dassie.server import Server
from dassie.services import surging
from dassie.store import notification_groups, notifications
from dassie.store.notifications import Notification, Standing
from dassie.store.tx import Tx

ABOUT_ONESELF = frozenset({"poll"})
"""Also told when it is one's own doing."""
FILTERABLE = frozenset({"mention", "quote", "reblog", "favourite", "follow", "follow_request"})
"""Hidden when the sender is limited and not followed (limits_and_rules section 15)."""

IN_CROWDS = frozenset({"favourite", "reblog"})
"""When very many come about one status, watchers are told of one in a second."""


async def notify(
    tx: Tx, server: Server, account_id: int, type: str, from_account_id: int, status_id: int | None = None
) -> None:
    """Tell `account_id` once, if that is one of ours and nothing stands between the two.

    Whether the recipient may see the status is for the caller to know.
    """
    if account_id == from_account_id and type not in ABOUT_ONESELF:
        return
    between = await notifications.standing(tx, account_id, from_account_id, status_id)
    if between is None or _unwanted(between, type):
        return
    filtered = between.silenced and not between.following and type in FILTERABLE
    grouped = type in GROUPABLE and not filtered
    new = Notification(
        id=NotificationId(new_id(tx.now)),
        account_id=AccountId(account_id),
        type=type,
        from_account_id=AccountId(from_account_id),
        status_id=StatusId(status_id) if status_id is not None else None,
        group_key=await notification_groups.key_for(tx, account_id, type, status_id, tx.now) if grouped else "",
        filtered=filtered,
        created_at=tx.now,
    )
    if not await notifications.insert(tx, new) or filtered:
        return
    if type in IN_CROWDS and status_id is not None and surging.is_hot(server, status_id):
        await surging.settle_soon(tx, status_id)  # then the newest is told for all
    else:
        publish(tx, server, new)


async def forget(tx: Tx, type: str, account_id: int, from_account_id: int, status_id: int | None = None) -> None:
    """Take back what is no longer so: an unfavourite, an unfollow."""
    await notifications.forget(tx, type, account_id, from_account_id, status_id)


def _unwanted(between: Standing, type: str) -> bool:
    if not between.local or between.suspended:
        return True
    if between.staff and type == "mention":
        return False  # a moderator who writes to somebody must reach them
    return between.blocked or between.muted or between.thread_muted


def publish(tx: Tx, server: Server, new: Notification) -> None:
    """Tell those who watch, once the change is durable."""
    channels = [f"user:{new.account_id}", f"notifications:{new.account_id}"]
    server.tell(tx, channels, Event("notification", new.id, account_id=new.from_account_id))
