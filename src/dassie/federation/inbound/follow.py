"""Follow, and Block: what somebody elsewhere wants to have, or not to have, to do with one of ours."""

from __future__ import annotations

from dassie.domain.ids import INSTANCE_ACCOUNT_ID
from dassie.domain.jobs import Tell
from dassie.federation import relaying
from dassie.federation.inbound.registry import Dropped, Received, actor_of, inbound, last_change, own_account
from dassie.federation.receiving import own_actor_uri
from dassie.server import Server
from dassie.services import blocking, following
from dassie.store import queue, statuses
from dassie.store.tx import Tx
from dassie.store.views import AccountView


@inbound("Follow")
async def on_follow(server: Server, received: Received) -> None:
    """Accept it, or ask the one it is about; told again, it is answered again."""
    activity = received.activity
    if activity.id is None:
        raise Dropped("no_id")  # it could not be answered
    async with last_change(server) as tx:
        follower = await actor_of(tx, received)
        target = await own_account(tx, own_actor_uri(server.urls, activity.object_id or ""))
        if target.id == INSTANCE_ACCOUNT_ID:
            await _follow_back(tx, follower, activity.id)
            return
        if await statuses.is_buried(tx, activity.id):
            raise Dropped("undone_before")
        await following.receive_follow(tx, server, follower, target, activity.id)


async def _follow_back(tx: Tx, follower: AccountView, uri: str) -> None:
    """Nobody follows the server itself but the relays in which it takes part: they pass its posts on."""
    if not await relaying.is_relay(tx, follower.uri):
        raise Dropped("nobody_here")
    tell = Tell("accept_follow", account_id=INSTANCE_ACCOUNT_ID, to_account_id=follower.id, uri=uri)
    await queue.enqueue(tx, tell, unique=uri)


@inbound("Block")
async def on_block(server: Server, received: Received) -> None:
    """End what the two have to do with each other. With a target it is a ban from a community: not ours."""
    activity = received.activity
    if activity.target is not None:
        raise Dropped("community_ban")
    async with last_change(server) as tx:
        blocker = await actor_of(tx, received)
        target = await own_account(tx, own_actor_uri(server.urls, activity.object_id or ""))
        await blocking.receive_block(tx, server, blocker, target, activity.id)
