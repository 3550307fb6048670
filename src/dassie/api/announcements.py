"""What the staff announce."""

from __future__ import annotations

from dassie.api.entities.announcements import Announcement, show_announcements
from dassie.api.entities.shapes import Empty
from dassie.api.routing import Call, delete, get, post, put
from dassie.services import announcing
from dassie.store import announcements


@get("/api/v1/announcements", scope="", user=True, takes=[])
async def list_announcements(call: Call) -> list[Announcement]:
    """What is announced now, oldest first, also what was read."""
    async with call.server.read() as tx:
        found = await announcements.current(tx)
        return await show_announcements(tx, call.server, found, viewer=call.me.id)


@post("/api/v1/announcements/{id}/dismiss", scope="write:accounts", takes=[])
async def dismiss_announcement(call: Call, id: int) -> Empty:
    """Mark one as read."""
    async with call.server.write() as tx:
        await announcing.dismiss(tx, call.me, id)
    return {}


@put("/api/v1/announcements/{id}/reactions/{name}", scope="write:favourites", takes=[])
async def add_reaction(call: Call, id: int, name: str) -> Empty:
    """React with an emoji, or with one of ours by its shortcode."""
    async with call.server.write() as tx:
        await announcing.react(tx, call.server, call.me, id, name)
    return {}


@delete("/api/v1/announcements/{id}/reactions/{name}", scope="write:favourites", takes=[])
async def remove_reaction(call: Call, id: int, name: str) -> Empty:
    """Take the reaction back."""
    async with call.server.write() as tx:
        await announcing.unreact(tx, call.server, call.me, id, name)
    return {}
