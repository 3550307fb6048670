"""What others say about collections of recommended accounts, theirs and ours (FEP-7aa9)."""

from __future__ import annotations

from dassie.federation import receiving_collections
from dassie.federation.inbound.registry import Dropped, Received, actor_of, last_change
from dassie.federation.remote import remote_of
from dassie.federation.vocab.curated import is_curated, read_item
from dassie.federation.vocab.values import Ref, same_host
from dassie.server import Server
from dassie.services import curating
from dassie.store import collections
from dassie.store.collections import Collection
from dassie.store.tx import Tx


async def answered(tx: Tx, received: Received, *, yes: bool) -> bool:
    """Accept or Reject of a question of ours; False where it answers something else."""
    activity = received.activity
    named = {activity.object_id, activity.inner.id if activity.inner is not None else None} - {None}
    for uri in named:
        item = await collections.by_request(tx, uri or "")
        if item is None:
            continue
        if not received.by_actor or item.object_uri != activity.actor:
            raise Dropped("not_asked")
        if yes and not (activity.result and same_host(activity.result, activity.actor)):
            raise Dropped("no_proof")
        await curating.answered(tx, item, approval_uri=activity.result if yes else None)
        return True
    return False


async def withdrawn(tx: Tx, received: Received) -> bool:
    """Delete of a proof, by who gave it, or of a whole collection; False where it is about something else."""
    activity = received.activity
    items = await collections.by_approvals(tx, activity.object_ids)
    for item in items:
        if item.object_uri != activity.actor:
            raise Dropped("not_author")
        await curating.withdrawn(tx, item)
    gone = await _own(tx, received, activity.object_ids) if not items else []
    for one in gone:
        await collections.remove(tx, one.id)
    return bool(items or gone)


async def updated(server: Server, received: Received, ref: Ref) -> bool:
    """Update of a collection; False where it is about something else."""
    if not is_curated(ref.doc):
        return False
    await _take(server, received, ref)
    return True


async def added(server: Server, received: Received) -> bool:
    """Add of a collection to those of its owner, or of somebody to one; False for any other target."""
    activity = received.activity
    async with server.read() as tx:
        whole = await _is_list(tx, received)
        within = await _own(tx, received, [activity.target or ""])
    if whole:
        await _take(server, received, activity.objects[0])
        return True
    if not within:
        return False
    ref = activity.objects[0]
    entry = read_item(ref.doc if ref.doc is not None and received.by_actor else ref.id, within[0].uri)
    if entry is None:
        raise Dropped("foreign_object")
    async with last_change(server) as tx:
        await receiving_collections.store_item(tx, server.urls, within[0].id, entry)
    return True


async def removed(tx: Tx, received: Received) -> bool:
    """Remove of the same; False for any other target."""
    activity = received.activity
    if await _is_list(tx, received):
        for one in await _own(tx, received, activity.object_ids):
            await collections.remove(tx, one.id)
        return True
    for one in await _own(tx, received, [activity.target or ""]):
        for uri in activity.object_ids:
            item = await collections.by_item_uri(tx, one.id, uri)
            if item is not None and item.state != "revoked":
                await collections.remove_item(tx, item.id)
        return True
    return False


async def _take(server: Server, received: Received, ref: Ref) -> None:
    if ref.id is None or not same_host(ref.id, received.activity.actor):
        raise Dropped("foreign_object")
    if is_curated(ref.doc) and ref.doc is not None and received.by_actor and "orderedItems" in ref.doc:
        await remote_of(server).take_curated(ref.doc, owner=received.activity.actor)
    else:
        await remote_of(server).curated(ref.id, again=True)


async def _is_list(tx: Tx, received: Received) -> bool:
    target = received.activity.target
    if not target:
        return False
    return target == await collections.address(tx, (await actor_of(tx, received)).id)


async def _own(tx: Tx, received: Received, uris: tuple[str, ...] | list[str]) -> list[Collection]:
    """Those of these that are collections of the one who acts."""
    actor = await actor_of(tx, received)
    return [one for one in (await collections.by_uris(tx, uris)).values() if one.account_id == actor.id]
