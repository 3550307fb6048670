"""Favourites: statuses the caller likes, and who likes a status."""

from __future__ import annotations

from dassie.api.entities.accounts import Account
from dassie.api.entities.status_shapes import EncodedStatus
from dassie.api.entities.statuses import show_statuses
from dassie.api.marking import change_mark, clear_mark, list_people
from dassie.api.paging import paged
from dassie.api.routing import Call, Reply, get, post
from dassie.domain.ids import StatusId
from dassie.door import taking as take
from dassie.services import favouriting
from dassie.store.marks import favourites


@get("/api/v1/favourites", scope="read:favourites", takes=[*take.page(20, 40)])
async def list_favourites(call: Call) -> Reply[list[EncodedStatus]]:
    """What the caller favourited, the latest favourite first."""
    async with call.server.read() as tx:
        kept = await favourites.newest(tx, call.me.id, call.page(20, 40))
        shown = await show_statuses(tx, [status for _, status in kept], viewer=call.me.id, urls=call.urls)
    call.looked([status for _, status in kept])
    return paged(call, shown, [id for id, _ in kept])


@post("/api/v1/statuses/{id}/favourite", scope="write:favourites", takes=[])
async def add_favourite(call: Call, id: StatusId) -> EncodedStatus:
    """Favourite a status; its author is told."""
    return await change_mark(call, id, favouriting.favourite)


@post("/api/v1/statuses/{id}/unfavourite", scope="write:favourites", takes=[])
async def remove_favourite(call: Call, id: StatusId) -> EncodedStatus:
    """Take it back."""
    return await clear_mark(call, id, favourites.has, favouriting.unfavourite)


@get("/api/v1/statuses/{id}/favourited_by", scope="read:accounts?", takes=[*take.page(40, 80)])
async def list_favouriters(call: Call, id: StatusId) -> Reply[list[Account]]:
    """Who favourited a status, the latest first."""
    return await list_people(call, id, favourites.of_status)
