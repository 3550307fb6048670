"""Move: an account lives elsewhere from now on. The new one must say itself that the old one is its own."""

from __future__ import annotations

from dassie.federation.inbound.registry import Dropped, Received, actor_of, inbound, last_change
from dassie.federation.receiving import own_actor_uri
from dassie.server import Server
from dassie.services import moving
from dassie.store import accounts, outgoing


@inbound("Move")
async def on_move(server: Server, received: Received) -> None:
    """Ask for the new account's document as it is now; where it names the old one, those who follow here go along."""
    activity = received.activity
    if not received.by_actor or activity.object_id != activity.actor:
        raise Dropped("not_author")
    target = own_actor_uri(server.urls, activity.target or "")
    if target in ("", activity.actor):
        raise Dropped("no_target")
    async with server.read() as tx:
        await actor_of(tx, received)
    new_id = await server.remote.account(target, fresh=True)
    async with last_change(server) as tx:
        old = await actor_of(tx, received)
        new = await accounts.by_id(tx, new_id)
        known = await outgoing.known(tx, new_id)
        if new is None or new.id == old.id or new.suspended_at is not None or new.moved_to_uri:
            raise Dropped("no_target")
        if old.uri not in known.also_known_as:
            raise Dropped("not_an_alias")
        await moving.moved(tx, server, old, new)
