"""Markers: where the caller stopped reading."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dassie.api.entities.values import stamp
from dassie.api.routing import Call, get, post
from dassie.domain.errors import Invalid
from dassie.services import marking
from dassie.store import markers
from dassie.store.logins import User
from dassie.store.markers import Marker


@get("/api/v1/markers", scope="read:statuses")
async def read_markers(call: Call) -> dict[str, Any]:
    """Markers of the timelines asked for, as far as there are any."""
    asked = [name for name in call.params.texts("timeline", most=20) if name in marking.TIMELINES]
    async with call.server.read() as tx:
        found = await markers.read(tx, _user(call).id, asked)
    return _shown(found.values())


@post("/api/v1/markers", scope="write:statuses")
async def set_markers(call: Call) -> dict[str, Any]:
    """Remember what was read last; 409 where another device does so at the same moment."""
    read: dict[str, int] = {}
    for timeline in marking.TIMELINES:
        child = call.params.child(timeline)
        id = child.id("last_read_id") if child is not None else None
        if id is not None:
            read[timeline] = id
    async with call.server.write() as tx:
        found = await marking.mark_read(tx, _user(call).id, read)
    return _shown(found)


def _user(call: Call) -> User:
    if call.caller is None or call.caller.user is None:
        raise Invalid("This method requires an authenticated user")
    return call.caller.user


def _shown(found: Iterable[Marker]) -> dict[str, Any]:
    return {
        marker.timeline: {
            "last_read_id": str(marker.last_read_id),
            "version": marker.version,
            "updated_at": stamp(marker.updated_at),
        }
        for marker in found
    }
