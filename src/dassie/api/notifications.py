"""Notifications, one by one."""

from __future__ import annotations

from dassie.api.entities.notifications import Count, Notification, show_notifications
from dassie.api.entities.shapes import Empty
from dassie.api.paging import paged
from dassie.api.routing import Call, Reply, get, post
from dassie.domain.errors import Invalid, NotFound
from dassie.domain.ids import NotificationId
from dassie.door import taking as take
from dassie.store import markers, notifications
from dassie.store.notifications import Wanted

KEPT = ("types", "exclude_types", "account_id", "include_filtered", "supported_types")
WANTED = [
    take.texts("types", most=50),
    take.texts("exclude_types", most=50),
    take.id("account_id", "Only from this account, what is held back of it as well."),
    take.flag("include_filtered", "Also what is held back."),
]
SUPPORTED = take.texts("supported_types", "Types that the app knows to show.", most=50)


@get("/api/v1/notifications", scope="read:notifications", takes=[*take.page(40, 80), *WANTED, SUPPORTED])
async def list_notifications(call: Call) -> Reply[list[Notification]]:
    """What the caller was told, newest first."""
    page = call.page(40, 80)
    async with call.server.read() as tx:
        found = await notifications.newest(tx, call.me.id, wanted(call), page)
        shown = await show_notifications(
            tx, found, viewer=call.me.id, urls=call.urls, supported=call.params.texts("supported_types", most=50)
        )
    call.looked([one.status_id for one in found if one.status_id is not None])
    return paged(call, shown, [one.id for one in found], keep=KEPT)


@get("/api/v1/notifications/unread_count", scope="read:notifications", takes=[take.limit(100, 1000), *WANTED])
async def unread_count(call: Call) -> Count:
    """How many came after the caller's marker, counted up to `limit`."""
    most = call.params.limit(100, 1000)
    if call.caller is None or call.caller.user is None:
        raise Invalid("This method requires an authenticated user")
    async with call.server.read() as tx:
        read = await markers.last_read(tx, call.caller.user.id, "notifications")
        count = await notifications.count_above(tx, call.me.id, wanted(call), read, most)
    return {"count": count}


@get("/api/v1/notifications/{id}", scope="read:notifications", takes=[SUPPORTED])
async def show(call: Call, id: NotificationId) -> Notification:
    """One notification."""
    async with call.server.read() as tx:
        found = await notifications.by_id(tx, call.me.id, id)
        one, supported = [found] if found else [], call.params.texts("supported_types", most=50)
        shown = await show_notifications(tx, one, viewer=call.me.id, urls=call.urls, supported=supported)
    if not shown:
        raise NotFound
    return shown[0]


@post("/api/v1/notifications/clear", scope="write:notifications", takes=[])
async def clear(call: Call) -> Empty:
    """Delete all that the caller was told."""
    async with call.server.write() as tx:
        await notifications.clear(tx, call.me.id)
    return {}


@post("/api/v1/notifications/{id}/dismiss", scope="write:notifications", takes=[])
async def dismiss(call: Call, id: NotificationId) -> Empty:
    """Delete one notification."""
    async with call.server.write() as tx:
        if not await notifications.dismiss(tx, call.me.id, id):
            raise NotFound
    return {}


def wanted(call: Call) -> Wanted:
    """What is asked for. Of one account also what is held back: so do apps show what a request is about."""
    sender = call.params.id("account_id")
    return Wanted(
        types=call.params.texts("types", most=50),
        exclude_types=call.params.texts("exclude_types", most=50),
        from_account_id=sender,
        filtered=sender is not None or bool(call.params.flag("include_filtered")),
    )
