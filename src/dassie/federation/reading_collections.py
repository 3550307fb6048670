"""Jobs that read collections of recommended accounts elsewhere, and ask whether those in them agreed."""

from __future__ import annotations

from dassie.domain.collections import MOST_ELSEWHERE
from dassie.domain.errors import NotAllowed, NotFound, RemoteFailed
from dassie.domain.jobs import FetchCollection, FetchCollections, VerifyCollectionItem
from dassie.federation.inbound.handling import LASTING, last_try
from dassie.federation.remote import remote_of
from dassie.federation.vocab.collections import CollectionDoc
from dassie.federation.vocab.curated import is_curated, read_authorization, read_item
from dassie.federation.vocab.documents import Malformed
from dassie.federation.vocab.values import Ref, same_host
from dassie.jobs.current import finish_with
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.store import accounts, collections
from dassie.store.collections import Item
from dassie.store.tx import Tx

MOST_PAGES = 5


@handles(FetchCollection)
async def fetch_collection(server: Server, job: FetchCollection) -> None:
    """Read a collection again; one that is gone there goes here too."""
    try:
        await remote_of(server).curated(job.uri, again=True)
    except NotFound:
        async with server.write() as tx:
            known = await collections.by_uri(tx, job.uri)
            if known is not None and not known.local:
                await collections.remove(tx, known.id)
            await finish_with(tx)
    except NotAllowed:
        return
    except RemoteFailed as failed:
        _or_raise(failed)


@handles(FetchCollections)
async def fetch_collections(server: Server, job: FetchCollections) -> None:
    """Read which collections somebody elsewhere lets be discovered, within bounds."""
    async with server.read() as tx:
        account = await accounts.by_id(tx, job.account_id)
        url = await collections.address(tx, job.account_id)
    if account is None or account.local or account.suspended_at is not None or not url:
        return
    try:
        for ref in await _listed(server, url, account.uri):
            await _take(server, ref, account.uri)
    except (NotFound, NotAllowed):
        pass
    except RemoteFailed as failed:
        _or_raise(failed)
    async with server.write() as tx:
        await collections.note_read(tx, account.id)
        await finish_with(tx)


async def _listed(server: Server, url: str, of: str) -> list[Ref]:
    """The items of a paged collection: a few pages, each once."""
    found: list[Ref] = []
    page: CollectionDoc | None = await remote_of(server).collection(url, of=of)
    seen = {url}
    while page is not None and len(found) < MOST_ELSEWHERE:
        found += page.items
        after = page.next
        if page.first_page is not None:
            found += page.first_page.items
            after = page.first_page.next
        elif not page.items:
            after = page.first or page.next
        page = None
        if after and after not in seen and len(seen) < MOST_PAGES:
            seen.add(after)
            page = await remote_of(server).collection(after, of=of)
    return found[:MOST_ELSEWHERE]


async def _take(server: Server, ref: Ref, owner: str) -> None:
    if ref.id is None or not same_host(ref.id, owner):
        return
    try:
        if ref.doc is not None and is_curated(ref.doc) and ref.doc.get("orderedItems") is not None:
            await remote_of(server).take_curated(ref.doc, owner=owner)
        else:
            await remote_of(server).curated(ref.id, again=False)
    except (NotFound, NotAllowed, Malformed):
        return
    except RemoteFailed as failed:
        if failed.kind not in LASTING:
            raise


@handles(VerifyCollectionItem)
async def verify_item(server: Server, job: VerifyCollectionItem) -> None:
    """Ask the server of somebody in a collection for the proof; without it they are not shown."""
    async with server.read() as tx:
        item = await collections.item(tx, job.item_id)
        known = await collections.by_id(tx, item.collection_id) if item is not None else None
    if item is None or known is None or known.local or item.state == "revoked":
        return
    try:
        item = await _whole(server, item, known.uri)
        account_id = await _proved(server, item, known.uri) if item is not None else None
    except (NotFound, NotAllowed, Malformed):
        account_id = None
    except RemoteFailed as failed:
        _or_raise(failed)
        account_id = None
    async with server.write() as tx:
        await _settle(tx, job.item_id, item, account_id)
        await finish_with(tx)


async def _whole(server: Server, item: Item, collection_uri: str) -> Item | None:
    """The item with what it says; one that is only named is fetched."""
    if item.object_uri:
        return item
    found = await remote_of(server).document(item.uri)
    read = read_item(found.doc, collection_uri)
    if read is None or read.uri != item.uri or not same_host(read.object_uri, read.authorization_uri):
        return None
    async with server.write() as tx:
        await collections.change_item(tx, item.id, object_uri=read.object_uri, approval_uri=read.authorization_uri)
        return await collections.item(tx, item.id)


async def _proved(server: Server, item: Item, collection_uri: str) -> int | None:
    """Who agreed, as their own server says; None where it says something else."""
    if not item.approval_uri or not same_host(item.approval_uri, item.object_uri):
        return None
    found = await remote_of(server).document(item.approval_uri, again=True)
    proof = read_authorization(found.doc)
    if (proof.collection, proof.actor) != (collection_uri, item.object_uri):
        return None
    return await remote_of(server).stranger(item.object_uri)


async def _settle(tx: Tx, id: int, asked: Item | None, account_id: int | None) -> None:
    item = await collections.item(tx, id)
    if item is None or item.state == "revoked":
        return
    if account_id is None:
        await collections.change_item(tx, id, state="rejected", account_id=None)
        return
    if asked is not None and (item.object_uri, item.approval_uri) != (asked.object_uri, asked.approval_uri):
        return  # it was changed meanwhile, and is asked for again
    other = await collections.member(tx, item.collection_id, account_id)
    if other is not None and other.id != id:
        await collections.remove_item(tx, id)
        return
    await collections.change_item(tx, id, state="accepted", account_id=account_id, verified_at=tx.now)


def _or_raise(failed: RemoteFailed) -> None:
    """Raises again what another try may cure."""
    if failed.kind not in LASTING and not last_try():
        raise failed
