"""Being in a collection of recommended accounts: asked by somebody elsewhere, and told what changes."""

from __future__ import annotations

from dassie.domain.errors import NotFound
from dassie.domain.ids import new_id
from dassie.domain.jobs import TellFeature, TellMembers
from dassie.jobs.current import finish_with
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.services import notifying
from dassie.services.featuring import may_feature
from dassie.store import accounts, collections, queue
from dassie.store.collections import Collection, Item
from dassie.store.tx import Tx
from dassie.store.views import AccountView


async def asked(
    tx: Tx, server: Server, me: AccountView, owner: AccountView, collection_id: int, request_uri: str
) -> None:
    """Somebody elsewhere asks to put one of ours into their collection: answered by what the profile says, and once
    one has left, never again with yes. Raises `NotFound` where it is not their collection."""
    known = await collections.by_id(tx, collection_id)
    if known is None or known.account_id != owner.id:
        raise NotFound
    item = await collections.member(tx, known.id, me.id)
    if item is None and await may_feature(tx, owner, me):
        item = await _agree(tx, server, me, known, request_uri)
    elif item is not None and item.state == "accepted":
        await collections.change_item(tx, item.id, request_uri=request_uri)
    yes = item is not None and item.state == "accepted"
    await queue.enqueue(
        tx,
        TellFeature(
            what="accept" if yes else "reject",
            account_id=me.id,
            to_account_id=owner.id,
            collection_uri=known.uri,
            request_uri=request_uri,
            authorization_uri=(item.approval_uri or "") if item is not None and yes else "",
        ),
    )


async def _agree(tx: Tx, server: Server, me: AccountView, known: Collection, request_uri: str) -> Item:
    id = new_id(tx.now)
    proof = server.urls.feature_authorization(me.id, id)
    item = Item(
        id=id,
        collection_id=known.id,
        account_id=me.id,
        uri=proof,  # until their server says how it calls it
        object_uri=me.uri,
        request_uri=request_uri,
        approval_uri=proof,
        state="accepted",
        position=await collections.next_position(tx, known.id),
        created_at=tx.now,
        verified_at=tx.now,
    )
    await collections.insert_item(tx, item)
    await notifying.notify(tx, server, me.id, "added_to_collection", known.account_id, collection_id=known.id)
    return item


async def tell_members(tx: Tx, server: Server, known: Collection) -> None:
    """People here who are in a collection hear that it says something else of itself now."""
    items = (await collections.items(tx, [known.id]))[known.id]
    people = [item.account_id for item in items if item.state == "accepted" and item.account_id is not None]
    for account in (await accounts.by_ids(tx, people)).values():
        if account.local:
            await notifying.notify(
                tx, server, account.id, "collection_update", known.account_id, collection_id=known.id
            )


@handles(TellMembers)
async def tell_of_another(server: Server, job: TellMembers) -> None:
    """The same for a collection of another server, as it was read again."""
    async with server.write() as tx:
        known = await collections.by_id(tx, job.collection_id)
        if known is not None:
            await tell_members(tx, server, known)
        await finish_with(tx)
