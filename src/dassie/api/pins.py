"""Pins, and muting the thread of a status."""

from __future__ import annotations

from dassie.api.entities.status_shapes import EncodedStatus
from dassie.api.marking import change_mark, shown_now
from dassie.api.routing import Call, post
from dassie.domain.ids import StatusId
from dassie.services import pinning, thread_muting
from dassie.services.seeing import visible_status


@post("/api/v1/statuses/{id}/pin", scope="write:accounts", takes=[])
async def pin(call: Call, id: StatusId) -> EncodedStatus:
    """Put a status of one's own on top of the profile."""
    async with call.server.write() as tx:
        status = await visible_status(tx, call.me.id, id)
        await pinning.pin(tx, call.server, call.me, status)
    return await shown_now(call, status.id)


@post("/api/v1/statuses/{id}/unpin", scope="write:accounts", takes=[])
async def unpin(call: Call, id: StatusId) -> EncodedStatus:
    """Take it from there."""
    return await change_mark(call, id, pinning.unpin)


@post("/api/v1/statuses/{id}/mute", scope="write:mutes", takes=[])
async def mute_thread(call: Call, id: StatusId) -> EncodedStatus:
    """Hear no more of the thread of this status."""
    return await change_mark(call, id, thread_muting.mute_thread)


@post("/api/v1/statuses/{id}/unmute", scope="write:mutes", takes=[])
async def unmute_thread(call: Call, id: StatusId) -> EncodedStatus:
    """Hear of it again."""
    return await change_mark(call, id, thread_muting.unmute_thread)
