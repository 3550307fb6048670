"""Another server's collections of recommended accounts, taken in: who is in one shows once their server proves it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dassie.domain import html
from dassie.domain.collections import MOST_ITEMS_ELSEWHERE
from dassie.domain.errors import RemoteFailed
from dassie.domain.ids import new_id
from dassie.domain.jobs import TellMembers, VerifyCollectionItem
from dassie.domain.text import clean
from dassie.domain.urls import Urls
from dassie.federation.receiving import fits, own_actor_uri
from dassie.federation.vocab.curated import CuratedDoc, CuratedItemDoc
from dassie.federation.vocab.values import host_of, same_host
from dassie.store import accounts, collections, queue
from dassie.store.collections import Collection, Item
from dassie.store.tx import Tx
from dassie.store.views import AccountView

PROVED_FOR = timedelta(days=7)
"""After so long a proof is asked for again."""


async def store(tx: Tx, urls: Urls, doc: CuratedDoc, owner: AccountView) -> int:
    """Keep a collection as its server gives it now; what is older than ours changes nothing. Its id."""
    if not fits(doc.uri):
        raise RemoteFailed("The id of the collection is too long", kind="malformed")
    updated = doc.updated or doc.published or tx.now
    values = _values(tx, doc, updated)
    known = await collections.by_uri(tx, doc.uri)
    if known is None:
        id, created = new_id(tx.now), min(doc.published or tx.now, tx.now)
        new = Collection(id=id, account_id=owner.id, uri=doc.uri, local=False, created_at=created, **values)
        if await collections.insert(tx, new):
            await _store_items(tx, urls, id, doc)
            return id
        known = await collections.by_uri(tx, doc.uri)  # it came in twice at once
    if known is None or known.account_id != owner.id:
        raise RemoteFailed("The collection belongs to somebody else", kind="malformed", uri=doc.uri)
    if known.updated_at > updated:
        return known.id
    await collections.change(tx, known.id, **values)
    if (known.name, known.description) != (values["name"], values["description"]):
        await queue.enqueue(tx, TellMembers(collection_id=known.id), unique=str(known.id))
    await _store_items(tx, urls, known.id, doc)
    return known.id


def _values(tx: Tx, doc: CuratedDoc, updated: datetime) -> dict[str, Any]:
    return {
        "url": doc.url if fits(doc.url) and doc.url else doc.uri,
        "name": html.plain(clean(doc.name)),
        "description": html.sanitise(clean(doc.summary)),
        "language": doc.language,
        "tag": clean(doc.topic),
        "sensitive": doc.sensitive,
        "discoverable": doc.discoverable,
        "total": doc.total,
        "updated_at": updated,
        "fetched_at": tx.now,
    }


async def store_item(
    tx: Tx, urls: Urls, collection_id: int, entry: CuratedItemDoc, position: int | None = None
) -> bool:
    """Keep an item as its server gives it now, and have its proof asked for; False where nobody agreed to it."""
    if not all(fits(uri) for uri in (entry.uri, entry.object_uri, entry.authorization_uri) if uri):
        return False
    prior = await collections.by_item_uri(tx, collection_id, entry.uri)
    account = await accounts.by_uri(tx, own_actor_uri(urls, entry.object_uri)) if entry.object_uri else None
    if account is not None and account.local:
        return await _store_own(tx, collection_id, account, entry, position)
    if entry.object_uri and not same_host(entry.object_uri, entry.authorization_uri):
        return False
    if prior is None:
        prior = await _insert(tx, collection_id, entry, position)
        if prior is None:
            return False
    elif prior.state == "revoked":
        return True
    else:
        same = (prior.object_uri, prior.approval_uri or "") == (entry.object_uri, entry.authorization_uri)
        changes: dict[str, Any] = {} if position is None else {"position": position}
        if not same and entry.object_uri:
            changes |= {"object_uri": entry.object_uri, "approval_uri": entry.authorization_uri}
            changes |= {"state": "pending", "account_id": None, "verified_at": None}
        if changes:
            await collections.change_item(tx, prior.id, **changes)
        proved = prior.state == "accepted" and prior.verified_at is not None
        if (same or not entry.object_uri) and proved and tx.now - (prior.verified_at or tx.now) < PROVED_FOR:
            return True
    host = host_of(entry.authorization_uri or entry.uri)
    await queue.enqueue(tx, VerifyCollectionItem(item_id=prior.id), host=host, unique=str(prior.id))
    return True


async def _store_items(tx: Tx, urls: Urls, id: int, doc: CuratedDoc) -> None:
    kept = {item.uri for item in await collections.all_items(tx, id)}
    listed: set[str] = set()
    for position, entry in enumerate(doc.items, 1):
        if await store_item(tx, urls, id, entry, position):
            listed.add(entry.uri)
    for item in await collections.all_items(tx, id):
        # One of ours who agreed a moment ago is not listed yet, and has our own proof for an id.
        waits = item.uri == item.approval_uri
        if item.uri in kept and item.uri not in listed and not waits and item.state != "revoked":
            await collections.remove_item(tx, item.id)


async def _store_own(
    tx: Tx, collection_id: int, account: AccountView, entry: CuratedItemDoc, position: int | None
) -> bool:
    """Only what one of ours agreed to counts, whatever the other server says."""
    item = await collections.member(tx, collection_id, account.id)
    if item is None:
        return False
    if item.state == "accepted":
        where = {} if position is None else {"position": position}
        await collections.change_item(tx, item.id, uri=entry.uri, **where)
    return item.state in ("accepted", "revoked")


async def _insert(tx: Tx, collection_id: int, entry: CuratedItemDoc, position: int | None) -> Item | None:
    if len(await collections.all_items(tx, collection_id)) >= MOST_ITEMS_ELSEWHERE:
        return None
    new = Item(
        id=new_id(tx.now),
        collection_id=collection_id,
        account_id=None,
        uri=entry.uri,
        object_uri=entry.object_uri,
        request_uri=None,
        approval_uri=entry.authorization_uri or None,
        state="pending",
        position=position if position is not None else await collections.next_position(tx, collection_id),
        created_at=min(entry.published or tx.now, tx.now),
        verified_at=None,
    )
    return new if await collections.insert_item(tx, new) else None
