"""FeatureRequest: somebody wants to put one of ours into a collection (FEP-7aa9)."""

from __future__ import annotations

from dassie.federation.inbound.registry import Dropped, Received, actor_of, inbound, last_change, own_account
from dassie.federation.receiving import own_actor_uri
from dassie.federation.remote import remote_of
from dassie.federation.vocab.values import same_host
from dassie.server import Server
from dassie.services import being_curated


@inbound("FeatureRequest")
async def on_feature_request(server: Server, received: Received) -> None:
    """Answer at once by what the person's profile says. Asked again, the same is answered again."""
    activity = received.activity
    uri = activity.instrument.id
    if not received.by_actor or activity.id is None or not same_host(activity.id, activity.actor):
        raise Dropped("not_signed_by_actor")
    if uri is None or not same_host(uri, activity.actor):
        raise Dropped("foreign_object")
    async with server.read() as tx:
        await own_account(tx, own_actor_uri(server.urls, activity.object_id or ""))
    id = await remote_of(server).curated(uri)
    async with last_change(server) as tx:
        owner = await actor_of(tx, received)
        me = await own_account(tx, own_actor_uri(server.urls, activity.object_id or ""))
        await being_curated.asked(tx, server, me, owner, id, activity.id)
