"""Accept and Reject: the answer to a Follow of ours, which it names whole or by its id alone."""

from __future__ import annotations

from dassie.federation import quoting, relaying
from dassie.federation.inbound import curated
from dassie.federation.inbound.registry import Dropped, Received, actor_of, inbound, last_change
from dassie.federation.receiving import own_actor_uri
from dassie.server import Server
from dassie.services import following
from dassie.store import accounts, follows, quotes
from dassie.store.tx import Tx
from dassie.store.views import AccountView


@inbound("Accept")
async def on_accept(server: Server, received: Received) -> None:
    """The follow begins; what nobody asked for changes nothing."""
    async with last_change(server) as tx:
        if await _of_relay(tx, server, received, yes=True) or await curated.answered(tx, received, yes=True):
            return
        if await _of_quote(tx, server, received, yes=True):
            return
        target = await actor_of(tx, received)
        await following.follow_accepted(tx, server, await _asker(tx, server, received, target), target)


@inbound("Reject")
async def on_reject(server: Server, received: Received) -> None:
    """The request is refused, or a follow is ended from the other side."""
    async with last_change(server) as tx:
        if await _of_relay(tx, server, received, yes=False) or await curated.answered(tx, received, yes=False):
            return
        if await _of_quote(tx, server, received, yes=False):
            return
        target = await actor_of(tx, received)
        await following.follow_rejected(tx, server, await _asker(tx, server, received, target), target)


async def _of_relay(tx: Tx, server: Server, received: Received, *, yes: bool) -> bool:
    activity = received.activity
    named = {activity.object_id, activity.inner.id if activity.inner is not None else None} - {None}
    answers = [await relaying.answered(tx, server, activity.actor, uri, yes=yes) for uri in named]
    return received.by_actor and any(answers)


async def _of_quote(tx: Tx, server: Server, received: Received, *, yes: bool) -> bool:
    activity = received.activity
    named = [uri for uri in (activity.object_id, activity.inner.id if activity.inner is not None else None) if uri]
    if not received.by_actor or not await quotes.are_requests(tx, named):
        return False
    author = await actor_of(tx, received)
    return await quoting.answered(tx, server, named, author.uri, activity.result, yes=yes)


async def _asker(tx: Tx, server: Server, received: Received, target: AccountView) -> AccountView:
    """Who of ours asked: by the id of the Follow, else by who asked whom.

    The answer counts only from the one who was asked.
    """
    activity = received.activity
    inner = activity.inner
    if inner is not None and inner.type != "Follow":
        raise Dropped("not_a_follow")
    for uri in filter(None, (activity.object_id, inner.id if inner else None)):
        found = await follows.request_by_uri(tx, uri) or await follows.by_uri(tx, uri)
        if found is not None and found.target_id == target.id:
            asker = await accounts.by_id(tx, found.account_id)
            if asker is not None and asker.local:
                return asker
    if inner is not None and inner.object_id == target.uri:
        asker = await accounts.by_uri(tx, own_actor_uri(server.urls, inner.actor))
        if asker is not None and asker.local:
            return asker
    raise Dropped("nobody_asked")
