"""Lists of people whom the caller follows, each with a timeline of its own."""

from __future__ import annotations

from dassie.api.entities.accounts import Account, show_accounts
from dassie.api.entities.lists import List, show_list
from dassie.api.entities.shapes import Empty
from dassie.api.entities.status_shapes import EncodedStatus
from dassie.api.entities.statuses import show_statuses
from dassie.api.paging import paged
from dassie.api.routing import Call, Reply, delete, get, post, put
from dassie.domain.errors import NotFound
from dassie.domain.ids import AccountId, parse_id
from dassie.domain.paging import Page
from dassie.door import taking as take
from dassie.services import listing
from dassie.store import list_feeds, lists

MOST_AT_ONCE = 1_000
"""People put into a list, or taken out, by one call."""
ALL = 10_000
"""What `limit=0` gives at most."""
SAID = [
    take.word("replies_policy", listing.POLICIES, "Replies to whom are shown."),
    take.flag("exclusive", "Not at home, too."),
]
PEOPLE = take.ids("account_ids", most=MOST_AT_ONCE)


@get("/api/v1/lists", scope="read:lists", takes=[])
async def list_lists(call: Call) -> list[List]:
    """All lists of the caller, the oldest first."""
    async with call.server.read() as tx:
        return [show_list(one) for one in await lists.of(tx, call.me.id)]


@post("/api/v1/lists", scope="write:lists", takes=[take.text("title", required=True), *SAID])
async def create_list(call: Call) -> List:
    """A new, empty list; it shows replies to its members where nothing else is said."""
    title, policy, exclusive = _said(call)
    async with call.server.write() as tx:
        return show_list(await listing.create(tx, call.me, title or "", policy, exclusive))


@get("/api/v1/lists/{id}", scope="read:lists", takes=[])
async def get_list(call: Call, id: int) -> List:
    """One list."""
    async with call.server.read() as tx:
        return show_list(await listing.find(tx, call.me, id))


@put("/api/v1/lists/{id}", scope="write:lists", takes=[take.text("title"), *SAID])
async def change_list(call: Call, id: int) -> List:
    """Change a list; what is not given stays."""
    async with call.server.write() as tx:
        return show_list(await listing.change(tx, call.me, id, *_said(call)))


@delete("/api/v1/lists/{id}", scope="write:lists", takes=[])
async def remove_list(call: Call, id: int) -> Empty:
    """Delete a list; nobody in it hears of it."""
    async with call.server.write() as tx:
        await listing.remove(tx, call.me, id)
    return {}


@get("/api/v1/lists/{id}/accounts", scope="read:lists", takes=[*take.page(40, 80)])
async def list_members(call: Call, id: int) -> Reply[list[Account]]:
    """Who is in a list, by account id; with `limit=0` all at once."""
    asked = call.page(40, 80)
    page = Page(limit=ALL) if asked.limit == 0 else asked
    async with call.server.read() as tx:
        await listing.find(tx, call.me, id)
        found = await lists.members(tx, id, page)
        shown = await show_accounts(tx, found, call.urls)
    if asked.limit == 0:
        return Reply(shown)
    return paged(call, shown, found, prev="since_id", full=len(found) >= page.limit)


@post("/api/v1/lists/{id}/accounts", scope="write:lists", takes=[PEOPLE])
async def add_members(call: Call, id: int) -> Empty:
    """Put people whom the caller follows into a list; all of them or none."""
    people = _people(call)
    async with call.server.write() as tx:
        await listing.put_in(tx, call.me, id, people)
    return {}


@delete("/api/v1/lists/{id}/accounts", scope="write:lists", takes=[PEOPLE])
async def remove_members(call: Call, id: int) -> Empty:
    """Take people out of a list. Who is not in it is no error."""
    people = call.params.ids("account_ids", most=MOST_AT_ONCE)
    async with call.server.write() as tx:
        await listing.take_out(tx, call.me, id, people)
    return {}


@get("/api/v1/accounts/{id}/lists", scope="read:lists", takes=[])
async def lists_with(call: Call, id: AccountId) -> list[List]:
    """The caller's lists that somebody is in."""
    async with call.server.read() as tx:
        return [show_list(one) for one in await listing.lists_with(tx, call.me, id)]


@get("/api/v1/timelines/list/{list_id}", scope="read:lists", takes=[*take.page(20, 40)])
async def timeline(call: Call, list_id: int) -> Reply[list[EncodedStatus]]:
    """What the people in a list wrote: the newest 800 of it."""
    async with call.server.read() as tx:
        await listing.find(tx, call.me, list_id)
        ids = await list_feeds.page(tx, list_id, call.me.id, call.page(20, 40))
        shown = await show_statuses(tx, ids, viewer=call.viewer, urls=call.urls)
    call.looked(ids)
    return paged(call, shown, ids)


def _said(call: Call) -> tuple[str | None, str | None, bool | None]:
    params = call.params
    return params.text("title"), params.text("replies_policy"), params.flag("exclusive")


def _people(call: Call) -> list[int]:
    """The accounts of a call; raises `NotFound` where one cannot be an account."""
    sent = call.params.texts("account_ids", most=MOST_AT_ONCE)
    if any(parse_id(text) is None for text in sent):
        raise NotFound
    return call.params.ids("account_ids", most=MOST_AT_ONCE)
