"""Notification requests: senders whose mentions are held back, and may be let through."""

from __future__ import annotations

from collections.abc import Sequence

from dassie.api.entities.notification_requests import Merged, NotificationRequest, show_requests
from dassie.api.entities.shapes import Empty
from dassie.api.paging import paged
from dassie.api.routing import Call, Reply, get, post
from dassie.domain.errors import NotFound
from dassie.door import taking as take
from dassie.services import screening
from dassie.store import notification_requests
from dassie.store.tx import Tx

SEVERAL = take.ids("id", most=80)


@get("/api/v1/notifications/requests", scope="read:notifications", takes=[*take.page(40, 80)])
async def list_requests(call: Call) -> Reply[list[NotificationRequest]]:
    """Who asks, newest first."""
    page = call.page(40, 80)
    async with call.server.read() as tx:
        found = await notification_requests.newest(tx, call.me.id, page)
        shown = await show_requests(tx, found, viewer=call.me.id, urls=call.urls)
    return paged(call, shown, [one.id for one in found])


@get("/api/v1/notifications/requests/merged", scope="read:notifications", takes=[])
async def are_merged(call: Call) -> Merged:
    """Whether all that was let through is among the notifications by now."""
    async with call.server.read() as tx:
        return {"merged": await screening.is_merged(tx, call.me.id)}


@get("/api/v1/notifications/requests/{id}", scope="read:notifications", takes=[])
async def show_request(call: Call, id: int) -> NotificationRequest:
    """One who asks."""
    async with call.server.read() as tx:
        shown = await show_requests(tx, await _one(tx, call, id), viewer=call.me.id, urls=call.urls)
    if not shown:
        raise NotFound
    return shown[0]


@post("/api/v1/notifications/requests/accept", scope="write:notifications", takes=[SEVERAL])
async def accept_several(call: Call) -> Empty:
    """Let several through for good; those that do not ask are passed over."""
    async with call.server.write() as tx:
        await screening.accept(tx, call.me.id, await _several(tx, call))
    return {}


@post("/api/v1/notifications/requests/dismiss", scope="write:notifications", takes=[SEVERAL])
async def dismiss_several(call: Call) -> Empty:
    """Forget what is held back of several; those that do not ask are passed over."""
    async with call.server.write() as tx:
        await screening.dismiss(tx, call.me.id, await _several(tx, call))
    return {}


@post("/api/v1/notifications/requests/{id}/accept", scope="write:notifications", takes=[])
async def accept(call: Call, id: int) -> Empty:
    """Let somebody through for good; what was held back is merged in the background."""
    async with call.server.write() as tx:
        await screening.accept(tx, call.me.id, await _one(tx, call, id))
    return {}


@post("/api/v1/notifications/requests/{id}/dismiss", scope="write:notifications", takes=[])
async def dismiss(call: Call, id: int) -> Empty:
    """Forget what is held back of somebody."""
    async with call.server.write() as tx:
        await screening.dismiss(tx, call.me.id, await _one(tx, call, id))
    return {}


async def _one(tx: Tx, call: Call, id: int) -> Sequence[notification_requests.NotificationRequest]:
    found = await notification_requests.by_ids(tx, call.me.id, [id])
    if not found:
        raise NotFound
    return found


async def _several(tx: Tx, call: Call) -> Sequence[notification_requests.NotificationRequest]:
    return await notification_requests.by_ids(tx, call.me.id, call.params.ids("id", most=80))
