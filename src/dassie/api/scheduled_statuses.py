"""Scheduled statuses: what the caller wants to post later."""

from __future__ import annotations

from dassie.api.entities.scheduled import ScheduledStatus, show_scheduled
from dassie.api.entities.shapes import Empty
from dassie.api.paging import paged
from dassie.api.routing import Call, Reply, delete, get, put
from dassie.door import taking as take
from dassie.services import scheduling
from dassie.store import scheduled


@get("/api/v1/scheduled_statuses", scope="read:statuses", takes=[*take.page(20, 40)])
async def list_scheduled(call: Call) -> Reply[list[ScheduledStatus]]:
    """The caller's scheduled statuses, the latest made first."""
    async with call.server.read() as tx:
        found = await scheduled.newest(tx, call.me.id, call.page(20, 40))
        files = await scheduling.files_of(tx, found)
    return paged(call, [show_scheduled(one, files[one.id], call.urls) for one in found], [one.id for one in found])


@get("/api/v1/scheduled_statuses/{id}", scope="read:statuses", takes=[])
async def get_scheduled(call: Call, id: int) -> ScheduledStatus:
    """One of the caller's scheduled statuses."""
    async with call.server.read() as tx:
        one = await scheduling.mine(tx, call.me, id)
        files = await scheduling.files_of(tx, [one])
    return show_scheduled(one, files[one.id], call.urls)


@put("/api/v1/scheduled_statuses/{id}", scope="write:statuses", takes=[take.time("scheduled_at")])
async def move_scheduled(call: Call, id: int) -> ScheduledStatus:
    """Post it at another time; without one nothing changes."""
    at = call.params.time("scheduled_at")
    async with call.server.write() as tx:
        one = await scheduling.mine(tx, call.me, id)
        if at is not None:
            one = await scheduling.move(tx, call.me, id, at)
        files = await scheduling.files_of(tx, [one])
    return show_scheduled(one, files[one.id], call.urls)


@delete("/api/v1/scheduled_statuses/{id}", scope="write:statuses", takes=[])
async def cancel_scheduled(call: Call, id: int) -> Empty:
    """Do not post it."""
    async with call.server.write() as tx:
        await scheduling.cancel(tx, call.me, id)
    return {}
