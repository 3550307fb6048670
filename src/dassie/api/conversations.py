"""Conversations: direct messages, one entry per thread."""

from __future__ import annotations

from dassie.api.entities.conversations import Conversation, show_conversations
from dassie.api.entities.shapes import Empty
from dassie.api.paging import paged
from dassie.api.routing import Call, Reply, delete, get, post
from dassie.door import taking as take
from dassie.services import conversing
from dassie.store import conversations


@get("/api/v1/conversations", scope="read:statuses", takes=[*take.page(20, 40)])
async def list_conversations(call: Call) -> Reply[list[Conversation]]:
    """The caller's conversations, the one with the newest message first."""
    page = call.page(20, 40)
    async with call.server.read() as tx:
        found = await conversations.newest(tx, call.me.id, page)
        shown = await show_conversations(tx, found, viewer=call.me.id, urls=call.urls)
    call.looked([one.last_status_id for one in found])
    return paged(call, shown, [one.last_status_id for one in found])


@delete("/api/v1/conversations/{id}", scope="write:conversations", takes=[])
async def forget(call: Call, id: int) -> Empty:
    """Take a conversation off the list; its messages stay."""
    async with call.server.write() as tx:
        await conversing.forget(tx, call.me, id)
    return {}


@post("/api/v1/conversations/{id}/read", scope="write:conversations", takes=[])
async def mark_read(call: Call, id: int) -> Conversation:
    """Say that it was read."""
    return await _mark(call, id, unread=False)


@post("/api/v1/conversations/{id}/unread", scope="write:conversations", takes=[])
async def mark_unread(call: Call, id: int) -> Conversation:
    """Say that it is to be read again."""
    return await _mark(call, id, unread=True)


async def _mark(call: Call, id: int, *, unread: bool) -> Conversation:
    async with call.server.write() as tx:
        found = await conversing.mark(tx, call.me, id, unread=unread)
    async with call.server.read() as tx:
        return (await show_conversations(tx, [found], viewer=call.me.id, urls=call.urls))[0]
