"""Bookmarks: statuses kept for later. Only their owner ever sees them."""

from __future__ import annotations

from dassie.api.entities.status_shapes import EncodedStatus
from dassie.api.entities.statuses import show_statuses
from dassie.api.marking import change_mark, clear_mark
from dassie.api.paging import paged
from dassie.api.routing import Call, Reply, get, post
from dassie.domain.ids import StatusId
from dassie.door import taking as take
from dassie.services import bookmarking
from dassie.store.marks import bookmarks


@get("/api/v1/bookmarks", scope="read:bookmarks", takes=[*take.page(20, 40)])
async def list_bookmarks(call: Call) -> Reply[list[EncodedStatus]]:
    """The caller's bookmarks, newest first.

    Ordered by when the bookmark was made, so an old status kept today comes first.
    """
    async with call.server.read() as tx:
        kept = await bookmarks.newest(tx, call.me.id, call.page(20, 40))
        shown = await show_statuses(tx, [status for _, status in kept], viewer=call.me.id, urls=call.urls)
    call.looked([status for _, status in kept])
    return paged(call, shown, [id for id, _ in kept])


@post("/api/v1/statuses/{id}/bookmark", scope="write:bookmarks", takes=[])
async def add_bookmark(call: Call, id: StatusId) -> EncodedStatus:
    """Keep a status. Keeping it twice is not an error."""
    return await change_mark(call, id, bookmarking.bookmark)


@post("/api/v1/statuses/{id}/unbookmark", scope="write:bookmarks", takes=[])
async def remove_bookmark(call: Call, id: StatusId) -> EncodedStatus:
    """Keep it no longer."""
    return await clear_mark(call, id, bookmarks.has, bookmarking.unbookmark)
