"""Muting threads: no more notifications of what is written in them."""

from __future__ import annotations

from dassie.server import Server
from dassie.store import threads
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusRow


async def mute_thread(tx: Tx, server: Server, me: AccountView, status: StatusRow) -> None:
    """Hear no more of the thread this status is in."""
    await threads.mute(tx, me.id, status.thread_id)


async def unmute_thread(tx: Tx, server: Server, me: AccountView, status: StatusRow) -> None:
    """Hear of it again."""
    await threads.unmute(tx, me.id, status.thread_id)
