"""Markers: where the caller stopped reading."""

from __future__ import annotations

from dassie.api.entities.markers import Markers, show_markers
from dassie.api.routing import Call, get, post
from dassie.domain.errors import Invalid
from dassie.door import taking as take
from dassie.services import marking
from dassie.store import markers
from dassie.store.logins import User


@get("/api/v1/markers", scope="read:statuses", takes=[take.words("timeline", marking.TIMELINES, most=20)])
async def read_markers(call: Call) -> Markers:
    """Markers of the timelines asked for, as far as there are any."""
    asked = [name for name in call.params.texts("timeline", most=20) if name in marking.TIMELINES]
    async with call.server.read() as tx:
        found = await markers.read(tx, _user(call).id, asked)
    return show_markers(found.values())


@post(
    "/api/v1/markers",
    scope="write:statuses",
    takes=[take.object(name, [take.id("last_read_id")]) for name in marking.TIMELINES],
)
async def set_markers(call: Call) -> Markers:
    """Remember what was read last; 409 where another device does so at the same moment."""
    read: dict[str, int] = {}
    for timeline in marking.TIMELINES:
        child = call.params.child(timeline)
        id = child.id("last_read_id") if child is not None else None
        if id is not None:
            read[timeline] = id
    async with call.server.write() as tx:
        found = await marking.mark_read(tx, _user(call).id, read)
    return show_markers(found)


def _user(call: Call) -> User:
    if call.caller is None or call.caller.user is None:
        raise Invalid("This method requires an authenticated user")
    return call.caller.user
