"""Notifications in groups, as newer clients read them."""

from __future__ import annotations

from dassie.api.entities.accounts import Account, show_accounts
from dassie.api.entities.notification_groups import GroupedNotificationsResults, show_groups
from dassie.api.entities.notifications import Count
from dassie.api.entities.shapes import Empty
from dassie.api.notifications import SUPPORTED, WANTED, wanted
from dassie.api.paging import Page, paged
from dassie.api.routing import Call, Reply, get, post
from dassie.domain.errors import BadRequest, Invalid, NotFound
from dassie.domain.notification_groups import GROUPABLE
from dassie.door import taking as take
from dassie.server import PerServer
from dassie.store import markers, notification_groups, notifications
from dassie.store.kept_groups import KeptGroups

KEPT = (
    "types",
    "exclude_types",
    "account_id",
    "grouped_types",
    "include_filtered",
    "expand_accounts",
    "supported_types",
)
GROUPED = take.texts("grouped_types", "Types that are told together; none named: all that can be.", most=50)
groups_of = PerServer(lambda _: KeptGroups())
EXPAND = take.word("expand_accounts", ("full", "partial_avatars"))


@get(
    "/api/v2_alpha/notifications",
    scope="read:notifications",
    takes=[*take.page(40, 80), *WANTED, GROUPED, SUPPORTED, EXPAND],
)
@get(
    "/api/v2/notifications", scope="read:notifications", takes=[*take.page(40, 80), *WANTED, GROUPED, SUPPORTED, EXPAND]
)
async def list_groups(call: Call) -> Reply[GroupedNotificationsResults]:
    """What the caller was told, in groups; `limit` counts groups, the cursors are notifications."""
    page, partial = call.page(40, 80), _partial(call)
    async with call.server.read() as tx:
        part = await groups_of(call.server).part(tx, call.me.id, wanted(call), page, _grouped(call))
        shown = await show_groups(
            tx,
            part.groups,
            viewer=call.me.id,
            urls=call.urls,
            in_page=True,
            partial=partial,
            supported=_supported(call),
        )
    call.looked([one.newest.status_id for one in part.groups if one.newest.status_id is not None])
    return paged(call, shown, part.cursors(), keep=KEPT)


@get(
    "/api/v2_alpha/notifications/unread_count",
    scope="read:notifications",
    takes=[take.limit(100, 1000), *WANTED, GROUPED],
)
@get("/api/v2/notifications/unread_count", scope="read:notifications", takes=[take.limit(100, 1000), *WANTED, GROUPED])
async def count_unread_groups(call: Call) -> Count:
    """How many groups came after the caller's marker, counted up to `limit`."""
    most = call.params.limit(100, 1000)
    if call.caller is None or call.caller.user is None:
        raise Invalid("This method requires an authenticated user")
    async with call.server.read() as tx:
        read = await markers.last_read(tx, call.caller.user.id, "notifications")
        page = Page(limit=most, min_id=read)
        count = await notification_groups.count(tx, call.me.id, wanted(call), page, _grouped(call))
    return {"count": count}


@get("/api/v2_alpha/notifications/{group_key}", scope="read:notifications", takes=[SUPPORTED])
@get("/api/v2/notifications/{group_key}", scope="read:notifications", takes=[SUPPORTED])
async def show_group(call: Call, group_key: str) -> GroupedNotificationsResults:
    """One group."""
    async with call.server.read() as tx:
        found = await notification_groups.by_key(tx, call.me.id, group_key)
        one, supported = [found] if found else [], _supported(call)
        shown = await show_groups(tx, one, viewer=call.me.id, urls=call.urls, supported=supported)
    if not shown["notification_groups"]:
        raise NotFound
    return shown


@get("/api/v2/notifications/{group_key}/accounts", scope="read:notifications", takes=[*take.page(40, 80)])
async def list_group_accounts(call: Call, group_key: str) -> Reply[list[Account]]:
    """Everyone behind a group, newest first."""
    page = call.page(40, 80)
    async with call.server.read() as tx:
        found = await notification_groups.members(tx, call.me.id, group_key, page)
        shown = await show_accounts(tx, [one.from_account_id for one in found], call.urls)
    return paged(call, shown, [one.id for one in found], full=len(found) == page.limit)


@post("/api/v2/notifications/clear", scope="write:notifications", takes=[])
async def clear_groups(call: Call) -> Empty:
    """Delete all that the caller was told."""
    async with call.server.write() as tx:
        await notifications.clear(tx, call.me.id)
    return {}


@post("/api/v2_alpha/notifications/{group_key}/dismiss", scope="write:notifications", takes=[])
@post("/api/v2/notifications/{group_key}/dismiss", scope="write:notifications", takes=[])
async def dismiss_group(call: Call, group_key: str) -> Empty:
    """Delete a group. Doing so twice is not an error."""
    async with call.server.write() as tx:
        await notification_groups.dismiss(tx, call.me.id, group_key)
    return {}


def _grouped(call: Call) -> frozenset[str]:
    """The types that are told together; without any named, all that can be."""
    asked = call.params.texts("grouped_types", most=50)
    return GROUPABLE & frozenset(asked) if asked else GROUPABLE


def _supported(call: Call) -> list[str]:
    return call.params.texts("supported_types", most=50)


def _partial(call: Call) -> bool:
    asked = call.params.text("expand_accounts") or "full"
    if asked not in ("full", "partial_avatars"):
        allowed = "allowed values are 'full' and 'partial_avatars'"
        raise BadRequest(f"Invalid value for 'expand_accounts': '{asked[:100]}', {allowed}")
    return asked == "partial_avatars"
