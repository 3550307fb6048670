"""Blocking: an end of all that two accounts have to do with each other."""

from __future__ import annotations

from typing import Literal

from dassie.domain.errors import NotAllowed
from dassie.domain.ids import new_id
from dassie.domain.jobs import Tell
from dassie.server import Server
from dassie.services import following
from dassie.store import blocks, feed_changes, notification_policies, notifications, queue
from dassie.store.tx import Tx
from dassie.store.views import AccountView


async def block(tx: Tx, server: Server, me: AccountView, target: AccountView) -> None:
    """Block somebody: follows end both ways, their posts leave the home feed, what they caused is forgotten."""
    if target.id == me.id:
        raise NotAllowed
    id = new_id(tx.now)
    uri = f"{me.uri}/blocks/{id}"
    await following.unfollow(tx, server, me, target)
    await following.remove_follower(tx, server, me, target)
    if not await blocks.add(tx, id=id, account_id=me.id, target_id=target.id, uri=uri):
        return
    await _clear(tx, me, target)
    await notification_policies.withdraw(tx, me.id, target.id)
    if not target.local:
        await _tell(tx, "block", me, target, uri)


async def unblock(tx: Tx, server: Server, me: AccountView, target: AccountView) -> None:
    """Lift a block; where there is none, nothing happens."""
    found, uri = await blocks.remove(tx, me.id, target.id)
    if found and not target.local:
        await _tell(tx, "undo_block", me, target, uri)


async def receive_block(tx: Tx, server: Server, blocker: AccountView, target: AccountView, uri: str | None) -> None:
    """Somebody elsewhere blocks one of ours. Told twice, it changes nothing the second time."""
    await following.unfollow(tx, server, target, blocker)
    await following.undo_received(tx, server, blocker, target)
    if await blocks.add(tx, id=new_id(tx.now), account_id=blocker.id, target_id=target.id, uri=uri):
        await _clear(tx, target, blocker)


async def undo_block_received(tx: Tx, server: Server, blocker: AccountView, target: AccountView) -> None:
    """Somebody elsewhere lifts a block."""
    await blocks.remove(tx, blocker.id, target.id)


async def _clear(tx: Tx, me: AccountView, target: AccountView) -> None:
    await feed_changes.take_out(tx, me.id, target.id, concerned=True)
    if target.local:
        await feed_changes.take_out(tx, target.id, me.id)
    await notifications.clear_from(tx, me.id, target.id)


async def _tell(
    tx: Tx, what: Literal["block", "undo_block"], me: AccountView, target: AccountView, uri: str | None
) -> None:
    job = Tell(what=what, account_id=me.id, to_account_id=target.id, uri=uri)
    await queue.enqueue(tx, job, order=following.between(me, target))
