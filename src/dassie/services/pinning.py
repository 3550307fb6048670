"""Pins: statuses of one's own that stand at the top of the profile."""

from __future__ import annotations

from typing import Literal

from dassie.domain.audience import REBLOGGABLE
from dassie.domain.errors import Invalid
from dassie.domain.ids import new_id
from dassie.domain.jobs import PublishPin
from dassie.server import Server
from dassie.store import queue
from dassie.store.changes import changed
from dassie.store.marks import pins
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusRow

MOST = 5


async def pin(tx: Tx, server: Server, me: AccountView, status: StatusRow) -> None:
    """Pin a status of mine. Pinning it twice is not an error."""
    if status.reblog_of_id is not None:
        raise Invalid("Validation failed: A boost cannot be pinned")
    if status.account_id != me.id:
        raise Invalid("Validation failed: Someone else's post cannot be pinned")
    if status.visibility in ("direct", "limited"):
        raise Invalid("Validation failed: Posts that are only visible to mentioned users cannot be pinned")
    if await pins.has(tx, me.id, status.id):
        return
    if await pins.count(tx, me.id) >= MOST:
        raise Invalid("Validation failed: You have already pinned the maximum number of posts")
    await pins.add(tx, new_id(tx.now), me.id, status.id)
    await _tell(tx, me, status, "Add")


async def unpin(tx: Tx, server: Server, me: AccountView, status: StatusRow) -> None:
    """Take it from the top."""
    if await pins.remove(tx, me.id, status.id):
        await _tell(tx, me, status, "Remove")


async def _tell(tx: Tx, me: AccountView, status: StatusRow, what: Literal["Add", "Remove"]) -> None:
    """Other servers read the list of pinned posts; those of followers are told that it changed."""
    changed(tx, me.id)  # what stands on the profile
    if status.visibility in REBLOGGABLE:  # what is not open does not stand in that list
        await queue.enqueue(tx, PublishPin(what=what, account_id=me.id, uri=status.uri), order=f"status {status.id}")
