"""Collections of recommended accounts of ours, for other servers: by the number of their owner."""

from __future__ import annotations

from dassie.domain.errors import NotFound
from dassie.domain.ids import parse_id
from dassie.door.negotiation import wants_page
from dassie.federation.outbound import curated
from dassie.federation.outbound.terms import Doc, with_context
from dassie.federation.readers import check_open
from dassie.federation.routing import Document, Visit, get
from dassie.federation.serving import moved_to_page, serve
from dassie.store import accounts, collections
from dassie.store.collections import Collection, Item
from dassie.store.tx import Tx
from dassie.store.views import AccountView

MOST = 40


@get("/ap/users/{id}/featured_collections")
async def featured_collections(visit: Visit, id: str) -> Document:
    """What somebody here wants others to discover, whole."""
    await check_open(visit)
    urls = visit.server.urls
    async with visit.server.read() as tx:
        owner = await _owner(tx, id)
        found = await collections.of(tx, owner.id, hidden=False, limit=MOST)
        items = [curated.collection(one, await agreed(tx, one), owner, urls) for one in found]
    uri = urls.curated(owner.id)
    doc: Doc = {"id": uri, "type": "Collection", "attributedTo": owner.uri, "totalItems": len(items), "items": items}
    return serve(visit, with_context(doc, curated.CURATED_CONTEXT), everybody=False)


@get("/ap/users/{id}/collections/{collection_id}")
async def collection(visit: Visit, id: str, collection_id: str) -> Document:
    """One collection; browsers are sent to its page."""
    if wants_page(visit.request):
        return moved_to_page(visit.server.urls.collection_page(parse_id(collection_id) or 0))
    await check_open(visit)
    async with visit.server.read() as tx:
        owner = await _owner(tx, id)
        one = await _collection(tx, owner, collection_id)
        made = curated.collection(one, await agreed(tx, one), owner, visit.server.urls)
    return serve(visit, with_context(made, curated.CURATED_CONTEXT), everybody=False)


@get("/ap/users/{id}/collection_items/{item_id}")
async def collection_item(visit: Visit, id: str, item_id: str) -> Document:
    """Somebody who agreed to be in one."""
    await check_open(visit)
    async with visit.server.read() as tx:
        owner = await _owner(tx, id)
        item = await collections.item(tx, parse_id(item_id) or 0)
        one = await collections.by_id(tx, item.collection_id) if item is not None else None
        if item is None or one is None or one.account_id != owner.id or not one.local:
            raise NotFound
        found = [account for each, account in await agreed(tx, one) if each.id == item.id]
    if not found:
        raise NotFound
    return serve(visit, with_context(curated.item(item, found[0]), curated.CURATED_CONTEXT), everybody=False)


@get("/ap/users/{id}/feature_authorizations/{item_id}")
async def feature_authorization(visit: Visit, id: str, item_id: str) -> Document:
    """The proof that somebody here agreed to be in a collection, as long as they do."""
    await check_open(visit)
    async with visit.server.read() as tx:
        member = await _owner(tx, id)
        item = await collections.item(tx, parse_id(item_id) or 0)
        if item is None or item.account_id != member.id or item.state != "accepted" or not item.approval_uri:
            raise NotFound
        one = await collections.by_id(tx, item.collection_id)
    if one is None:
        raise NotFound
    proof = curated.authorization(item.approval_uri, one.uri, member.uri)
    return serve(visit, with_context(proof, curated.AUTHORIZATION_CONTEXT), everybody=False)


async def agreed(tx: Tx, one: Collection) -> list[tuple[Item, AccountView]]:
    """Those who agreed to be in a collection, in order, without the suspended."""
    items = [item for item in (await collections.items(tx, [one.id]))[one.id] if item.state == "accepted"]
    people = await accounts.by_ids(tx, [item.account_id for item in items if item.account_id is not None])
    known = [(item, people.get(item.account_id)) for item in items if item.account_id is not None]
    return [(item, account) for item, account in known if account is not None and account.suspended_at is None]


async def _owner(tx: Tx, id: str) -> AccountView:
    found = await accounts.by_id(tx, parse_id(id) or 0)
    if found is None or not found.local or found.id < 0 or found.suspended_at is not None:
        raise NotFound
    return found


async def _collection(tx: Tx, owner: AccountView, id: str) -> Collection:
    found = await collections.by_id(tx, parse_id(id) or 0)
    if found is None or found.account_id != owner.id or not found.local:
        raise NotFound
    return found
