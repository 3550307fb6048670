"""Muting: not reading somebody, who never learns of it. Nothing is told to other servers."""

from __future__ import annotations

from datetime import timedelta

from dassie.domain.errors import Invalid, NotAllowed
from dassie.domain.ids import new_id
from dassie.domain.jobs import FillFeed
from dassie.jobs.registry import recurs
from dassie.server import Server
from dassie.store import feed_changes, follows, mutes, notifications, queue
from dassie.store.tx import Tx
from dassie.store.views import AccountView

LONGEST = 10 * 365 * 86_400
"""Seconds; a mute that is to last longer can be without an end."""
AT_ONCE = 200


async def mute(
    tx: Tx,
    server: Server,
    me: AccountView,
    target: AccountView,
    *,
    hide_notifications: bool = True,
    duration: int | None = None,
) -> None:
    """Mute somebody for `duration` seconds (0 or None: without end), with what they would notify of or without.

    Muting again sets both anew.
    """
    if target.id == me.id:
        raise NotAllowed
    if duration and not 0 < duration <= LONGEST:
        raise Invalid(f"Validation failed: duration must be from 0 to {LONGEST}")
    await mutes.put(
        tx,
        id=new_id(tx.now),
        account_id=me.id,
        target_id=target.id,
        hide_notifications=hide_notifications,
        expires_at=tx.now + timedelta(seconds=duration) if duration else None,
    )
    await feed_changes.take_out(tx, me.id, target.id, concerned=True)
    if hide_notifications:
        await notifications.clear_from(tx, me.id, target.id)


async def unmute(tx: Tx, server: Server, me: AccountView, target: AccountView) -> None:
    """Read somebody again; where there is no mute, nothing happens."""
    if await mutes.remove(tx, me.id, target.id):
        await _read_again(tx, me.id, target.id)


@recurs(timedelta(minutes=5))
async def remove_expired_mutes(server: Server) -> None:
    """Take away mutes that ran out; those who are followed come back into the home feed."""
    while True:
        async with server.write() as tx:
            gone = await mutes.remove_run_out(tx, AT_ONCE)
            for account_id, target_id in gone:
                await _read_again(tx, account_id, target_id)
        if len(gone) < AT_ONCE:
            return


async def _read_again(tx: Tx, account_id: int, target_id: int) -> None:
    if await follows.following(tx, account_id, target_id):
        await queue.enqueue(tx, FillFeed(account_id=account_id, target_id=target_id))
