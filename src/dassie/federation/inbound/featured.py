"""Add and Remove: somebody pins a post of their own or puts a hashtag on their profile, or takes it away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from dassie.domain.ids import new_id
from dassie.federation.inbound import curated
from dassie.federation.inbound.registry import Dropped, Received, actor_of, inbound, last_change
from dassie.federation.receiving import hashtags
from dassie.federation.vocab.tags import read_tags
from dassie.federation.vocab.values import same_host
from dassie.server import Server
from dassie.services import featuring_tags
from dassie.store import accounts, statuses
from dassie.store.marks import pins
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusRow

MOST = 20
HASHTAG = "Hashtag"
ChangeTag = Callable[[Tx, int, str, str], Awaitable[None]]


@inbound("Add")
async def on_add(server: Server, received: Received) -> None:
    """Pin it, where the collection is the actor's own pinned posts; any other collection is ignored."""
    if received.activity.object_type == HASHTAG:
        await _change_tag(server, received, featuring_tags.received_one)
        return
    if await curated.added(server, received):
        return
    await _check_known(server, received)
    async with last_change(server) as tx:
        account, row = await _pinnable(tx, received)
        if await pins.count(tx, account.id) < MOST and await pins.add(tx, new_id(tx.now), account.id, row.id):
            await statuses.touch(tx, row.id)


@inbound("Remove")
async def on_remove(server: Server, received: Received) -> None:
    """Unpin it."""
    if received.activity.object_type == HASHTAG:
        await _change_tag(server, received, featuring_tags.removed_one)
        return
    async with last_change(server) as tx:
        if await curated.removed(tx, received):
            return
        account, row = await _pinnable(tx, received)
        if await pins.remove(tx, account.id, row.id):
            await statuses.touch(tx, row.id)


async def _change_tag(server: Server, received: Received, change: ChangeTag) -> None:
    """Mastodon names hashtags of a profile with the collection of pinned posts as the target."""
    named = hashtags(read_tags([received.activity.object]).hashtags)
    if not received.by_actor or not named:
        raise Dropped("unsupported_object")
    async with last_change(server) as tx:
        account = await _own_collection(tx, received)
        await change(tx, account.id, *named[0])


async def _check_known(server: Server, received: Received) -> None:
    """Fetch the post where it is not known yet; raises `Dropped` for other collections."""
    activity = received.activity
    async with server.read() as tx:
        await _own_collection(tx, received)
    if not same_host(activity.object_id, activity.actor):
        raise Dropped("foreign_object")
    await server.remote.status(activity.object_id or "")


async def _own_collection(tx: Tx, received: Received) -> AccountView:
    account = await actor_of(tx, received)
    known = await accounts.endpoints(tx, [account.id])
    featured = known[account.id].featured_url
    if not featured or received.activity.target != featured:
        raise Dropped("other_collection")
    return account


async def _pinnable(tx: Tx, received: Received) -> tuple[AccountView, StatusRow]:
    account = await _own_collection(tx, received)
    row = await statuses.by_uri(tx, received.activity.object_id or "")
    if row is None:
        raise Dropped("unknown_object")
    if row.account_id != account.id or row.reblog_of_id is not None or row.visibility in ("direct", "limited"):
        raise Dropped("not_author")
    return account, row
