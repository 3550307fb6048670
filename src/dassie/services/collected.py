"""Collections of recommended accounts, as somebody sees them; those of other servers are read again when looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from dassie.domain.jobs import FetchCollection, FetchCollections
from dassie.server import Server
from dassie.store import blocks, collections, queue
from dassie.store.collections import Collection, Item
from dassie.store.tx import Tx
from dassie.store.views import AccountView

STALE = timedelta(days=1)
"""So old a collection of another server may be that somebody looks at."""


async def list_of(tx: Tx, account: AccountView, viewer: int | None, *, limit: int, offset: int) -> list[Collection]:
    """Somebody's collections as far as the viewer may see them, the newest first."""
    if account.suspended_at is not None:
        return []
    if viewer is not None and await blocks.blocking(tx, account.id, viewer):
        return []
    return await collections.of(tx, account.id, hidden=viewer == account.id, limit=limit, offset=offset)


async def members(tx: Tx, found: Sequence[Collection], viewer: int | None) -> dict[int, list[Item]]:
    """Who is in collections, by collection: the owner also sees who was asked; nobody sees whom they block."""
    known = await collections.items(tx, [one.id for one in found])
    everybody = {item.account_id for items in known.values() for item in items if item.account_id is not None}
    blocked = await collections.blocked_among(tx, viewer, everybody) if viewer is not None else set()
    own = {one.id for one in found if one.account_id == viewer}
    return {
        id: [
            item
            for item in items
            if item.account_id not in blocked
            and item.account_id is not None
            and (item.state == "accepted" or id in own)
        ]
        for id, items in known.items()
    }


async def look(server: Server, found: Collection) -> None:
    """Somebody looks at a collection: one of another server is read again where it is old."""
    if found.local or (found.fetched_at is not None and server.clock.now() - found.fetched_at < STALE):
        return
    async with server.write() as tx:
        await queue.enqueue(tx, FetchCollection(uri=found.uri), host=_host(found.uri), unique=found.uri)


async def look_at_all(server: Server, account: AccountView) -> None:
    """Somebody looks at which collections an account has: another server's are asked for where that is long ago."""
    if account.local:
        return
    async with server.read() as tx:
        due = await collections.are_due(tx, account.id, tx.now - STALE)
    if due:
        async with server.write() as tx:
            job = FetchCollections(account_id=account.id)
            await queue.enqueue(tx, job, host=_host(account.uri), unique=str(account.id))


def _host(uri: str) -> str:
    return urlsplit(uri).netloc.lower()
