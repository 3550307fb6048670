"""What the endpoints about one status have in common: find it, do something with it, show it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from dassie.api.entities.accounts import Account, show_account
from dassie.api.entities.status_shapes import EncodedStatus
from dassie.api.entities.statuses import show_status
from dassie.api.paging import paged
from dassie.api.routing import Call, Reply
from dassie.domain.errors import NotFound
from dassie.domain.ids import AccountId
from dassie.domain.paging import Page
from dassie.server import Server
from dassie.services.seeing import proper_status
from dassie.store import accounts, statuses
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusRow

Has = Callable[[Tx, int, int], Awaitable[bool]]
Change = Callable[[Tx, Server, AccountView, StatusRow], Awaitable[object]]
People = Callable[[Tx, int, Page, AccountId | None], Awaitable[list[tuple[int, AccountId]]]]


async def change_mark(call: Call, id: int, change: Change) -> EncodedStatus:
    """Do `change` with a status the caller sees (of a reblog: with what it shows), and show it afterwards."""
    async with call.server.write() as tx:
        status = await proper_status(tx, call.me.id, id)
        await change(tx, call.server, call.me, status)
    return await shown_now(call, status.id)


async def clear_mark(call: Call, id: int, has: Has, clear: Change) -> EncodedStatus:
    """Take a mark of the caller's off a status, though they may not see it any more, and show it as far as may be."""
    async with call.server.write() as tx:
        found = await statuses.by_id(tx, id)
        proper_id = id if found is None or found.reblog_of_id is None else found.reblog_of_id
        marked = await statuses.by_id(tx, proper_id) if await has(tx, call.me.id, proper_id) else None
        status = marked or await proper_status(tx, call.me.id, id)
        await clear(tx, call.server, call.me, status)
    return await shown_still(call, status.id)


async def shown_still(call: Call, id: int) -> EncodedStatus:
    """A status that the caller marked while they could see it: as they see it, or else as a guest does."""
    async with call.server.read() as tx:
        shown = await show_status(tx, id, viewer=call.viewer, urls=call.urls)
        shown = shown or await show_status(tx, id, viewer=None, urls=call.urls)
    if shown is None:
        raise NotFound
    return shown


async def shown_now(call: Call, id: int) -> EncodedStatus:
    """A status as the caller sees it; raises `NotFound` where that is not at all.

    Never within the unit that changes it: what is kept encoded must not come from a change that may be undone.
    """
    async with call.server.read() as tx:
        shown = await show_status(tx, id, viewer=call.viewer, urls=call.urls)
    if shown is None:
        raise NotFound
    return shown


async def list_people(call: Call, id: int, people: People) -> Reply[list[Account]]:
    """A page of the accounts that did something with a status."""
    page = call.page(40, 80)
    async with call.server.read() as tx:
        status = await proper_status(tx, call.viewer, id)
        found = await people(tx, status.id, page, call.viewer)
        known = await accounts.by_ids(tx, [account for _, account in found])
    shown = [show_account(known[account], call.urls) for _, account in found if account in known]
    return paged(call, shown, [row for row, _ in found], prev="since_id", full=len(found) == page.limit)
