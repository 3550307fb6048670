"""Bookmarks: statuses kept for later. Nobody is told."""

from __future__ import annotations

from dassie.domain.ids import new_id
from dassie.server import Server
from dassie.store.marks import bookmarks
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusRow


async def bookmark(tx: Tx, server: Server, me: AccountView, status: StatusRow) -> None:
    """Keep a status that I see. Keeping it twice is not an error."""
    await bookmarks.add(tx, new_id(tx.now), me.id, status.id)


async def unbookmark(tx: Tx, server: Server, me: AccountView, status: StatusRow) -> None:
    """Keep it no longer."""
    await bookmarks.remove(tx, me.id, status.id)
