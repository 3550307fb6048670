"""Undo: a follow, favourite, boost or block is taken back; it names that whole or by its id alone."""

from __future__ import annotations

from dassie.federation.inbound.registry import Dropped, Received, actor_of, inbound, last_change, own_account
from dassie.federation.receiving import fits, own_actor_uri, own_status_uri
from dassie.federation.relevance import LIKES
from dassie.federation.vocab.activities import ActivityDoc
from dassie.federation.vocab.values import same_host
from dassie.server import Server
from dassie.services import blocking, favouriting, following, reblogging
from dassie.store import accounts, follows, senders, statuses
from dassie.store.marks import favourites
from dassie.store.tx import Tx
from dassie.store.views import AccountView


@inbound("Undo")
async def on_undo(server: Server, received: Received) -> None:
    """Take it back, only for the one who did it; what was never done here is remembered as undone."""
    activity = received.activity
    inner = activity.inner
    if inner is not None and inner.actor != activity.actor:
        raise Dropped("not_author")
    async with last_change(server) as tx:
        account = await actor_of(tx, received)
        done = await _named(tx, server, account, inner) if inner is not None else False
        uri = inner.id if inner is not None else activity.object_id
        if not done and uri is not None:
            done = await _by_id(tx, server, account, uri)
        if not done and fits(uri) and uri is not None and same_host(uri, account.uri):
            await statuses.bury(tx, uri)


async def _named(tx: Tx, server: Server, account: AccountView, inner: ActivityDoc) -> bool:
    """Undo by what was done to what; False where it was not done here."""
    if inner.type in ("Follow", "Block"):
        target = await own_account(tx, own_actor_uri(server.urls, inner.object_id or ""))
        if inner.type == "Block":
            await blocking.undo_block_received(tx, server, account, target)
            return True
        known = await follows.find(tx, account.id, target.id) or await follows.find_request(tx, account.id, target.id)
        await following.undo_received(tx, server, account, target)
        return known is not None
    if inner.type not in (*LIKES, "Announce"):
        raise Dropped("ignored_type")
    row = await statuses.by_uri(tx, own_status_uri(server.urls, inner.object_id or ""))
    if row is None:
        return False
    if inner.type == "Announce":
        await reblogging.undo_reblog_received(tx, server, account, row)
        return True
    if not await senders.has_favourite(tx, account.id, row.id):
        return False
    if inner.type != "Like" and inner.id is not None and await favourites.uri(tx, account.id, row.id) != inner.id:
        return False  # another of several reactions; the one that counts stays
    await favouriting.undo_favourite_received(tx, server, account, row)
    return True


async def _by_id(tx: Tx, server: Server, account: AccountView, uri: str) -> bool:
    """Undo by the id alone; False where nothing of this account has it."""
    follow = await follows.by_uri(tx, uri) or await follows.request_by_uri(tx, uri)
    if follow is not None and follow.account_id == account.id:
        target = await accounts.by_id(tx, follow.target_id)
        if target is not None:
            await following.undo_received(tx, server, account, target)
            return True
    boost = await statuses.by_uri(tx, uri)
    if boost is not None and boost.account_id == account.id and boost.reblog_of_id is not None:
        original = await statuses.by_id(tx, boost.reblog_of_id)
        if original is not None:
            await reblogging.undo_reblog_received(tx, server, account, original)
            return True
    liked = await senders.favourite_by_uri(tx, account.id, uri)
    row = await statuses.by_id(tx, liked) if liked is not None else None
    if row is not None:
        await favouriting.undo_favourite_received(tx, server, account, row)
        return True
    blocked = await senders.block_by_uri(tx, account.id, uri)
    target = await accounts.by_id(tx, blocked) if blocked is not None else None
    if target is not None:
        await blocking.undo_block_received(tx, server, account, target)
    return target is not None
